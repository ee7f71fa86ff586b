"""A terracotta paper sweep with one hard lamp and a soft halo on the background."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import cove
from inference.plates.authoring.scene import Scene, Stage, View, level_views
from inference.plates.authoring.textures import plaster
from inference.plates.format import GroupKind, Room, Support, Tags

PAPER = Material(
    partial(plaster, seed=111, colour=(182, 98, 72), relief_cm=0.006, mottle=0.012),
    roughness=0.9,
    reflectance=0.03,
)


def build(view: View) -> Stage:
    """Sweep, a small key from the left, a spot on the paper behind."""
    key = Softbox((-92, 96, 58), (0, 4, 0), 26, 26, level=2.6, kelvin=5300)
    halo = Softbox((40, 170, -30), (6, 34, -118), 26, 26, level=1.9, kelvin=5600)
    return Stage(
        pieces=(cove(PAPER, back=120, radius=80),),
        lighting=(
            Lighting("key", "Lamp left", GroupKind.KEY, (key,)),
            Lighting("halo", "Background light", GroupKind.FILL, (halo,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.3, 6000)),
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
