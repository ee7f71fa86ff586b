"""From a pattern to a cloth: threads with their lengths, bending, and stiffer hems."""

import numpy as np
from numpy.typing import NDArray

from inference.garments.cloth import Bends, Cloth, Threads
from inference.garments.pattern import CUFF, HEM, INSIDE, NECK, OPEN, WAIST, Pattern, sewn_particles
from inference.garments.surfaces import edges_of

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

# Bending of jersey against the mass of a particle; tuned by eye on a T-shirt.
JERSEY = 2.5e-5
_SEAM_SHARE = 0.5
_HEM_STIFFNESS, _HEM_M = 4.0, 0.02
# A rib or a waistband is knitted tighter than the fabric.
_RIB = 0.95
_SHORTEST_M = 1e-4


def sew(pattern: Pattern, flat: F64, *, bending: float = JERSEY, rib: float = _RIB) -> Cloth:
    """The cloth of a pattern whose vertices lie at `flat`, (V, 2) metres; positions are zero.

    `bending` is the stiffness against folding, `rib` how far the neck's edge is drawn in, as a
    share of its length.
    """
    count = pattern.particles
    particles = sewn_particles(pattern, flat)
    return Cloth(
        position=np.zeros((count, 3)),
        velocity=np.zeros((count, 3)),
        inverse_mass=np.ones(count),
        threads=_threads(pattern, flat, rib),
        bends=_bends(pattern, flat, bending),
        apart=np.ascontiguousarray(particles),
        spacing=pattern.spacing,
    )


def _threads(pattern: Pattern, flat: F64, rib: float) -> Threads:
    edges, _ = edges_of(pattern.faces)
    lengths = np.linalg.norm(flat[edges[:, 0]] - flat[edges[:, 1]], axis=1)
    is_neck = (pattern.edge[edges] == NECK).all(axis=1)
    lengths = np.maximum(np.where(is_neck, rib * lengths, lengths), _SHORTEST_M)
    pairs = np.sort(pattern.part[edges], axis=1)
    _, first = np.unique(pairs, axis=0, return_index=True)
    # An order without a pattern, so that no direction of the mesh is always solved first.
    first = np.random.default_rng(0).permutation(first)
    return Threads(
        np.ascontiguousarray(pairs[first], np.int32),
        np.ascontiguousarray(lengths[first]),
        np.zeros(len(first)),
    )


def _bends(pattern: Pattern, flat: F64, bending: float) -> Bends:
    rows, columns, weights = mean_value_weights(flat, pattern.faces)
    inner = pattern.edge == INSIDE
    keep = inner[rows]
    rows, columns, weights = rows[keep], columns[keep], weights[keep]
    totals = np.bincount(rows, weights, minlength=len(flat))
    weights = weights / totals[rows]
    base = pattern.spacing**4 / (16 * bending)
    stiff = 1 + (_HEM_STIFFNESS - 1) * (_distance_to_hem(pattern, flat) < _HEM_M)
    compliance = base / stiff
    seam_rows, seam_columns, seam_weights = _across_seams(pattern)
    centre = np.concatenate([pattern.part[rows], seam_rows])
    ring = np.concatenate([pattern.part[columns], seam_columns])
    weight = np.concatenate([weights, seam_weights])
    # Vertices of the inside are particles of their own, so a particle is one row.
    slack = np.full(pattern.particles, base / _SEAM_SHARE)
    slack[pattern.part[inner]] = compliance[inner]
    order = np.argsort(centre, kind="stable")
    centres, starts = np.unique(centre[order], return_index=True)
    return Bends(
        centres.astype(np.int32),
        np.append(starts, len(order)).astype(np.int32),
        ring[order].astype(np.int32),
        np.ascontiguousarray(weight[order]),
        np.ascontiguousarray(slack[centres]),
    )


def mean_value_weights(flat: F64, faces: I32) -> tuple[I32, I32, F64]:
    """Rows, columns and weights by which a vertex is the mean of its ring in the plane.

    Source: Floater, "Mean value coordinates", 2003.
    """
    rows, columns, weights = [], [], []
    for corner in range(3):
        i, j, k = faces[:, corner], faces[:, (corner + 1) % 3], faces[:, (corner + 2) % 3]
        a, b = flat[j] - flat[i], flat[k] - flat[i]
        la = np.maximum(np.linalg.norm(a, axis=1), 1e-9)
        lb = np.maximum(np.linalg.norm(b, axis=1), 1e-9)
        cosine = np.clip((a * b).sum(axis=1) / (la * lb), -1, 1)
        half = np.sqrt((1 - cosine) / np.maximum(1 + cosine, 1e-6))
        rows += [i, i]
        columns += [j, k]
        weights += [half / la, half / lb]
    i, j, w = np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)
    count = len(flat)
    key, inverse = np.unique(i.astype(np.int64) * count + j, return_inverse=True)
    return (
        (key // count).astype(np.int32),
        (key % count).astype(np.int32),
        np.asarray(np.bincount(inverse, w), np.float64),
    )


def _across_seams(pattern: Pattern) -> tuple[I32, I32, F64]:
    """A seam's particles as the mean of what lies beside them on both panels."""
    edges, _ = edges_of(pattern.faces)
    both = np.concatenate([edges, edges[:, ::-1]])
    on_seam = np.bincount(pattern.part, minlength=pattern.particles) > 1
    keep = on_seam[pattern.part[both[:, 0]]] & np.equal(pattern.edge[both[:, 1]], INSIDE)
    first, second = both[keep].T
    rows, columns = pattern.part[first], pattern.part[second]
    per_panel = np.zeros((pattern.particles, 2))
    np.add.at(per_panel, (rows, pattern.panel[first]), 1)
    has_both = np.asarray((per_panel > 0).all(axis=1))[rows]
    rows, columns, panel = rows[has_both], columns[has_both], pattern.panel[first][has_both]
    return rows, columns, np.asarray(0.5 / per_panel[rows, panel])


def _distance_to_hem(pattern: Pattern, flat: F64) -> F64:
    """(V,) metres to the nearest open edge of the same panel, except necks and waists' own."""
    distance = np.full(len(flat), np.inf)
    for panel in (0, 1):
        inside = np.flatnonzero(pattern.panel == panel)
        rim = inside[np.isin(pattern.edge[inside], (HEM, CUFF, NECK, WAIST))]
        for start in range(0, len(inside), 512):
            rows = inside[start : start + 512]
            off = flat[rows][:, None] - flat[rim][None]
            distance[rows] = np.sqrt((off**2).sum(axis=-1)).min(axis=1)
    return distance


def rim_of(pattern: Pattern) -> NDArray[np.bool_]:
    """(V,) true on open edges."""
    return np.isin(pattern.edge, OPEN)
