"""Two rectangles of cloth sewn together and simulated: totes and cushions. Metres inside.

The cloth is that of `inference.garments.cloth`; nothing here is a displaced grid.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.cloth import Bends, Cloth, Collider, Motion, Threads, walk
from inference.plates.authoring.shapes import Array, Mesh, sheet

Ids = NDArray[np.int32]
# How much woven cloth gives on the bias, metres per newton of a particle's weight.
_SHEAR = 4e-6


@dataclass(slots=True)
class Sewn:
    """A cloth of two panels. `front` and `back` are (rows, columns) of particles, top row first."""

    cloth: Cloth
    front: Ids
    back: Ids


def sewn_panels(
    *, width: float, height: float, spacing: float, has_top_seam: bool, bending: float
) -> Sewn:
    """Two panels of the same size, sewn left, right and below, and above where asked; flat.

    Args:
        width: metres.
        height: metres.
        spacing: of the particles, metres.
        has_top_seam: whether the mouth is closed, too.
        bending: stiffness; jersey is 2.5e-5, canvas ten times that.
    """
    rows, columns = round(height / spacing) + 1, round(width / spacing) + 1
    front = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    seam = np.zeros((rows, columns), bool)
    seam[:, 0] = seam[:, -1] = seam[-1] = True
    seam[0] |= has_top_seam
    back = front.copy()
    back[~seam] = rows * columns + np.arange(int((~seam).sum()), dtype=np.int32)
    count = int(back.max()) + 1
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, columns) * width, np.linspace(height, 0, rows))
    position = np.zeros((count, 3))
    for ids, side in ((back, -1.0), (front, 1.0)):
        position[ids, 0], position[ids, 1] = x, y
        position[ids, 2] = side * 0.004 * ~seam
    cloth = Cloth(
        position=position,
        velocity=np.zeros((count, 3)),
        inverse_mass=np.ones(count),
        threads=_threads((front, back), (x, y)),
        bends=_bends((front, back), seam, spacing, bending),
        apart=np.ascontiguousarray(position[:, :2]),
        spacing=spacing,
    )
    return Sewn(cloth, front, back)


def _threads(panels: tuple[Ids, Ids], flat: tuple[Array, Array]) -> Threads:
    x, y = flat
    pairs, lengths, compliance = [], [], []
    for ids in panels:
        for first, second, gives in (
            (np.s_[:, :-1], np.s_[:, 1:], 0.0),
            (np.s_[:-1], np.s_[1:], 0.0),
            (np.s_[:-1, :-1], np.s_[1:, 1:], _SHEAR),
            (np.s_[:-1, 1:], np.s_[1:, :-1], _SHEAR),
        ):
            pairs.append(np.stack([ids[first].ravel(), ids[second].ravel()], axis=1))
            lengths.append(np.hypot(x[first] - x[second], y[first] - y[second]).ravel())
            compliance.append(np.full(len(lengths[-1]), gives))
    both = np.sort(np.concatenate(pairs), axis=1)
    _, keep = np.unique(both, axis=0, return_index=True)
    # An order without a pattern, so that no direction is always solved first.
    keep = np.random.default_rng(0).permutation(keep)
    return Threads(
        np.ascontiguousarray(both[keep], np.int32),
        np.ascontiguousarray(np.concatenate(lengths)[keep]),
        np.ascontiguousarray(np.concatenate(compliance)[keep]),
    )


def _bends(
    panels: tuple[Ids, Ids], seam: NDArray[np.bool_], spacing: float, bending: float
) -> Bends:
    centres, rings = [], []
    for ids in panels:
        inner = ids[1:-1, 1:-1]
        around = (ids[:-2, 1:-1], ids[2:, 1:-1], ids[1:-1, :-2], ids[1:-1, 2:])
        centres.append(inner.ravel())
        rings.append(np.stack([part.ravel() for part in around], axis=1))
    centre, ring = np.concatenate(centres), np.concatenate(rings)
    centre, first = np.unique(centre, return_index=True)
    ring = ring[first]
    return Bends(
        centres=centre.astype(np.int32),
        starts=np.arange(0, 4 * len(centre) + 1, 4).astype(np.int32),
        ring=np.ascontiguousarray(ring.ravel(), np.int32),
        weights=np.full(ring.size, 0.25),
        compliance=np.full(len(centre), spacing**4 / (16 * bending)),
    )


def pillow(
    half: tuple[float, float, float], *, centre: tuple[float, float, float], power: float
) -> tuple[Array, Array]:
    """Points and outward normals of |x/a|^p + |y/b|^p + |z/c|² = 1, closely and evenly spread."""
    count = 160
    turn = np.linspace(0, 2 * np.pi, 4 * count, endpoint=False)
    lift = np.linspace(-np.pi / 2, np.pi / 2, count)
    turn, lift = np.meshgrid(turn, lift)
    ring = np.abs(np.cos(turn)) ** power + np.abs(np.sin(turn)) ** power
    around = np.cos(lift) / ring ** (1 / power)
    # On the rim the outline is the full superellipse; towards the poles it shrinks.
    shape = np.stack([np.cos(turn) * around, np.sin(turn) * around, np.sin(lift)], axis=-1)
    size = np.array(half)
    points = (shape * size).reshape(-1, 3)
    gradient = np.stack(
        [
            np.sign(shape[..., 0]) * np.abs(shape[..., 0]) ** (power - 1) / size[0],
            np.sign(shape[..., 1]) * np.abs(shape[..., 1]) ** (power - 1) / size[1],
            shape[..., 2] / size[2],
        ],
        axis=-1,
    ).reshape(-1, 3)
    normals = gradient / np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-9)
    return points + np.array(centre), normals


def fill(
    sewn: Sewn,
    *,
    stuffing: Callable[[float], tuple[Array, Array]],
    frames: int,
    gravity: float,
    growing: float = 0.5,
) -> None:
    """Walk the cloth while its stuffing grows from nothing (share 0) to all of it (1).

    Args:
        sewn: moved in place.
        stuffing: points and normals at a share.
        frames: of 1/60 s.
        gravity: m/s², negative pulls down.
        growing: the share of the frames in which it grows.
    """

    def collider_at(frame: int) -> Collider:
        points, normals = stuffing(min(1.0, frame / max(1, growing * frames)))
        return Collider((np.ascontiguousarray(points),), (np.ascontiguousarray(normals),))

    motion = Motion(
        substeps=14,
        gravity=gravity,
        damping=3.0,
        thickness=0.002,
        friction=0.2,
        collides_with_itself=False,
    )
    for _ in walk(sewn.cloth, frames, collider_at, lambda frame: motion):
        pass


def keep_apart(sewn: Sewn, gap: float = 0.0015) -> None:
    """Part the panels where one came through the other beside a seam, which no stuffing reaches."""
    z = sewn.cloth.position[:, 2]
    is_two = sewn.front != sewn.back
    front, back = sewn.front[is_two], sewn.back[is_two]
    lacking = np.maximum(gap - (z[front] - z[back]), 0) / 2
    z[front] += lacking
    z[back] -= lacking


def finer(points: Array, times: int) -> Array:
    """A grid of points with smooth surfaces between, (rows, columns, 3); Catmull-Rom both ways."""
    return np.swapaxes(_finer_rows(np.swapaxes(_finer_rows(points, times), 0, 1), times), 0, 1)


def _finer_rows(points: Array, times: int) -> Array:
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    at = np.linspace(0, len(points) - 1, times * (len(points) - 1) + 1)
    low = np.minimum(at.astype(int), len(points) - 2)
    f = (at - low)[:, None, None]
    p0, p1, p2, p3 = (padded[low + k] for k in range(4))
    made: Array = 0.5 * (
        2 * p1
        + (p2 - p0) * f
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * f**2
        + (3 * p1 - p0 - 3 * p2 + p3) * f**3
    )
    return made


def panel_mesh(sewn: Sewn, ids: Ids, *, times: int = 3, faces_front: bool = True) -> Mesh:
    """A panel as a mesh in centimetres; its `uv` is (s, t), its normals point away from the cloth.

    Args:
        sewn: the cloth.
        ids: its panel.
        times: how much finer than the particles.
        faces_front: whether the outside looks towards +z.
    """
    points = finer(sewn.cloth.position[ids], times) * 100
    s, t = np.meshgrid(np.linspace(0, 1, points.shape[1]), np.linspace(0, 1, points.shape[0]))
    mesh = sheet(points, np.stack([s, t], axis=-1))
    way = 1.0 if faces_front else -1.0
    sign = np.sign((mesh.normals[:, 2] * way).sum())
    return Mesh(mesh.vertices, mesh.faces, mesh.uv, mesh.normals * sign)
