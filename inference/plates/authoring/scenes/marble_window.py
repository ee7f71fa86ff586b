"""A marble counter by a window on a clear morning."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.props import (
    LEAF_GREEN,
    branch,
    table,
    vase,
    wall,
    window,
)
from inference.plates.authoring.scene import Piece, Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.textures import marble, plaster
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

COUNTER = Material(partial(marble, seed=3), reflectance=0.045)
WALL = Material(partial(plaster, seed=141, colour=(208, 214, 204), relief_cm=0.05, mottle=0.012))
CLAY = matte(0.62, 0.57, 0.50, 0.65)


def build(view: View) -> Stage:
    """Counter, pale green wall, window light with bars, a sprig in a vase to the right."""
    back = backdrop_cm(view)
    key = sun(azimuth_deg=-58, height_deg=30, level=2.3, softness_deg=1.0, kelvin=5100)
    bars = window(key, distance=190, width=92, height=120, columns=2, rows=3, bar=5, aim=(10, 12))
    pieces = [table(COUNTER, back=back + 8), wall(WALL, z=-back)]
    if view.pitch_deg < 24:
        x, z = 24.5, -17.0
        pieces.append(vase(height=17, belly=5.2, neck=2.0, material=CLAY, at=(x, 0, z)))
        for seed, lean, turn in ((3, -62, 70), (8, -48, 20), (5, -75, 140)):
            twig = branch(seed, length=24, leaves=11, leaf_length=6.5, leaf_width=2.6)
            twig = twig.turned(lean, "x").turned(turn).moved(x, 15, z)
            pieces.append(Piece(twig, LEAF_GREEN, Surface.PROP))
    return Stage(
        tuple(pieces),
        (
            Lighting("window", "Morning sun", GroupKind.KEY, (key,), gobos=(bars,)),
            Lighting(
                "room",
                "Daylight in the room",
                GroupKind.ENVIRONMENT,
                sky=Sky(1.0, 6200, ground=0.5, bright_side=(-0.9, 0.35, 0.3), lobe=2.5),
            ),
        ),
    )


SCENE = Scene(
    slug="marble-window",
    title="Marble by the window",
    description="A polished marble counter in morning light through a window.",
    tags=Tags(
        moods=("fresh", "elegant"),
        seasons=("all", "spring", "summer"),
        suits=("cosmetics", "perfume", "kitchen", "food", "jewellery"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(3.0, 36.0, 34.0, 20.0, (0.4, 1.8)),
    views=level_views(170, 11, aperture_radius_cm=0.9),
    build=build,
    ground=COUNTER,
    level=0.66,
    mirrors=True,
)
