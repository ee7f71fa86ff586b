"""Where objects are photographed: plain studios, and places where they are used."""

from functools import partial

import numpy as np

from inference.plates.authoring.lights import Sky, Softbox, sun
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.prints.mockup import Setting
from inference.plates.authoring.props import (
    bowl,
    branch,
    cove,
    foliage_gobo,
    table,
    vase,
    wall,
    window,
)
from inference.plates.authoring.scene import Piece
from inference.plates.authoring.shapes import Mesh, lathe, panel, rounded_box
from inference.plates.authoring.textures import concrete, linen, marble, oak, plaster, tiles
from inference.plates.format import Surface, Vec3

Rgb = tuple[float, float, float]

OAK = Material(
    partial(oak, seed=1, dark=(98, 70, 48), middle=(142, 108, 77), light=(176, 143, 108)),
    reflectance=0.04,
)
PALE_OAK = Material(
    partial(oak, seed=35, tile_cm=90, dark=(150, 118, 84), middle=(188, 156, 118)), reflectance=0.04
)
PLASTER = Material(partial(plaster, seed=151, colour=(214, 208, 198), relief_cm=0.03, mottle=0.012))
MARBLE = Material(partial(marble, seed=3), roughness=1.6, reflectance=0.04)
LINEN = Material(partial(linen, seed=9, colour=(214, 204, 186)), relief=0.8)
TILES = Material(
    partial(tiles, seed=33, across=3, down=6, colour=(228, 226, 219), spread=0.03, is_bonded=True),
    reflectance=0.045,
)
LEAF = matte(0.085, 0.16, 0.06, 0.5)
STONEWARE = matte(0.24, 0.30, 0.31, 0.45)
CLAY = matte(0.52, 0.26, 0.16, 0.7)


def scaled(size: float, point: Vec3) -> Vec3:
    """A point of a set-up built for 10 cm, for an object of `size` times that."""
    return (point[0] * size, point[1] * size, point[2] * size)


def aim_at(lamp: Softbox, point: Vec3) -> tuple[float, float]:
    """The `aim` of a window or twig before a lamp whose beam then passes through a point."""
    across, up, _ = lamp.axes()
    away = np.array(point) - np.array(lamp.target)
    return float(away @ across), float(away @ up)


def studio(colour: Rgb, *, size: float = 1.0, level: float = 0.68, rim: float = 0.7) -> Setting:
    """A seamless ground, a tall softbox to the left, a weaker one right, a strip behind.

    Args:
        colour: linear, of the ground.
        size: of the object, over 10 cm.
        level: brightness wanted of its faces.
        rim: of the strip behind, which draws the object's edge.
    """
    middle = scaled(size, (0.0, 5.0, 0.0))
    key = Softbox(scaled(size, (-62, 52, 58)), middle, 52 * size, 66 * size, level=2.1)
    fill = Softbox(scaled(size, (74, 30, 46)), middle, 40 * size, 60 * size, level=0.5)
    strip = Softbox(scaled(size, (44, 46, -58)), middle, 14 * size, 60 * size, level=rim)
    ground = cove(matte(*colour, roughness=0.75), back=55 * size, radius=35 * size)
    return Setting(
        ground=(ground,),
        props=(),
        lamps=(key, fill, strip),
        sky=Sky(0.62, 5800, ground=0.8),
        can_tint=True,
        level=level,
    )


def sunny_table(*, back: float = 26.0, level: float = 0.62, wood: Material = OAK) -> Setting:
    """An oak table before a plaster wall, afternoon sun through leaves."""
    key = sun(azimuth_deg=-48, height_deg=34, level=2.0, softness_deg=1.1, kelvin=5000)
    near = foliage_gobo(key, 11, distance=110, spread=30, leaves=8, leaf_length=13, aim=(26, 20))
    return Setting(
        ground=(table(wood, back=back + 8),),
        props=(wall(PLASTER, z=-back),),
        lamps=(key,),
        sky=Sky(1.0, 5900, ground=0.55, bright_side=(-0.9, 0.4, 0.3), lobe=2.0),
        gobos=(near,),
        level=level,
    )


