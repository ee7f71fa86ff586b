"""Flat lay on creased linen in window light."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.scene import Piece, Scene, Stage, View, top_view
from inference.plates.authoring.shapes import folds, terrain
from inference.plates.authoring.textures import linen
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

CLOTH = Material(partial(linen, seed=91, colour=(226, 219, 206)), sheen=0.3, reflectance=0.02)


def build(view: View) -> Stage:
    """Cloth seen from above, smoothed in the middle, a window to the left."""
    cloth = terrain(104, 104, folds(93, rows=420, columns=420, amplitude=0.9, count=26))
    x, z = cloth.vertices[:, 0], cloth.vertices[:, 2]
    cloth.vertices[:, 1] *= 1 - 0.6 / (1 + ((x / 17) ** 2 + (z / 17) ** 2) ** 2)
    key = Softbox((-165, 62, -85), (0, 0, 0), 70, 60, level=2.2, kelvin=5300)
    return Stage(
        (Piece(cloth, CLOTH, Surface.GROUND),),
        (
            Lighting("window", "Window left", GroupKind.KEY, (key,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.5, 6100)),
        ),
    )


SCENE = Scene(
    slug="flat-linen",
    title="Linen from above",
    description="Softly creased linen from straight above.",
    tags=Tags(
        moods=("calm", "natural"),
        seasons=("all",),
        suits=("fashion", "textiles", "jewellery", "toys", "food"),
        avoid=("furniture",),
    ),
    support=Support.FLAT_LAY,
    room=Room(4.0, 46.0, 46.0, 12.0, (0.7, 1.6)),
    views=top_view(145),
    build=build,
    ground=CLOTH,
    level=0.60,
)
