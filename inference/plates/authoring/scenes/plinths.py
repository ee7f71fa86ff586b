"""Painted plinths of several heights in sage, one broad and low in the middle."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import cove
from inference.plates.authoring.scene import Piece, Scene, Stage, View, level_views
from inference.plates.authoring.shapes import disc, rounded_box
from inference.plates.authoring.textures import plaster
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

_painted = partial(plaster, relief_cm=0.02, mottle=0.012)
WALL = Material(partial(_painted, seed=131, colour=(186, 196, 178)), 1.0)
PALE = Material(
    partial(plaster, seed=132, colour=(206, 213, 198), relief_cm=0.02, mottle=0.012), 0.8
)
DEEP = Material(
    partial(plaster, seed=133, colour=(150, 165, 143), relief_cm=0.02, mottle=0.015), 0.8
)
CLAY = Material(
    partial(plaster, seed=134, colour=(222, 190, 165), relief_cm=0.02, mottle=0.012), 0.8
)


def build(view: View) -> Stage:
    """A low plinth for the product, taller ones stepping up behind, a clay ball for contrast."""
    key = Softbox((-150, 165, 120), (0, 8, 0), 80, 80, level=2.2, kelvin=5300)
    back = Softbox((150, 140, -60), (0, 12, -10), 50, 90, level=0.5, kelvin=5900)
    pieces = (
        cove(WALL, back=85, radius=45, y=-7),
        Piece(disc(25, 7, 0.45).moved(y=-7), PALE, Surface.GROUND),
        Piece(rounded_box(26, 27, 26, 0.5).turned(12).moved(-36, -7, -26), PALE, Surface.PROP),
        Piece(rounded_box(18, 15, 18, 0.5).turned(-20).moved(-46, -7, 6), DEEP, Surface.PROP),
        Piece(disc(13, 38, 0.5).moved(35, -7, -34), DEEP, Surface.PROP),
        Piece(disc(11, 13, 0.5).moved(43, -7, -2), CLAY, Surface.PROP),
    )
    return Stage(
        pieces,
        (
            Lighting("key", "Softbox left", GroupKind.KEY, (key,)),
            Lighting("back", "Light from behind", GroupKind.RIM, (back,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.7, 6200)),
        ),
    )


SCENE = Scene(
    slug="sage-plinths",
    title="Stacked plinths",
    description="Painted plinths in sage and clay, stepped like a stage.",
    tags=Tags(
        moods=("calm", "modern"),
        seasons=("all", "spring"),
        suits=("cosmetics", "shoes", "candles", "bottles", "electronics"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(4.0, 34.0, 40.0, 36.0, (0.3, 3.0)),
    views=level_views(180, 12),
    build=build,
    ground=PALE,
    level=0.52,
)
