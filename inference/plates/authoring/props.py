"""Things that several scenes use: backgrounds, windows, foliage, vessels."""

import numpy as np

from inference.plates.authoring.lights import Softbox
from inference.plates.authoring.materials import Material, matte
from inference.plates.authoring.scene import Piece, View
from inference.plates.authoring.shapes import (
    Array,
    Mesh,
    curve,
    joined,
    lathe,
    panel,
    rounded_box,
    sheet,
    sweep,
)
from inference.plates.format import Surface, Vec3

LEAF_GREEN = matte(0.075, 0.15, 0.05, 0.5)
DRY_LEAF = matte(0.42, 0.30, 0.17, 0.8)


def cove(material: Material, *, back: float = 130, radius: float = 70, y: float = 0.0) -> Piece:
    """A seamless backdrop that fills every view."""
    mesh = sweep(half_width=420, front=420, back=back, height=420, radius=radius, y=y)
    return Piece(mesh, material, Surface.GROUND)


def table(
    material: Material,
    *,
    width: float = 420,
    depth: float = 260,
    back: float = 60,
    thickness: float = 4.0,
    bevel: float = 0.5,
) -> Piece:
    """A slab whose top is the ground and whose far edge lies `back` behind the stand point."""
    mesh = rounded_box(width, thickness, depth, bevel).moved(y=-thickness, z=depth / 2 - back)
    return Piece(mesh, material, Surface.GROUND)


def wall(material: Material, *, z: float, height: float = 420, base: float = -120) -> Piece:
    """A wall across the whole view."""
    return Piece(panel(900, height - base).moved(y=base, z=z), material, Surface.WALL)


def between(lamp: Softbox, share: float) -> tuple[Array, Array, Array, Array]:
    """A frame across a lamp's beam: centre at that share of the way, across, up, forward."""
    across, up, forward = lamp.axes()
    start = np.array(lamp.position)
    centre = start + share * (np.array(lamp.target) - start)
    return centre, across, up, forward


def window(
    lamp: Softbox,
    *,
    distance: float,
    width: float,
    height: float,
    columns: int = 2,
    rows: int = 2,
    bar: float = 4.0,
    aim: tuple[float, float] = (0.0, 0.0),
) -> Mesh:
    """A window before a lamp: bars, and a wall around that keeps the rest of its light out.

    Args:
        lamp: whose beam it shapes.
        distance: from the lamp's target, cm.
        width: of the opening, cm.
        height: of the opening, cm.
        columns: panes across.
        rows: panes up.
        bar: width of a bar, cm.
        aim: shifts the opening across and up, cm.
    """
    across, up, forward = lamp.axes()
    centre = np.array(lamp.target) - forward * distance + aim[0] * across + aim[1] * up
    bars = [(x, 0.0, bar, height) for x in np.linspace(-width / 2, width / 2, columns + 1)]
    bars += [(0.0, y, width, bar) for y in np.linspace(-height / 2, height / 2, rows + 1)]
    far = 900.0
    bars += [
        (-(width + far) / 2, 0.0, far, far),
        ((width + far) / 2, 0.0, far, far),
        (0.0, (height + far) / 2, width, far),
        (0.0, -(height + far) / 2, width, far),
    ]
    return joined([_card(centre, across, up, *bar_) for bar_ in bars])


def _card(
    centre: Array, across: Array, up: Array, x: float, y: float, width: float, height: float
) -> Mesh:
    steps = np.array([-0.5, 0.5])
    a, b = np.meshgrid(steps * width + x, steps * height + y)
    return sheet(centre + a[..., None] * across + b[..., None] * up)


def leaf(length: float, width: float, *, bend: float = 0.3, fold: float = 0.15) -> Mesh:
    """One leaf along +z from the origin, drooping, its halves folded up a little."""
    t = np.linspace(0, 1, 17)
    outline = np.sin(np.pi * t**0.8) ** 0.85 * width / 2
    side = np.linspace(-1, 1, 7)
    points = np.zeros((len(t), len(side), 3))
    points[..., 0] = outline[:, None] * side
    points[..., 1] = fold * np.abs(points[..., 0]) - bend * length * (t**2)[:, None]
    points[..., 2] = (length * t)[:, None]
    return sheet(points)


def branch(
    seed: int,
    *,
    length: float,
    leaves: int,
    leaf_length: float,
    leaf_width: float,
    sag: float = 0.25,
) -> Mesh:
    """A twig along +z from the origin with leaves to both sides."""
    generator = np.random.default_rng(seed)
    meshes = []
    t = np.linspace(0, 1, 24)
    path = np.stack([0.04 * length * np.sin(5 * t), -sag * length * t**2, length * t], axis=1)
    meshes.append(tube(path, 0.012 * leaf_length + 0.12, 0.3))
    for index in range(leaves):
        place = 0.15 + 0.85 * (index + generator.uniform(0, 0.6)) / leaves
        at = path[min(int(place * 23), 23)]
        size = leaf_length * generator.uniform(0.7, 1.15)
        one = leaf(size, leaf_width * generator.uniform(0.8, 1.2), bend=generator.uniform(0.1, 0.5))
        side = 1 if index % 2 else -1
        one = one.turned(generator.uniform(-35, 35), "z")
        one = one.turned(generator.uniform(-40, 15), "x")
        one = one.turned(side * generator.uniform(25, 75), "y")
        meshes.append(one.moved(*at))
    return joined(meshes)


