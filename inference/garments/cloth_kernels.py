"""The loops of the cloth, compiled by numba. Every array is float64 or int32, contiguous.

Constraints are solved one after the other (Gauss and Seidel), which needs no colouring and
converges faster than a parallel sweep; one core moves 5,000 particles a substep in under a
millisecond.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
Grid = tuple[I32, I32, NDArray[np.int64], F64]

# The longest push out of a collider in one substep: deeper cloth surfaces over several.
_MOST_PUSH_M = 0.004


def sorted_by_cell(points: F64, cell: float) -> Grid:
    """Points in a hash grid: (order, cell starts, grid size, origin)."""
    origin = points.min(axis=0) - 1e-9
    place = np.floor((points - origin) / cell).astype(np.int64)
    size = place.max(axis=0) + 1
    key = (place[:, 0] * size[1] + place[:, 1]) * size[2] + place[:, 2]
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(int(size.prod()) + 1))
    return order.astype(np.int32), starts.astype(np.int32), size, origin


@njit(cache=True)
def nearest_points(
    asked: F64,
    points: F64,
    order: I32,
    starts: I32,
    size: NDArray[np.int64],
    origin: F64,
    reach: float,
) -> I32:
    """(N,) int32 index of the nearest point within `reach` of each asked one, -1 where none is."""
    found = np.full(len(asked), -1, np.int32)
    for i in range(len(asked)):
        best = reach * reach
        cx = int(np.floor((asked[i, 0] - origin[0]) / reach))
        cy = int(np.floor((asked[i, 1] - origin[1]) / reach))
        cz = int(np.floor((asked[i, 2] - origin[2]) / reach))
        for gx in range(max(0, cx - 1), min(size[0], cx + 2)):
            for gy in range(max(0, cy - 1), min(size[1], cy + 2)):
                for gz in range(max(0, cz - 1), min(size[2], cz + 2)):
                    cell = (gx * size[1] + gy) * size[2] + gz
                    for slot in range(starts[cell], starts[cell + 1]):
                        j = order[slot]
                        dx = asked[i, 0] - points[j, 0]
                        dy = asked[i, 1] - points[j, 1]
                        dz = asked[i, 2] - points[j, 2]
                        far = dx * dx + dy * dy + dz * dz
                        if far < best:
                            best = far
                            found[i] = j
    return found


@njit(cache=True)
def close_pairs(
    points: F64,
    apart: F64,
    order: I32,
    starts: I32,
    size: NDArray[np.int64],
    origin: F64,
    reach: float,
    least_apart: float,
) -> I32:
    """(P, 2) int32 pairs within `reach` that lie at least `least_apart` from each other flat."""
    most = 12 * len(points)
    pairs = np.empty((most, 2), np.int32)
    count = 0
    for i in range(len(points)):
        cx = int(np.floor((points[i, 0] - origin[0]) / reach))
        cy = int(np.floor((points[i, 1] - origin[1]) / reach))
        cz = int(np.floor((points[i, 2] - origin[2]) / reach))
        for gx in range(max(0, cx - 1), min(size[0], cx + 2)):
            for gy in range(max(0, cy - 1), min(size[1], cy + 2)):
                for gz in range(max(0, cz - 1), min(size[2], cz + 2)):
                    cell = (gx * size[1] + gy) * size[2] + gz
                    for slot in range(starts[cell], starts[cell + 1]):
                        j = order[slot]
                        if j <= i or count >= most:
                            continue
                        flat = (apart[i, 0] - apart[j, 0]) ** 2 + (apart[i, 1] - apart[j, 1]) ** 2
                        if flat < least_apart * least_apart:
                            continue
                        dx = points[i, 0] - points[j, 0]
                        dy = points[i, 1] - points[j, 1]
                        dz = points[i, 2] - points[j, 2]
                        if dx * dx + dy * dy + dz * dz < reach * reach:
                            pairs[count, 0] = i
                            pairs[count, 1] = j
                            count += 1
    return pairs[:count].copy()


@njit(cache=True, fastmath=True)
def _fly(x: F64, before: F64, v: F64, w: F64, h: float, way: tuple[float, ...]) -> None:
    _, gravity, damping, most = way
    keep = max(0.0, 1.0 - damping * h)
    for i in range(len(x)):
        before[i] = x[i]
        if w[i] == 0.0:
            continue
        v[i, 1] += gravity * h
        v[i] *= keep
        speed = np.sqrt(v[i, 0] ** 2 + v[i, 1] ** 2 + v[i, 2] ** 2)
        if speed > most:
            v[i] *= most / speed
        x[i] += v[i] * h


@njit(cache=True, fastmath=True)
def _keep_lengths(x: F64, w: F64, pairs: I32, lengths: F64, compliance: F64, h: float) -> None:
    for k in range(len(pairs)):
        i, j = pairs[k, 0], pairs[k, 1]
        total = w[i] + w[j]
        if total == 0.0:
            continue
        dx, dy, dz = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1], x[i, 2] - x[j, 2]
        length = np.sqrt(dx * dx + dy * dy + dz * dz) + 1e-12
        pull = (lengths[k] - length) / (total + compliance[k] / (h * h)) / length
        x[i, 0] += w[i] * pull * dx
        x[i, 1] += w[i] * pull * dy
        x[i, 2] += w[i] * pull * dz
        x[j, 0] -= w[j] * pull * dx
        x[j, 1] -= w[j] * pull * dy
        x[j, 2] -= w[j] * pull * dz


@njit(cache=True, fastmath=True)
def _keep_flat(
    x: F64, w: F64, centres: I32, starts: I32, ring: I32, weights: F64, compliance: F64, h: float
) -> None:
    for k in range(len(centres)):
        i = centres[k]
        ax, ay, az, total = x[i, 0], x[i, 1], x[i, 2], w[i]
        for q in range(starts[k], starts[k + 1]):
            j, part = ring[q], weights[q]
            ax -= part * x[j, 0]
            ay -= part * x[j, 1]
            az -= part * x[j, 2]
            total += w[j] * part * part
        if total == 0.0:
            continue
        pull = -1.0 / (total + compliance[k] / (h * h))
        x[i, 0] += w[i] * pull * ax
        x[i, 1] += w[i] * pull * ay
        x[i, 2] += w[i] * pull * az
        for q in range(starts[k], starts[k + 1]):
            j, part = ring[q], weights[q] * pull
            x[j, 0] -= w[j] * part * ax
            x[j, 1] -= w[j] * part * ay
            x[j, 2] -= w[j] * part * az


@njit(cache=True, fastmath=True)
def _part_layers(x: F64, w: F64, pairs: I32, least: float) -> None:
    for k in range(len(pairs)):
        i, j = pairs[k, 0], pairs[k, 1]
        dx, dy, dz = x[i, 0] - x[j, 0], x[i, 1] - x[j, 1], x[i, 2] - x[j, 2]
        far = np.sqrt(dx * dx + dy * dy + dz * dz)
        total = w[i] + w[j]
        if far >= least or far < 1e-9 or total == 0.0:
            continue
        push = (least - far) / far / total
        x[i, 0] += w[i] * push * dx
        x[i, 1] += w[i] * push * dy
        x[i, 2] += w[i] * push * dz
        x[j, 0] -= w[j] * push * dx
        x[j, 1] -= w[j] * push * dy
        x[j, 2] -= w[j] * push * dz


@njit(cache=True, fastmath=True)
def _push_out(
    x: F64,
    before: F64,
    w: F64,
    near: tuple[F64, F64, F64],
    surface: tuple[float, float, float, float],
    done: float,
    share: float,
) -> None:
    """Push cloth out of the collider and rub it: `done` of the frame's move has been walked."""
    points, normals, moves = near
    thickness, friction, _, reach = surface
    for group in range(len(points)):
        for i in range(len(x)):
            if w[i] == 0.0:
                continue
            n, u = normals[group, i], moves[group, i]
            dx = x[i, 0] - points[group, i, 0] - u[0] * done
            dy = x[i, 1] - points[group, i, 1] - u[1] * done
            dz = x[i, 2] - points[group, i, 2] - u[2] * done
            if dx * dx + dy * dy + dz * dz > reach * reach:
                continue
            depth = thickness - (dx * n[0] + dy * n[1] + dz * n[2])
            if depth <= 0.0:
                continue
            push = min(depth, _MOST_PUSH_M)
            x[i] += push * n
            # What slides along the surface, against the surface's own move.
            sx = x[i, 0] - before[i, 0] - u[0] * share
            sy = x[i, 1] - before[i, 1] - u[1] * share
            sz = x[i, 2] - before[i, 2] - u[2] * share
            off = sx * n[0] + sy * n[1] + sz * n[2]
            sx, sy, sz = sx - off * n[0], sy - off * n[1], sz - off * n[2]
            slide = np.sqrt(sx * sx + sy * sy + sz * sz) + 1e-12
            held = min(1.0, friction * push / slide)
            x[i, 0] -= held * sx
            x[i, 1] -= held * sy
            x[i, 2] -= held * sz


