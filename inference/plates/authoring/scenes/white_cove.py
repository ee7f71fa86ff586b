"""A seamless white sweep under three softboxes: the shop's daily bread."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import cove
from inference.plates.authoring.scene import Scene, Stage, View, level_views
from inference.plates.authoring.textures import plaster
from inference.plates.format import GroupKind, Room, Support, Tags

PAPER = Material(
    partial(plaster, seed=101, colour=(238, 237, 235), relief_cm=0.004, mottle=0.004),
    roughness=0.75,
    reflectance=0.035,
)


def build(view: View) -> Stage:
    """Sweep, a large key from the left, a weak fill, a bank above the background."""
    key = Softbox((-120, 150, 95), (0, 8, 0), 110, 110, level=2.2, kelvin=5500)
    fill = Softbox((150, 90, 110), (0, 10, 0), 90, 90, level=0.55, kelvin=5900)
    top = Softbox((0, 230, -60), (0, 30, -110), 220, 120, level=1.7, kelvin=5700)
    return Stage(
        pieces=(cove(PAPER, back=150, radius=95),),
        lighting=(
            Lighting("key", "Softbox left", GroupKind.KEY, (key,)),
            Lighting("background", "Background light", GroupKind.FILL, (fill, top)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.5, 6000)),
        ),
    )


SCENE = Scene(
    slug="white-cove",
    title="White cove",
    description="A seamless white studio sweep with soft light from the left.",
    tags=Tags(
        moods=("clean", "neutral"),
        seasons=("all",),
        suits=("anything", "furniture", "electronics", "fashion"),
    ),
    support=Support.STUDIO,
    room=Room(3.0, 36.0, 46.0, 46.0, (0.05, 12.0)),
    views=level_views(170, 11, pitches=(10, 25)),
    build=build,
    ground=PAPER,
    level=1.0,
)
