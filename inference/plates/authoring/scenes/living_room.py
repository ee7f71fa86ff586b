"""On the floor: oak boards and a plaster wall in a sunny room, for furniture."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.props import table, wall, window
from inference.plates.authoring.scene import Piece, Scene, Stage, View, level_views
from inference.plates.authoring.shapes import rounded_box
from inference.plates.authoring.textures import oak, plaster
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

FLOOR = Material(
    partial(
        oak,
        seed=101,
        tile_cm=140,
        planks=9,
        gap_cm=0.14,
        dark=(132, 100, 70),
        middle=(176, 140, 102),
        light=(204, 172, 134),
    )
)
WALL = Material(
    partial(plaster, seed=103, tile_cm=300, colour=(226, 221, 212), relief_cm=0.05, mottle=0.008)
)
SKIRTING = matte(0.76, 0.75, 0.72, 0.4)


def build(view: View) -> Stage:
    """Boards, wall, skirting, tall window light from the left."""
    back = 95.0
    key = sun(
        azimuth_deg=-62, height_deg=33, level=2.2, softness_deg=0.8, kelvin=5100, distance=5000
    )
    bars = window(key, distance=420, width=190, height=260, columns=3, rows=3, bar=8, aim=(25, 5))
    skirting = rounded_box(1600, 11, 2.0, 0.5).moved(y=0, z=-back + 1.0)
    return Stage(
        (
            table(FLOOR, width=1800, depth=1400, back=back + 10),
            wall(WALL, z=-back, height=900),
            Piece(skirting, SKIRTING, Surface.WALL),
        ),
        (
            Lighting("window", "Sun through a window", GroupKind.KEY, (key,), gobos=(bars,)),
            Lighting(
                "room",
                "Daylight in the room",
                GroupKind.ENVIRONMENT,
                sky=Sky(1.1, 6100, ground=0.5, bright_side=(-0.9, 0.4, 0.3), lobe=2.0),
            ),
        ),
    )


SCENE = Scene(
    slug="living-room",
    title="Sunny room",
    description="An empty room with an oak floor and sun through a tall window.",
    tags=Tags(
        moods=("warm", "homely"),
        seasons=("all", "spring"),
        suits=("furniture", "lamps", "plants", "bags", "toys"),
        avoid=("jewellery",),
    ),
    support=Support.FLOOR,
    room=Room(25.0, 170.0, 230.0, 120.0, (0.8, 1.3)),
    views=level_views(620, 62, field_of_view_deg=25, pitches=(8, 18)),
    build=build,
    ground=FLOOR,
    level=0.50,
)
