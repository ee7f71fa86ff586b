"""Triangle meshes: normals, one step of smooth subdivision, smoothing."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
Ints = NDArray[np.signedinteger]


def vertex_normals(vertices: F64, faces: I32) -> F64:
    """(V, 3) unit normals, the mean of the faces' around weighted by their area."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(
                faces[:, corner], across[:, axis], minlength=len(vertices)
            )
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12))


def edges_of(faces: I32) -> tuple[I32, I32]:
    """(E, 2) edges, each once, and (E,) how many triangles have it."""
    every = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    every.sort(axis=1)
    edges, counts = np.unique(every, axis=0, return_counts=True)
    return edges.astype(np.int32), counts.astype(np.int32)


def subdivided(values: F64, faces: I32) -> tuple[F64, I32]:
    """Cut every triangle in four and smooth what is inside the mesh.

    Args:
        values: (V, C) float64, positions and whatever else goes with them.
        faces: (F, 3).

    Source: Loop, "Smooth subdivision surfaces based on triangles", 1987; with Warren's weights.
    """
    count = len(values)
    every = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    opposite = np.concatenate([faces[:, 2], faces[:, 0], faces[:, 1]])
    key = np.minimum(every[:, 0], every[:, 1]) * count + np.maximum(every[:, 0], every[:, 1])
    unique, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    first, second = unique // count, unique % count
    across = np.zeros((len(unique), values.shape[1]))
    np.add.at(across, inverse, values[opposite])
    ends = values[first] + values[second]
    inner = (counts == 2)[:, None]
    middle = np.where(inner, 0.375 * ends + 0.125 * across, 0.5 * ends)
    smooth = _smoothed_old(values, first, second, counts)
    new = (count + inverse.reshape(3, -1)).astype(np.int32)
    ab, bc, ca = new
    a, b, c = faces.T
    cut = [
        np.stack(corner, axis=1) for corner in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))
    ]
    return np.concatenate([smooth, middle]), np.concatenate(cut).astype(np.int32)


def _smoothed_old(values: F64, first: Ints, second: Ints, counts: Ints) -> F64:
    count = len(values)
    degree = np.bincount(first, minlength=count) + np.bincount(second, minlength=count)
    rings = _ring_sums(values, first, second)
    part = np.where(degree == 3, 3 / 16, 3 / (8 * np.maximum(degree, 1)))[:, None]
    inside = values * (1 - degree[:, None] * part) + part * rings
    rim = counts == 1
    if not rim.any():
        return np.asarray(inside)
    on_rim = np.zeros(count, bool)
    on_rim[first[rim]] = on_rim[second[rim]] = True
    along = _ring_sums(values, first[rim], second[rim])
    beside = np.bincount(first[rim], minlength=count) + np.bincount(second[rim], minlength=count)
    edge = np.where((beside == 2)[:, None], 0.75 * values + 0.125 * along, values)
    return np.where(on_rim[:, None], edge, inside)


def _ring_sums(values: F64, first: Ints, second: Ints) -> F64:
    sums = np.zeros_like(values)
    for channel in range(values.shape[1]):
        sums[:, channel] = np.bincount(first, values[second, channel], minlength=len(values))
        sums[:, channel] += np.bincount(second, values[first, channel], minlength=len(values))
    return sums
