"""A stone shelf before hand-glazed tiles in a bathroom, light from the left."""

from functools import partial

import numpy as np

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import LEAF_GREEN, branch, table, tube, wall
from inference.plates.authoring.scene import Piece, Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.shapes import Mesh, curve, joined, lathe, rounded_box
from inference.plates.authoring.textures import linen, stone, tiles
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

SHELF = Material(partial(stone, seed=25, dark=(196, 188, 178), middle=(221, 215, 206), holes=0.5))
TILES = Material(partial(tiles, seed=13, colour=(188, 200, 193), spread=0.06), reflectance=0.05)
TOWEL = Material(
    partial(linen, seed=27, tile_cm=30, threads=110, colour=(238, 234, 226)), sheen=0.6
)
BRASS = Material((0.72, 0.50, 0.26), roughness=0.28, metallic=1.0)
AMBER = Material((0.16, 0.055, 0.012), roughness=0.12, clearcoat=1.0)


def _towels() -> Mesh:
    """Three folded towels, a little askew."""
    stack = []
    for level, turn in enumerate((2.0, -3.0, 4.0)):
        for ply in range(2):
            fold = rounded_box(21 - ply * 0.5, 2.1, 15, 1.02).turned(turn + ply)
            stack.append(fold.moved(ply * 0.2, level * 4.2 + ply * 2.05, 0))
    return joined(stack)


def build(view: View) -> Stage:
    """Shelf, tiled wall, towels, an amber bottle, a brass rail and a sprig."""
    back = backdrop_cm(view, near=26)
    key = Softbox((-150, 105, 55), (0, 8, 0), 70, 110, level=2.2, kelvin=5700)
    fill = Softbox((140, 120, 90), (0, 10, 0), 80, 80, level=0.4, kelvin=5200)
    pieces = [table(SHELF, back=back + 6, bevel=0.35), wall(TILES, z=-back)]
    if view.pitch_deg < 24:
        flask = [
            (0, 0),
            (3, 0),
            (3.3, 0.4),
            (3.3, 9.5),
            (2.4, 11.2),
            (1.3, 12),
            (1.3, 13.8),
            (0, 14),
        ]
        pieces += [
            Piece(_towels().moved(31, 0, -12), TOWEL, Surface.PROP),
            Piece(lathe(curve(flask, 100)).moved(-26, 0, -17), AMBER, Surface.PROP),
        ]
        rail = np.array([[x, 46.0, -back + 5.0] for x in np.linspace(-90, 90, 30)])
        pieces.append(Piece(tube(rail, 0.8), BRASS, Surface.PROP))
        for seed, lean, turn in ((31, -55, 100), (32, -70, 30)):
            twig = branch(seed, length=17, leaves=13, leaf_length=4.2, leaf_width=2.4)
            twig = twig.turned(lean, "x").turned(turn).moved(-26, 13, -17)
            pieces.append(Piece(twig, LEAF_GREEN, Surface.PROP))
    return Stage(
        tuple(pieces),
        (
            Lighting("window", "Window left", GroupKind.KEY, (key,)),
            Lighting("fill", "Fill right", GroupKind.FILL, (fill,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.7, 6000, ground=0.6)),
        ),
    )


SCENE = Scene(
    slug="bathroom-shelf",
    title="Bathroom shelf",
    description="A pale stone shelf before hand-glazed tiles.",
    tags=Tags(
        moods=("fresh", "clean", "spa"),
        seasons=("all",),
        suits=("cosmetics", "soap", "bottles", "textiles", "perfume"),
        avoid=("furniture", "shoes", "food"),
    ),
    support=Support.TABLE,
    room=Room(3.0, 34.0, 36.0, 28.0, (0.6, 1.5)),
    views=level_views(170, 11, aperture_radius_cm=0.8),
    build=build,
    ground=SHELF,
    level=0.58,
)
