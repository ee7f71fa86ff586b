"""A cast concrete slab before a warm wall in hard noon sun."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import wall
from inference.plates.authoring.scene import Piece, Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.shapes import rounded_box
from inference.plates.authoring.textures import concrete, plaster
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

SLAB = Material(partial(concrete, seed=5), relief=0.8)
WALL = Material(partial(plaster, seed=171, colour=(205, 170, 122), relief_cm=0.05, mottle=0.03))


def build(view: View) -> Stage:
    """Slab on a concrete base; blocks at the left, a hard shadow across the wall."""
    back = backdrop_cm(view, near=34)
    key = sun(azimuth_deg=62, height_deg=42, level=3.2, softness_deg=0.35, kelvin=5100)
    base = rounded_box(420, 4, 300, 0.4).moved(y=-4, z=150 - back - 8)
    pieces = (
        Piece(base, SLAB, Surface.GROUND),
        wall(WALL, z=-back),
        Piece(rounded_box(24, 34, 18, 0.35).turned(8).moved(-34, 0, -14), SLAB, Surface.PROP),
        Piece(rounded_box(16, 11, 20, 0.35).turned(-14).moved(-33, 0, 8), SLAB, Surface.PROP),
        # Out of frame: its shadow cuts the wall behind the product.
        Piece(rounded_box(30, 92, 40, 0.4).moved(78, 0, -12), SLAB, Surface.PROP),
    )
    return Stage(
        pieces,
        (
            Lighting("sun", "Noon sun", GroupKind.KEY, (key,)),
            Lighting("sky", "Blue sky", GroupKind.ENVIRONMENT, sky=Sky(0.75, 7600, ground=0.6)),
        ),
    )


SCENE = Scene(
    slug="concrete-sun",
    title="Concrete in hard sun",
    description="A concrete slab before an ochre wall, with crisp shadows.",
    tags=Tags(
        moods=("bold", "urban"),
        seasons=("summer", "all"),
        suits=("shoes", "electronics", "bottles", "bags", "sport"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(4.0, 36.0, 36.0, 34.0, (0.5, 2.5)),
    views=level_views(170, 11),
    build=build,
    ground=SLAB,
    level=0.42,
)
