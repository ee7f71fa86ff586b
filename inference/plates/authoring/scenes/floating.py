"""No ground: the product floats before a soft gradient."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import wall
from inference.plates.authoring.scene import Scene, Stage, View
from inference.plates.authoring.textures import plaster
from inference.plates.format import GroupKind, Room, Support, Tags

PAPER = Material(
    partial(plaster, seed=71, colour=(224, 206, 214), relief_cm=0.0, mottle=0.003), roughness=1.0
)


def build(view: View) -> Stage:
    """A paper wall lit from above left, falling off to the lower right."""
    key = Softbox((-95, 120, 50), (-8, 10, -28), 70, 70, level=2.0, kelvin=5100)
    low = Softbox((100, -70, 10), (20, -25, -28), 60, 60, level=0.55, kelvin=7400)
    return Stage(
        (wall(PAPER, z=-28, base=-420),),
        (
            Lighting("key", "Softbox above", GroupKind.KEY, (key,)),
            Lighting("low", "Cool light from below", GroupKind.FILL, (low,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.5, 6200, ground=0.9)),
        ),
    )


SCENE = Scene(
    slug="floating",
    title="Floating",
    description="No ground at all: the product floats before a soft gradient.",
    tags=Tags(
        moods=("light", "modern"),
        seasons=("all",),
        suits=("cosmetics", "shoes", "electronics", "bags", "fashion"),
        avoid=("furniture",),
    ),
    support=Support.NONE,
    room=Room(3.0, 48.0, 48.0, 24.0, (0.1, 4.0)),
    views=(View(0.0, 170, 0.0),),
    build=build,
    ground=None,
    level=0.62,
)
