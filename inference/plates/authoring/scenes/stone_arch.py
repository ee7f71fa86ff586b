"""A travertine podium before a lime-washed arch, late sun from the left."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import cove, foliage_gobo
from inference.plates.authoring.scene import Piece, Scene, Stage, View, level_views
from inference.plates.authoring.shapes import arch, disc, pebble
from inference.plates.authoring.textures import plaster, stone
from inference.plates.format import GroupKind, Room, Support, Surface, Tags

WASH = Material(partial(plaster, seed=121, colour=(212, 192, 174), relief_cm=0.05, mottle=0.03))
SOFT = Material(partial(plaster, seed=122, colour=(222, 206, 190), relief_cm=0.03, mottle=0.02))
TRAVERTINE = Material(partial(stone, seed=19), relief=0.8)


def build(view: View) -> Stage:
    """Podium in the middle, arch behind it, two lower stones and pebbles beside."""
    key = sun(azimuth_deg=-52, height_deg=38, level=2.6, softness_deg=1.1, kelvin=5000)
    twigs = foliage_gobo(key, 5, distance=150, spread=34, leaves=5, leaf_length=15, aim=(40, 45))
    pieces = (
        cove(WASH, back=70, radius=14, y=-9),
        Piece(disc(23, 5, 0.5).moved(y=-5), TRAVERTINE, Surface.GROUND),
        Piece(disc(29, 4, 0.5).moved(y=-9), TRAVERTINE, Surface.PROP),
        Piece(
            arch(width=62, height=58, depth=12, thickness=9, bevel=0.8).moved(y=-9, z=-34),
            SOFT,
            Surface.WALL,
        ),
        Piece(disc(9, 22, 0.6).moved(43, -9, -22), SOFT, Surface.PROP),
        Piece(pebble(4, length=9).turned(30).moved(-37, -9, 12), TRAVERTINE, Surface.PROP),
        Piece(pebble(6, length=5.5).turned(80).moved(-30, -9, 17), TRAVERTINE, Surface.PROP),
    )
    return Stage(
        pieces,
        (
            Lighting("sun", "Late sun", GroupKind.KEY, (key,), gobos=(twigs,)),
            Lighting(
                "sky",
                "Sky",
                GroupKind.ENVIRONMENT,
                sky=Sky(0.85, 6600, bright_side=(-0.6, 0.7, 0.6), lobe=1.2),
            ),
        ),
    )


SCENE = Scene(
    slug="stone-arch",
    title="Stone podium with arch",
    description="A travertine podium before a lime-washed arch in late sun.",
    tags=Tags(
        moods=("warm", "elegant", "mediterranean"),
        seasons=("spring", "summer"),
        suits=("cosmetics", "perfume", "candles", "jewellery", "bottles"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(4.0, 34.0, 36.0, 34.0, (0.4, 2.2)),
    views=level_views(180, 12, aperture_radius_cm=0.9),
    build=build,
    ground=TRAVERTINE,
    level=0.50,
)
