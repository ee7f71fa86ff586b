"""On the floor: polished concrete and painted bricks in a loft, for furniture and shoes."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.props import LEAF_GREEN, branch, table, vase, wall, window
from inference.plates.authoring.scene import Piece, Scene, Stage, View, level_views
from inference.plates.authoring.shapes import joined
from inference.plates.authoring.textures import concrete, tiles
from inference.plates.format import GroupKind, Room, Support, Surface, Tags, Vec3

FLOOR = Material(
    partial(concrete, seed=111, tile_cm=260, pits=0.4, light=(182, 180, 176)), roughness=0.55
)
# Painted bricks: matte tiles of a brick's size.
BRICKS = partial(
    tiles,
    seed=113,
    tile_cm=312,
    across=13,
    down=40,
    colour=(208, 205, 199),
    spread=0.05,
    joint=(190, 187, 181),
    joint_cm=0.9,
    is_bonded=True,
)
WALL = Material(BRICKS, roughness=5.0)
POT = matte(0.10, 0.095, 0.09, 0.8)


def build(view: View) -> Stage:
    """Floor, wall, sun through a factory window from the left, a plant at the picture's edge."""
    back = 110.0
    key = Softbox((-520, 330, 40), (0, 40, -30), 26, 26, level=2.4, kelvin=5500)
    # One tall window of small panes: its light falls slanting on bricks and floor.
    panes = window(key, distance=300, width=170, height=210, columns=3, rows=4, bar=7, aim=(0, 26))
    lamp = Softbox((190, 330, 60), (60, 60, -60), 60, 60, level=0.8, kelvin=3600)
    return Stage(
        (
            table(FLOOR, width=1800, depth=1400, back=back + 10),
            wall(WALL, z=-back, height=900),
            *_plant((-160, 0, -72)),
        ),
        (
            Lighting("windows", "Factory window", GroupKind.KEY, (key,), gobos=(panes,)),
            Lighting("lamp", "Ceiling lamp", GroupKind.FILL, (lamp,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.6, 6200, ground=0.5)),
        ),
    )


def _plant(at: Vec3) -> list[Piece]:
    """A pot with long twigs, half out of the picture."""
    pot = vase(height=46, belly=23, neck=17, material=POT, at=at)
    twigs = []
    for index, turn in enumerate((20, 75, 130, 205, 265, 320)):
        twig = branch(160 + index, length=62, leaves=12, leaf_length=21, leaf_width=8, sag=0.35)
        lean = twig.turned(-62 + 6 * (index % 3), "x").turned(turn)
        twigs.append(lean.moved(at[0], at[1] + 40, at[2]))
    return [pot, Piece(joined(twigs), LEAF_GREEN, Surface.PROP)]


SCENE = Scene(
    slug="concrete-loft",
    title="Loft",
    description="A polished concrete floor before painted bricks, sun through a factory window.",
    tags=Tags(
        moods=("urban", "modern", "calm"),
        seasons=("all",),
        suits=("furniture", "lamps", "bikes", "shoes", "bags"),
        avoid=("jewellery", "food"),
    ),
    support=Support.FLOOR,
    room=Room(25.0, 170.0, 240.0, 140.0, (0.6, 1.5)),
    views=level_views(620, 62, field_of_view_deg=25, pitches=(8, 18)),
    build=build,
    ground=FLOOR,
    level=0.30,
    mirrors=True,
)
