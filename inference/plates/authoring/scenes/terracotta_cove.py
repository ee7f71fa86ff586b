"""A terracotta paper sweep with one hard lamp and a soft halo on the background."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import cove, window
from inference.plates.authoring.scene import Scene, Stage, View, level_views
from inference.plates.authoring.textures import plaster
from inference.plates.format import GroupKind, Room, Support, Tags

PAPER = Material(
    partial(plaster, seed=111, colour=(182, 98, 72), relief_cm=0.006, mottle=0.012),
    roughness=0.9,
    reflectance=0.03,
)


def build(view: View) -> Stage:
    """Sweep, a small key through an opening: a slanted field of light, and a spot behind."""
    key = Softbox((-150, 128, 96), (4, 6, -16), 4, 4, level=2.6, kelvin=4900)
    opening = window(key, distance=160, width=10, height=16, columns=1, rows=1, bar=0.2)
    halo = Softbox((40, 170, -30), (6, 34, -118), 26, 26, level=0.7, kelvin=5600)
    return Stage(
        pieces=(cove(PAPER, back=120, radius=80),),
        lighting=(
            Lighting("key", "Lamp left", GroupKind.KEY, (key,), gobos=(opening,)),
            Lighting("halo", "Background light", GroupKind.FILL, (halo,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.55, 6200)),
        ),
    )


SCENE = Scene(
    slug="terracotta-cove",
    title="Terracotta cove",
    description="A warm terracotta paper sweep with a clear, directed light.",
    tags=Tags(
        moods=("warm", "bold"),
        seasons=("all", "autumn"),
        suits=("cosmetics", "shoes", "bags", "electronics"),
    ),
    support=Support.STUDIO,
    room=Room(3.0, 36.0, 46.0, 46.0, (0.05, 10.0)),
    views=level_views(170, 11, pitches=(10, 25)),
    build=build,
    ground=PAPER,
    level=0.20,
)
