"""A stone just above rippled water, sun through leaves."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import foliage_gobo
from inference.plates.authoring.scene import Piece, Scene, Stage, View, level_views
from inference.plates.authoring.shapes import disc, pebble, sweep
from inference.plates.authoring.textures import plaster, pool, stone
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

WATER = Material(partial(pool, seed=29), reflectance=0.022, relief=0.8)
SLATE = Material(
    partial(stone, seed=37, dark=(150, 147, 142), middle=(186, 182, 175), light=(208, 204, 196)),
    relief=0.7,
)
WALL = Material(partial(plaster, seed=38, colour=(198, 217, 219), relief_cm=0.03, mottle=0.01))


def build(view: View) -> Stage:
    """Water to the back, a pale backdrop, a round stone 2.4 cm out of it, two pebbles."""
    key = sun(azimuth_deg=-58, height_deg=40, level=2.4, softness_deg=0.8, kelvin=5200)
    twigs = foliage_gobo(key, 43, distance=130, spread=32, leaves=8, leaf_length=13, aim=(10, 30))
    floor = sweep(half_width=420, front=420, back=150, height=420, radius=30, y=-2.6)
    pieces = (
        Piece(
            sweep(half_width=420, front=420, back=120, height=1, radius=0.9, y=-2.4),
            WATER,
            Surface.PROP,
        ),
        Piece(floor, WALL, Surface.WALL),
        Piece(disc(21, 6.4, 0.7).moved(y=-6.4), SLATE, Surface.GROUND),
        Piece(pebble(51, length=13).turned(40).moved(-33, -4.2, -12), SLATE, Surface.PROP),
        Piece(pebble(52, length=8).turned(100).moved(34, -3.6, 6), SLATE, Surface.PROP),
    )
    return Stage(
        pieces,
        (
            Lighting("sun", "Sun through leaves", GroupKind.KEY, (key,), gobos=(twigs,)),
            Lighting(
                "sky",
                "Sky",
                GroupKind.ENVIRONMENT,
                sky=Sky(0.9, 7000, horizon=1.2, bright_side=(0.3, 0.5, -1.0), lobe=1.0),
            ),
        ),
    )


SCENE = Scene(
    slug="water-stone",
    title="Stone in water",
    description="A flat stone in clear, rippled water with the shadows of leaves.",
    tags=Tags(
        moods=("fresh", "spa"),
        seasons=("summer", "spring"),
        suits=("cosmetics", "perfume", "bottles", "jewellery", "sport"),
        avoid=("furniture", "books"),
    ),
    support=Support.TABLE,
    room=Room(3.0, 34.0, 30.0, 30.0, (0.5, 2.0)),
    views=level_views(170, 11, aperture_radius_cm=0.6),
    build=build,
    ground=SLATE,
    level=0.48,
)
