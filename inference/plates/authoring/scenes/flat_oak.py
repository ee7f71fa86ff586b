"""Flat lay on oak boards, a window's bars across."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import table, window
from inference.plates.authoring.scene import Scene, Stage, View, top_view
from inference.plates.authoring.textures import oak
from inference.plates.format import GroupKind, Room, Support, Tags

BOARDS = Material(
    partial(
        oak, seed=95, planks=7, dark=(98, 76, 58), middle=(140, 112, 86), light=(172, 144, 114)
    ),
    turned_deg=90,
)


def build(view: View) -> Stage:
    """Boards running up the picture, sun through a window from the upper right."""
    key = sun(azimuth_deg=135, height_deg=38, level=2.2, softness_deg=1.0, kelvin=5200)
    bars = window(key, distance=190, width=70, height=80, columns=2, rows=2, bar=5, aim=(16, 20))
    return Stage(
        (table(BOARDS, depth=420, back=210),),
        (
            Lighting("window", "Sun through a window", GroupKind.KEY, (key,), gobos=(bars,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(1.0, 6100)),
        ),
    )


SCENE = Scene(
    slug="flat-oak",
    title="Oak boards from above",
    description="Oak boards from straight above, a window's light across them.",
    tags=Tags(
        moods=("warm", "natural"),
        seasons=("all", "autumn"),
        suits=("fashion", "shoes", "tools", "food", "stationery"),
        avoid=("furniture",),
    ),
    support=Support.FLAT_LAY,
    room=Room(4.0, 46.0, 46.0, 12.0, (0.7, 1.5)),
    views=top_view(145),
    build=build,
    ground=BOARDS,
    level=0.25,
)
