"""On the floor: polished concrete and painted bricks in a loft, for furniture and shoes."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import table, wall
from inference.plates.authoring.scene import Scene, Stage, View, level_views
from inference.plates.authoring.textures import concrete, tiles
from inference.plates.format import GroupKind, Room, Support, Tags

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


def build(view: View) -> Stage:
    """Floor, wall, a row of north windows as one large soft light from the left."""
    back = 110.0
    key = Softbox((-430, 260, 90), (0, 60, 0), 320, 300, level=2.2, kelvin=6000)
    lamp = Softbox((170, 330, 60), (40, 60, -60), 60, 60, level=0.7, kelvin=3900)
    return Stage(
        (
            table(FLOOR, width=1800, depth=1400, back=back + 10),
            wall(WALL, z=-back, height=900),
        ),
        (
            Lighting("windows", "North windows", GroupKind.KEY, (key,)),
            Lighting("lamp", "Ceiling lamp", GroupKind.FILL, (lamp,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.6, 6200, ground=0.5)),
        ),
    )


SCENE = Scene(
    slug="concrete-loft",
    title="Loft",
    description="A polished concrete floor before painted bricks, wide soft light.",
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
    level=0.27,
    mirrors=True,
)