def kitchen(*, back: float = 24.0, level: float = 0.66) -> Setting:
    """A marble worktop before white tiles, a board and a bowl behind, window light."""
    key = Softbox((-120, 95, 60), (0, 6, 0), 80, 110, level=2.0, kelvin=5500)
    plank = rounded_box(20, 34, 1.8, 0.7).turned(-9, "x").turned(5)
    return Setting(
        ground=(table(MARBLE, back=back + 6, bevel=0.4),),
        props=(
            wall(TILES, z=-back),
            Piece(plank.moved(-17, 0, -back + 7), PALE_OAK, Surface.PROP),
            bowl(radius=7.5, height=5.5, material=STONEWARE, at=(17.5, 0, -14)),
        ),
        lamps=(key,),
        sky=Sky(0.85, 5900, ground=0.7),
        level=level,
    )


def linen_table(*, back: float = 30.0, level: float = 0.66) -> Setting:
    """A linen cloth before a warm wall, soft window light, a vase with a twig."""
    key = Softbox((-120, 90, 40), (0, 6, 0), 90, 110, level=1.9, kelvin=5200)
    jug = vase(height=15.5, belly=4.3, neck=1.7, material=CLAY, at=(12.5, 0, -19))
    twig = branch(17, length=20, leaves=10, leaf_length=5.5, leaf_width=2.2, sag=0.2)
    twig = twig.turned(-62, "x").turned(-30).moved(12.5, 14.5, -19)
    return Setting(
        ground=(table(LINEN, back=back + 8),),
        props=(wall(PLASTER, z=-back), jug, Piece(twig, LEAF, Surface.PROP)),
        lamps=(key,),
        sky=Sky(0.85, 5700, ground=0.6),
        level=level,
    )


def flat_ground(
    material: Material,
    *,
    level: float = 0.7,
    size: float = 1.0,
    leaves: bool = False,
    props: tuple[Piece, ...] = (),
    can_tint: bool = False,
    hard: bool = False,
) -> Setting:
    """A surface seen from above: soft window light from the upper left, or sun through leaves."""
    lamp: Softbox
    gobos: tuple[Mesh, ...] = ()
    if hard:
        lamp = sun(azimuth_deg=-128, height_deg=42, level=2.0, softness_deg=1.0, kelvin=5000)
        if leaves:
            gobo = foliage_gobo(
                lamp,
                24,
                distance=70 * size,
                spread=15 * size,
                leaves=9,
                leaf_length=8 * size,
                aim=aim_at(lamp, (16 * size, 0, -13 * size)),
            )
            gobos = (gobo,)
    else:
        lamp = Softbox(
            scaled(size, (-70, 75, -50)), (0, 0, 0), 60 * size, 60 * size, level=1.9, kelvin=5400
        )
    slab = rounded_box(300 * size, 4, 300 * size, 0.5).moved(y=-4)
    return Setting(
        ground=(Piece(slab, material, Surface.GROUND),),
        props=props,
        lamps=(lamp,),
        sky=Sky(0.95, 5900, ground=0.6, bright_side=(-0.7, 0.6, -0.4), lobe=1.5),
        gobos=gobos,
        can_tint=can_tint,
        level=level,
    )


def gallery_wall(colour: Rgb, *, level: float = 0.72) -> Setting:
    """A painted wall in even light from the upper left; the floor is out of the picture."""
    key = Softbox((-190, 250, 230), (0, 150, 0), 150, 190, level=2.0)
    fill = Softbox((240, 140, 220), (0, 150, 0), 130, 160, level=0.45)
    return Setting(
        ground=(wall(matte(*colour, roughness=0.85), z=0.0),),
        props=(),
        lamps=(key, fill),
        sky=Sky(0.75, 5800, ground=0.8),
        can_tint=True,
        level=level,
    )


