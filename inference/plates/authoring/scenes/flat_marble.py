"""Flat lay on marble with the shadows of leaves."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import foliage_gobo, table
from inference.plates.authoring.scene import Scene, Stage, View, top_view
from inference.plates.authoring.textures import marble
from inference.plates.format import GroupKind, Room, Support, Tags

STONE = Material(partial(marble, seed=83, strength=0.85), reflectance=0.045, turned_deg=35)


def build(view: View) -> Stage:
    """A slab seen from above, sun from the upper left through leaves at the edge."""
    key = sun(azimuth_deg=-140, height_deg=42, level=2.3, softness_deg=0.8, kelvin=5100)
    twigs = foliage_gobo(key, 85, distance=110, spread=20, leaves=6, leaf_length=14, aim=(22, 16))
    return Stage(
        (table(STONE, depth=420, back=210),),
        (
            Lighting("sun", "Sun through leaves", GroupKind.KEY, (key,), gobos=(twigs,)),
            Lighting(
                "sky",
                "Sky",
                GroupKind.ENVIRONMENT,
                sky=Sky(0.95, 6300, bright_side=(-0.5, 0.8, -0.5), lobe=1.0),
            ),
        ),
    )


SCENE = Scene(
    slug="flat-marble",
    title="Marble from above",
    description="A marble slab from straight above, leaf shadows at one corner.",
    tags=Tags(
        moods=("fresh", "elegant"),
        seasons=("spring", "summer"),
        suits=("jewellery", "cosmetics", "watches", "stationery", "food"),
        avoid=("furniture",),
    ),
    support=Support.FLAT_LAY,
    room=Room(3.0, 44.0, 44.0, 12.0, (0.4, 1.8)),
    views=top_view(145),
    build=build,
    ground=STONE,
    level=0.60,
)
