"""Raked dunes in low sun."""

from functools import partial

import numpy as np

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.noise import noise
from inference.plates.authoring.props import wall
from inference.plates.authoring.scene import Piece, Scene, Stage, View, level_views
from inference.plates.authoring.shapes import terrain
from inference.plates.authoring.textures import plaster, sand
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

SAND = Material(partial(sand, seed=17), reflectance=0.02, relief=0.45)
DUSK = Material(partial(plaster, seed=53, colour=(228, 200, 172), relief_cm=0.0, mottle=0.004))


def build(view: View) -> Stage:
    """Ripples all over, crests behind, a smooth hollow where the product stands."""
    side = 900
    x, z = np.meshgrid(np.linspace(-300, 300, side), np.linspace(-340, 260, side))
    wander = noise(55, falloff=3.4, lowest=1, highest=10, shape=(side, side))
    weave = noise(57, falloff=2.6, lowest=6, highest=34, shape=(side, side))
    # Across the sun's way: ripples that run along it would have neither a lit nor a shaded side.
    phase = (z * 0.74 - x * 0.62) / 9.5 + 1.1 * wander + 0.16 * weave
    swing = phase - np.floor(phase)
    # Wind ripples rise slowly and fall steeply.
    ripple = np.where(swing < 0.68, swing / 0.68, (1 - swing) / 0.32)
    ripple = 1.25 * ripple * ripple * (3 - 2 * ripple)
    fade = 0.5 + 0.5 * np.tanh(noise(56, falloff=3.2, lowest=1, highest=5, shape=(side, side)))
    crest = 20 * np.exp(-(((z + 95 + 0.25 * x + 6 * wander) / 34) ** 2))
    crest += 34 * np.exp(-(((z + 190 - 0.3 * x + 9 * wander) / 55) ** 2))
    level = 1 / (1 + ((x / 24) ** 2 + (z / 20) ** 2) ** 2)
    heights = (ripple * (0.45 + 0.55 * fade) + crest) * (1 - 0.92 * level)
    key = sun(azimuth_deg=-116, height_deg=21, level=3.2, softness_deg=0.7, kelvin=4500)
    return Stage(
        (
            Piece(terrain(600, 600, heights, z=-40), SAND, Surface.GROUND),
            wall(DUSK, z=-330, height=600),
        ),
        (
            Lighting("sun", "Low sun", GroupKind.KEY, (key,)),
            Lighting(
                "sky",
                "Evening sky",
                GroupKind.ENVIRONMENT,
                sky=Sky(0.75, 6800, bright_side=(-0.4, 0.3, 0.85), lobe=2.5),
            ),
        ),
    )


SCENE = Scene(
    slug="sand-dune",
    title="Dunes",
    description="Rippled sand in low sun, with long soft shadows.",
    tags=Tags(
        moods=("warm", "natural", "travel"),
        seasons=("summer",),
        suits=("cosmetics", "shoes", "bottles", "sport", "jewellery"),
        avoid=("furniture", "electronics"),
    ),
    support=Support.TABLE,
    room=Room(4.0, 36.0, 40.0, 34.0, (0.4, 3.0)),
    views=level_views(170, 11, aperture_radius_cm=0.7),
    build=build,
    ground=SAND,
    level=0.40,
)
