"""Glossy black acrylic before darkness, two rim lights and a glow."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import table, wall
from inference.plates.authoring.scene import Scene, Stage, View, level_views
from inference.plates.authoring.textures import acrylic, plaster
from inference.plates.format import GroupKind, Room, Support, Tags

SHEET = Material(partial(acrylic, seed=23), reflectance=0.05)
PAPER = Material(
    partial(plaster, seed=57, colour=(52, 55, 64), relief_cm=0.004, mottle=0.006), reflectance=0.02
)


def build(view: View) -> Stage:
    """Acrylic sheet, a dark paper with a round glow, strips left and right from behind."""
    steep = view.pitch_deg > 24
    left = Softbox((-95, 62, -45), (0, 10, 0), 16, 120, level=2.2, kelvin=6600)
    right = Softbox((95, 62, -45), (0, 10, 0), 16, 120, level=1.5, kelvin=4300)
    # Below the sheet's far edge, grazing the paper, as it is done in studios.
    glow = Softbox((0, -26, -50), (0, 22, -66), 26, 8, level=3.4, kelvin=5200)
    top = Softbox((0, 150, 10), (0, 0, 0), 70, 50, level=1.3, kelvin=5600)
    return Stage(
        (
            table(SHEET, width=900, back=240 if steep else 42, depth=520),
            wall(PAPER, z=-260 if steep else -66),
        ),
        (
            Lighting("top", "Softbox above", GroupKind.KEY, (top,)),
            Lighting("rims", "Rim lights", GroupKind.RIM, (left, right)),
            Lighting("glow", "Background glow", GroupKind.FILL, (glow,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.12, 6000)),
        ),
    )


SCENE = Scene(
    slug="black-acrylic",
    title="Black acrylic",
    description="Glossy black acrylic in the dark, with bright edges and a mirror image.",
    tags=Tags(
        moods=("dramatic", "luxury"),
        seasons=("all", "winter"),
        suits=("electronics", "perfume", "watches", "jewellery", "bottles"),
        avoid=("furniture", "food"),
    ),
    support=Support.STUDIO,
    room=Room(2.0, 36.0, 46.0, 46.0, (0.1, 6.0)),
    views=level_views(170, 11),
    build=build,
    ground=SHEET,
    level=0.022,
    mirrors=True,
)