def tube(path: Array, start_radius: float, taper: float = 1.0) -> Mesh:
    """A round rod along a path; its radius shrinks to `taper` of the start."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    helper = np.array([0.0, 1.0, 0.0]) if abs(tangent[0, 1]) < 0.9 else np.array([1.0, 0.0, 0.0])
    first = np.cross(tangent, helper)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(tangent, first)
    turn = np.linspace(0, 2 * np.pi, 17)
    radius = start_radius * np.linspace(1, taper, len(path))[:, None, None]
    ring = (
        np.cos(turn)[None, :, None] * first[:, None] + np.sin(turn)[None, :, None] * second[:, None]
    )
    return sheet(path[:, None] + radius * ring)


def foliage_gobo(
    lamp: Softbox,
    seed: int,
    *,
    distance: float,
    spread: float,
    leaves: int,
    leaf_length: float,
    aim: tuple[float, float] = (0.0, 0.0),
    leaf_width: float = 0.3,
) -> Mesh:
    """Twigs before a lamp, out of frame, that throw dappled shadow."""
    across, up, forward = lamp.axes()
    centre = np.array(lamp.target) - forward * distance + aim[0] * across + aim[1] * up
    generator = np.random.default_rng(seed)
    twigs = []
    for _ in range(leaves):
        one = branch(
            int(generator.integers(1 << 30)),
            length=leaf_length * 4,
            leaves=9,
            leaf_length=leaf_length,
            leaf_width=leaf_length * leaf_width,
        )
        one = one.turned(generator.uniform(0, 360), "z").turned(generator.uniform(-60, 60), "x")
        offset = generator.normal(0, spread, 2)
        place = centre + offset[0] * across + offset[1] * up
        twigs.append(one.turned(generator.uniform(0, 360), "y").moved(*place))
    return joined(twigs)


def corner_twig(view: View, seed: int, *, corner: tuple[float, float], depth: float) -> Piece:
    """A twig that hangs into a corner of the picture, near the camera and out of focus.

    Args:
        view: whose picture.
        seed: of the twig.
        corner: where its middle shows, as shares of the picture's width and height.
        depth: from the camera, cm.
    """
    camera = view.camera(1000)
    ray = camera.rays(np.array([corner[0] * 1000, corner[1] * 1000]))
    place = np.array(camera.position_cm) + depth * ray
    twig = branch(seed, length=11, leaves=8, leaf_length=5.5, leaf_width=2.0, sag=0.4)
    # From the corner inwards and down, a little towards the camera.
    twig = twig.turned(20, "x").turned(118 if corner[0] < 0.5 else -118)
    middle = twig.vertices.mean(axis=0)
    return Piece(twig.moved(*(place - middle)), LEAF_GREEN, Surface.PROP)


def vase(*, height: float, belly: float, neck: float, material: Material, at: Vec3) -> Piece:
    """A turned vase."""
    knots = [
        (0.0, 0.0),
        (belly * 0.55, 0.0),
        (belly * 0.62, 0.02 * height),
        (belly * 0.92, 0.25 * height),
        (belly, 0.42 * height),
        (belly * 0.8, 0.62 * height),
        (neck, 0.82 * height),
        (neck * 0.95, 0.92 * height),
        (neck * 1.15, height),
        (neck * 0.95, 0.985 * height),
        (neck * 0.75, 0.8 * height),
    ]
    return Piece(lathe(curve(knots, 90)).moved(*at), material, Surface.PROP)


def bowl(*, radius: float, height: float, material: Material, at: Vec3) -> Piece:
    """A bowl with a foot."""
    knots = [
        (0.0, 0.0),
        (radius * 0.42, 0.0),
        (radius * 0.45, 0.06 * height),
        (radius * 0.75, 0.3 * height),
        (radius * 0.96, 0.75 * height),
        (radius, height),
        (radius * 0.95, height * 0.985),
        (radius * 0.88, 0.72 * height),
        (radius * 0.6, 0.3 * height),
        (0.0, 0.16 * height),
    ]
    return Piece(lathe(curve(knots, 90)).moved(*at), material, Surface.PROP)


def books(
    seed: int, colours: tuple[Material, ...], *, at: Vec3, width: float = 22.0
) -> list[Piece]:
    """A small lying stack."""
    generator = np.random.default_rng(seed)
    pieces = []
    level = at[1]
    for colour in colours:
        thick = float(generator.uniform(1.8, 3.2))
        cover = rounded_box(width * generator.uniform(0.85, 1), thick, 15, 0.12)
        turn = float(generator.uniform(-9, 9))
        pieces.append(Piece(cover.turned(turn).moved(at[0], level, at[2]), colour, Surface.PROP))
        level += thick
    return pieces
