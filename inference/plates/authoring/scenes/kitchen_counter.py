"""A kitchen worktop before white bond tiles, morning light."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.props import bowl, table, wall
from inference.plates.authoring.scene import Piece, Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.shapes import curve, lathe, rounded_box
from inference.plates.authoring.textures import oak, terrazzo, tiles
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

TOP = Material(partial(terrazzo, seed=11), reflectance=0.045)
TILES = Material(
    partial(tiles, seed=33, across=3, down=6, colour=(232, 230, 224), spread=0.035, is_bonded=True),
    reflectance=0.05,
)
BOARD = Material(partial(oak, seed=35, tile_cm=60, planks=5, gap_cm=0.02), turned_deg=90)
STONEWARE = matte(0.20, 0.28, 0.30, 0.35)
LEMON = matte(0.80, 0.56, 0.045, 0.45)


def build(view: View) -> Stage:
    """Terrazzo worktop, tiles, a leaning board, a bowl of lemons."""
    back = backdrop_cm(view, near=30)
    key = Softbox((-140, 120, 40), (0, 8, 0), 80, 120, level=2.3, kelvin=5400)
    hood = Softbox((20, 120, -20), (10, 0, -12), 90, 20, level=0.5, kelvin=4300)
    pieces = [table(TOP, back=back + 6, bevel=0.4), wall(TILES, z=-back)]
    if view.pitch_deg < 24:
        plank = rounded_box(24, 38, 2.0, 0.8).turned(-9, "x").turned(4)
        pieces.append(Piece(plank.moved(-31, 0, -back + 8), BOARD, Surface.PROP))
        pieces.append(bowl(radius=9.5, height=7, material=STONEWARE, at=(30, 0, -15)))
        half = [(0.0, -3.9), (0.9, -3.6), (2.4, -2.1), (2.9, 0), (2.4, 2.1), (0.9, 3.5), (0.0, 4.1)]
        lemon = lathe(curve(half, 60))
        for x, y, z, turn in ((27, 7, -15, 70), (32.5, 7.3, -13, 110), (30, 8.2, -18, 20)):
            one = lemon.turned(80, "z").turned(turn).moved(x, y, z)
            pieces.append(Piece(one, LEMON, Surface.PROP))
    return Stage(
        tuple(pieces),
        (
            Lighting("window", "Window left", GroupKind.KEY, (key,)),
            Lighting("hood", "Cupboard light", GroupKind.FILL, (hood,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.75, 5900, ground=0.6)),
        ),
    )


SCENE = Scene(
    slug="kitchen-counter",
    title="Kitchen counter",
    description="A terrazzo worktop before white tiles in morning light.",
    tags=Tags(
        moods=("fresh", "homely"),
        seasons=("all",),
        suits=("food", "kitchen", "ceramics", "groceries", "electronics"),
        avoid=("furniture", "shoes"),
    ),
    support=Support.TABLE,
    room=Room(4.0, 36.0, 38.0, 32.0, (0.7, 1.4)),
    views=level_views(170, 11, aperture_radius_cm=0.9),
    build=build,
    ground=TOP,
    level=0.62,
    mirrors=True,
)