@njit(cache=True, fastmath=True)
def advance(
    x: F64,
    v: F64,
    w: F64,
    threads: tuple[I32, F64, F64],
    bends: tuple[I32, I32, I32, F64, F64],
    near: tuple[F64, F64, F64],
    pairs: I32,
    surface: tuple[float, float, float, float],
    way: tuple[float, float, float, float],
    substeps: int,
) -> None:
    """Move cloth by one frame in place.

    `x`, `v` and `w` are positions (N, 3), velocities (N, 3) and inverse masses (N,); `threads` are
    pairs, lengths and compliance; `bends` centres, starts, ring, weights and compliance; `near`
    points, normals and moves within the frame, each (groups, N, 3); `pairs` particles of other
    layers to keep apart; `surface` thickness, friction, least distance of layers and reach of a
    point; `way` the frame's time, gravity, damping and most speed.
    """
    h = way[0] / substeps
    before = np.empty_like(x)
    for step in range(substeps):
        _fly(x, before, v, w, h, way)
        _keep_lengths(x, w, threads[0], threads[1], threads[2], h)
        _keep_flat(x, w, bends[0], bends[1], bends[2], bends[3], bends[4], h)
        _part_layers(x, w, pairs, surface[2])
        _push_out(x, before, w, near, surface, (step + 1) / substeps, 1.0 / substeps)
        for i in range(len(x)):
            v[i] = (x[i] - before[i]) / h