def sunny_room(*, level: float = 0.6) -> Setting:
    """A plaster wall over a sideboard, late sun through a window and a twig."""
    key = sun(azimuth_deg=-46, height_deg=30, level=2.1, softness_deg=0.9, kelvin=4800)
    panes = window(
        key, distance=430, width=130, height=150, columns=2, rows=2, aim=aim_at(key, (4, 138, 0))
    )
    leaves = foliage_gobo(
        key, 12, distance=190, spread=30, leaves=6, leaf_length=18, aim=aim_at(key, (-52, 172, 0))
    )
    board = rounded_box(170, 5, 42, 0.6).moved(10, 82, 21)
    jug = vase(height=31, belly=8.5, neck=3.2, material=CLAY, at=(62, 87, 19))
    twigs = []
    for seed, turn, tilt in ((3, -40, -70), (5, 25, -78), (8, 75, -66)):
        twig = branch(seed, length=40, leaves=12, leaf_length=9.5, leaf_width=3.4, sag=0.25)
        twigs.append(twig.turned(tilt, "x").turned(turn).moved(62, 115, 19))
    books = [
        rounded_box(24, 3.2, 17, 0.15).turned(6).moved(-52, 87, 20),
        rounded_box(22, 2.6, 16, 0.15).turned(-4).moved(-51, 90.2, 20),
    ]
    colours = (matte(0.62, 0.56, 0.46, 0.7), matte(0.20, 0.27, 0.28, 0.6))
    return Setting(
        ground=(wall(PLASTER, z=0.0),),
        props=(
            Piece(board, OAK, Surface.PROP),
            jug,
            *(Piece(twig, LEAF, Surface.PROP) for twig in twigs),
            *(Piece(b, c, Surface.PROP) for b, c in zip(books, colours, strict=True)),
        ),
        lamps=(key,),
        sky=Sky(1.1, 5900, ground=0.55, bright_side=(-0.8, 0.4, 0.5), lobe=1.6),
        gobos=(panes, leaves),
        level=level,
    )


def twig_beside(at: Vec3, *, seed: int, turn: float, length: float = 18.0) -> Piece:
    """A twig lying on the ground."""
    twig = branch(seed, length=length, leaves=11, leaf_length=length * 0.26, leaf_width=1.7, sag=0)
    low = float(np.min(twig.vertices[:, 1]))
    return Piece(twig.turned(turn).moved(at[0], at[1] - low * 0.35, at[2]), LEAF, Surface.PROP)


def peg_wall(*, y: float, back: float, level: float = 0.62) -> Setting:
    """A plaster wall with a wooden peg at the origin's x, late sun through a window."""
    key = sun(azimuth_deg=-44, height_deg=32, level=2.1, softness_deg=0.9, kelvin=4900)
    panes = window(
        key, distance=330, width=105, height=120, columns=2, rows=2, aim=aim_at(key, (2, 128, 0))
    )
    leaves = foliage_gobo(
        key, 14, distance=150, spread=15, leaves=5, leaf_length=13, aim=aim_at(key, (-52, 166, 0))
    )
    peg = lathe([(0.001, 0.0), (1.3, 0.0), (1.3, back + 1.5), (1.7, back + 2.4), (0.001, back + 3)])
    peg = peg.turned(90, "x").moved(0, y, -back)
    return Setting(
        ground=(wall(PLASTER, z=-back),),
        props=(Piece(peg, OAK, Surface.PROP),),
        lamps=(key,),
        sky=Sky(1.1, 5900, ground=0.55, bright_side=(-0.8, 0.4, 0.5), lobe=1.6),
        gobos=(panes, leaves),
        level=level,
    )


def street(*, wall_z: float, level: float = 0.6, lamp_height: float = 38.0) -> Setting:
    """A pavement before a concrete wall in morning sun, the shadow of a tree on both."""
    key = sun(azimuth_deg=-52, height_deg=lamp_height, level=2.1, softness_deg=0.7, kelvin=5200)
    tree = foliage_gobo(
        key, 31, distance=560, spread=95, leaves=16, leaf_length=24, aim=aim_at(key, (230, 300, 0))
    )
    pavement = rounded_box(3000, 10, 1600, 0.5).moved(0, -10, 0)
    slabs = Material(
        partial(
            concrete,
            seed=41,
            tile_cm=420.0,
            dark=(150, 148, 143),
            middle=(172, 169, 163),
            light=(188, 185, 178),
        )
    )
    facade = Material(
        partial(
            concrete,
            seed=5,
            tile_cm=900.0,
            dark=(176, 172, 165),
            middle=(200, 196, 188),
            light=(216, 212, 204),
            pits=0.4,
        )
    )
    return Setting(
        ground=(Piece(pavement, slabs, Surface.GROUND),),
        props=(Piece(panel(3000, 900).moved(z=wall_z), facade, Surface.WALL),),
        lamps=(key,),
        sky=Sky(1.15, 6300, ground=0.5, horizon=1.0),
        gobos=(tree,),
        level=level,
    )
