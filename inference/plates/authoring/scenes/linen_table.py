"""A table under a linen cloth, soft north light."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.props import DRY_LEAF, bowl, branch, vase, wall
from inference.plates.authoring.scene import Piece, Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.shapes import folds, terrain
from inference.plates.authoring.textures import linen, plaster
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

CLOTH = Material(partial(linen, seed=9), sheen=0.3, reflectance=0.02)
WALL = Material(partial(plaster, seed=161, colour=(214, 205, 193), relief_cm=0.03, mottle=0.015))
STONEWARE = matte(0.68, 0.62, 0.54, 0.55)
DARK = matte(0.22, 0.19, 0.165, 0.5)


def build(view: View) -> Stage:
    """Cloth with soft creases, flat where the product stands; a vase and bowl behind."""
    back = backdrop_cm(view, near=36)
    heights = folds(21, rows=420, columns=420, amplitude=1.1)
    cloth = terrain(300, 300, heights, z=0.0)
    x, z = cloth.vertices[:, 0], cloth.vertices[:, 2]
    # The weight of a product presses the cloth flat.
    pressed = 1 / (1 + ((x / 19) ** 2 + (z / 15) ** 2) ** 2)
    cloth.vertices[:, 1] *= 1 - 0.93 * pressed
    key = Softbox((-170, 95, 20), (0, 8, 0), 120, 150, level=2.4, kelvin=5800)
    pieces = [Piece(cloth, CLOTH, Surface.GROUND), wall(WALL, z=-back)]
    if view.pitch_deg < 24:
        pieces.append(vase(height=19, belly=6, neck=2.2, material=STONEWARE, at=(-25, 0, -22)))
        pieces.append(bowl(radius=7.5, height=5.5, material=DARK, at=(27, 0, -17)))
        for seed, lean, turn in ((2, -70, 20), (4, -60, 200), (9, -80, 110)):
            twig = branch(seed, length=26, leaves=9, leaf_length=7, leaf_width=1.8)
            twig = twig.turned(lean, "x").turned(turn).moved(-25, 17, -22)
            pieces.append(Piece(twig, DRY_LEAF, Surface.PROP))
    return Stage(
        tuple(pieces),
        (
            Lighting("window", "North window", GroupKind.KEY, (key,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.6, 5600, ground=0.5)),
        ),
    )


SCENE = Scene(
    slug="linen-table",
    title="Linen tablecloth",
    description="A linen-covered table in soft window light.",
    tags=Tags(
        moods=("calm", "homely", "natural"),
        seasons=("all", "winter"),
        suits=("food", "ceramics", "cosmetics", "toys", "textiles"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(4.0, 34.0, 34.0, 24.0, (0.6, 1.6)),
    views=level_views(170, 11, aperture_radius_cm=1.1),
    build=build,
    ground=CLOTH,
    level=0.56,
)
