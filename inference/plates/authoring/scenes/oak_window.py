"""An oak table in afternoon sun, leaf shadows over table and wall."""

from functools import partial

from inference.plates.authoring.lights import Lighting, Sky, sun
from inference.plates.authoring.materials import Material
from inference.plates.authoring.props import corner_twig, foliage_gobo, table, wall
from inference.plates.authoring.scene import Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.textures import oak, plaster
from inference.plates.format import GroupKind, Room, Support, Tags

TABLE = Material(
    partial(oak, seed=1, dark=(88, 64, 45), middle=(132, 101, 73), light=(166, 135, 103)),
    reflectance=0.04,
)
WALL = Material(partial(plaster, seed=151, colour=(205, 199, 189), relief_cm=0.03, mottle=0.014))


def build(view: View) -> Stage:
    """Table, warm plaster wall, sun through foliage from the left."""
    back = backdrop_cm(view, near=30)
    key = sun(azimuth_deg=-50, height_deg=31, level=2.4, softness_deg=0.9, kelvin=5000)
    near = foliage_gobo(key, 11, distance=120, spread=30, leaves=14, leaf_length=13, aim=(8, 12))
    far = foliage_gobo(key, 12, distance=260, spread=50, leaves=10, leaf_length=20, aim=(-20, 10))
    return Stage(
        pieces=(table(TABLE, back=back + 8), wall(WALL, z=-back)),
        front=(corner_twig(view, 17, corner=(0.05, 0.06), depth=95),),
        lighting=(
            Lighting("sun", "Afternoon sun", GroupKind.KEY, (key,), gobos=(near, far)),
            Lighting(
                "room",
                "Daylight in the room",
                GroupKind.ENVIRONMENT,
                sky=Sky(0.85, 6000, ground=0.5, bright_side=(-0.9, 0.4, 0.3), lobe=2.0),
            ),
        ),
    )


SCENE = Scene(
    slug="oak-window",
    title="Oak table by the window",
    description="An oiled oak table in afternoon sun with the shadows of leaves.",
    tags=Tags(
        moods=("warm", "natural"),
        seasons=("all", "summer", "autumn"),
        suits=("food", "kitchen", "plants", "toys", "books", "bags", "shoes"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(4.0, 36.0, 42.0, 36.0, (0.6, 1.6)),
    views=level_views(170, 11, aperture_radius_cm=0.9),
    build=build,
    ground=TABLE,
    level=0.27,
)
