"""Autumn: a dark oak table with pumpkins, leaves and candlelight."""

from functools import partial

import numpy as np

from inference.plates.authoring.lights import Lighting, Sky, Softbox
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.props import branch, leaf, table, wall
from inference.plates.authoring.scene import Piece, Scene, Stage, View, backdrop_cm, level_views
from inference.plates.authoring.shapes import Mesh, curve, lathe
from inference.plates.authoring.textures import oak, plaster
from inference.plates.format import GroupKind, Room, Support, Surface, Tags, Vec3

TABLE = Material(
    partial(oak, seed=61, planks=5, dark=(52, 34, 22), middle=(92, 62, 40), light=(128, 92, 62)),
    roughness=0.9,
)
WALL = Material(partial(plaster, seed=62, colour=(74, 84, 82), relief_cm=0.04, mottle=0.05))
ORANGE = matte(0.62, 0.20, 0.035, 0.42)
CREAM = matte(0.70, 0.61, 0.46, 0.5)
GREEN = matte(0.16, 0.19, 0.10, 0.5)
STALK = matte(0.20, 0.16, 0.07, 0.8)
LEAVES = (matte(0.46, 0.13, 0.03, 0.6), matte(0.58, 0.30, 0.05, 0.6), matte(0.26, 0.09, 0.03, 0.6))


def pumpkin(radius: float, height: float, material: Material, at: Vec3, turn: float) -> list[Piece]:
    """A ribbed pumpkin with a stalk."""
    h, r = height, radius
    knots = [
        (0.0, 0.06 * h),
        (0.3 * r, 0.0),
        (0.72 * r, 0.06 * h),
        (r, 0.42 * h),
        (0.86 * r, 0.78 * h),
        (0.5 * r, 0.97 * h),
        (0.2 * r, 0.94 * h),
        (0.0, 0.84 * h),
    ]
    body = lathe(curve(knots, 90), ribs=10, rib_depth=0.11)
    stalk: Mesh = lathe(
        [(0.16 * r, 0.84 * h), (0.10 * r, 1.02 * h), (0.09 * r, 1.2 * h), (0.0, 1.22 * h)],
        ribs=5,
        rib_depth=0.3,
    )
    return [
        Piece(body.turned(turn).moved(*at), material, Surface.PROP),
        Piece(stalk.turned(9, "z").moved(*at), STALK, Surface.PROP),
    ]


def build(view: View) -> Stage:
    """Pumpkins and fallen leaves to both sides, the middle clear, window light from the left."""
    back = backdrop_cm(view, near=36)
    key = Softbox((-135, 85, 15), (0, 8, 0), 60, 90, level=2.2, kelvin=5000)
    lamp = Softbox((110, 60, 30), (0, 8, 0), 24, 24, level=0.7, kelvin=3600)
    pieces = [table(TABLE, back=back + 8), wall(WALL, z=-back)]
    pieces += pumpkin(10, 12.5, ORANGE, (-29, 0, -15), 0)
    pieces += pumpkin(6.2, 6.6, CREAM, (-19.5, 0, -23), 20)
    pieces += pumpkin(7.6, 8.0, CREAM, (30, 0, -17), 40)
    pieces += pumpkin(4.6, 4.4, GREEN, (22.5, 0, -24), 10)
    generator = np.random.default_rng(63)
    for index in range(16):
        side = -1 if index % 2 else 1
        x = side * generator.uniform(17, 36)
        z = generator.uniform(-14, 14)
        one = leaf(generator.uniform(5, 7.5), generator.uniform(2.6, 3.8), bend=-0.12, fold=0.35)
        one = one.turned(generator.uniform(0, 360)).moved(x, 0.25, z)
        pieces.append(Piece(one, LEAVES[index % 3], Surface.PROP))
    twig = branch(64, length=30, leaves=15, leaf_length=6, leaf_width=2.2)
    twig = twig.turned(62).moved(-52, 4, -8)
    pieces.append(Piece(twig, LEAVES[2], Surface.PROP))
    return Stage(
        tuple(pieces),
        (
            Lighting("window", "Window left", GroupKind.KEY, (key,)),
            Lighting("lamp", "Warm lamp", GroupKind.FILL, (lamp,)),
            Lighting("room", "Room light", GroupKind.ENVIRONMENT, sky=Sky(0.4, 5400, ground=0.4)),
        ),
    )


SCENE = Scene(
    slug="harvest-table",
    title="Harvest table",
    description="A dark oak table with pumpkins and fallen leaves.",
    tags=Tags(
        moods=("warm", "festive", "cosy"),
        seasons=("autumn",),
        suits=("food", "candles", "drinks", "ceramics", "toys"),
        avoid=("furniture",),
    ),
    support=Support.TABLE,
    room=Room(5.0, 34.0, 30.0, 28.0, (0.7, 1.4)),
    views=level_views(170, 11, aperture_radius_cm=0.8),
    build=build,
    ground=TABLE,
    level=0.105,
)
