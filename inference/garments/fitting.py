"""Lay a pattern on the garment in the photo: every vertex of the pattern gets its photo pixel.

The rim follows the photo's outline from landmark to landmark; what lies inside follows the rim as
a harmonic map does, so that straight lines of the pattern stay as straight as the photo's are.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.garments.corners import nearest, path
from inference.garments.kinds import KINDS, Build
from inference.garments.pattern import INSIDE, NECK, Pattern
from inference.garments.reading import Reading
from inference.garments.sewing import mean_value_weights
from inference.garments.surfaces import edges_of

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

_SWEEPS = 260
_OVER_RELAXATION = 1.85
# A landmark further from the outline than this share of the garment was dragged off it on purpose.
_ON_OUTLINE = 0.012


@dataclass(frozen=True, slots=True)
class Laid:
    """A pattern on a photo: `photo` (V, 2) x and y in upright photo pixels."""

    pattern: Pattern
    photo: F64


def lay_pattern(pattern: Pattern, reading: Reading) -> Laid:
    """Find the photo pixel of every vertex of both panels; the back lies under the front."""
    points = {name: np.asarray(point, np.float64) for name, point in reading.points.items()}
    photo = np.full_like(pattern.flat, np.nan)
    build = KINDS[pattern.kind].build
    for panel in (0, 1):
        rim = rim_loop(pattern, panel)
        stops = _stops(pattern, panel, rim, build)
        for (first, start), (last, end) in zip(stops, [*stops[1:], stops[0]], strict=True):
            piece = rim[start : end + 1] if end > start else np.r_[rim[start:], rim[: end + 1]]
            photo[piece] = _line_of(pattern, piece, panel, reading, points, first, last)
    fixed = np.isfinite(photo[:, 0])
    photo[~fixed] = _affine(pattern.flat[fixed], photo[fixed], pattern.flat[~fixed])
    rows, columns, weights = mean_value_weights(pattern.flat, pattern.faces)
    starts = np.searchsorted(rows, np.arange(len(photo) + 1)).astype(np.int32)
    _relax(photo, fixed, starts, columns, weights, _SWEEPS, _OVER_RELAXATION)
    return Laid(pattern, photo)


def rim_loop(pattern: Pattern, panel: int) -> I32:
    """The rim's vertices of a panel in order, clockwise on the screen from the axis on top."""
    faces = pattern.faces[pattern.panel[pattern.faces[:, 0]] == panel]
    edges, counts = edges_of(faces)
    rim = edges[counts == 1]
    beside: dict[int, list[int]] = {}
    for a, b in rim.tolist():
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    on_axis = [vertex for vertex in beside if abs(pattern.flat[vertex, 0]) < 1e-6]
    start = max(on_axis, key=lambda vertex: float(pattern.flat[vertex, 1]))
    step = max(beside[start], key=lambda vertex: float(pattern.flat[vertex, 0]))
    loop = [start, step]
    while True:
        following = [vertex for vertex in beside[loop[-1]] if vertex != loop[-2]]
        if not following or following[0] == start:
            return np.array(loop, np.int32)
        loop.append(following[0])


def _stops(pattern: Pattern, panel: int, rim: I32, build: Build) -> list[tuple[str, int]]:
    """Landmarks along a panel's rim, in its order, with their places in it."""
    flat = pattern.flat[rim]
    stops = []
    for name, vertex in pattern.corners.items():
        if name == "front" and panel == 1:
            continue
        place = int(np.abs(flat - pattern.flat[vertex]).sum(axis=1).argmin())
        stops.append((name, place))
    if panel == 1 and build in (Build.SLEEVED, Build.SLEEVELESS):
        stops.append(("back", 0))
    stops.sort(key=lambda stop: stop[1])
    return stops


def _line_of(
    pattern: Pattern,
    piece: I32,
    panel: int,
    reading: Reading,
    points: dict[str, F64],
    first: str,
    last: str,
) -> F64:
    """Photo pixels of a stretch of the rim between two landmarks."""
    flat = pattern.flat[piece]
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(flat, axis=0).T))])
    share = length / length[-1]
    start, end = points[first], points[last]
    if pattern.edge[piece[1]] == NECK and panel == 0:
        return _front_neckline(share, start, end, first)
    line = _outline_between(reading, start, end)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = share * along[-1]
    placed = np.stack([np.interp(at, along, line[:, k]) for k in range(2)], axis=1)
    # A dragged landmark takes the outline near it along.
    placed += (1 - share)[:, None] * (start - placed[0]) + share[:, None] * (end - placed[-1])
    return np.asarray(placed)


def _front_neckline(share: F64, start: F64, end: F64, first: str) -> F64:
    """A quarter of an ellipse from the neckline's lowest point to a neck corner, or back."""
    low, corner = (start, end) if first == "front" else (end, start)
    t = (share if first == "front" else 1 - share) * np.pi / 2
    across, down = np.array([corner[0] - low[0], 0.0]), np.array([0.0, low[1] - corner[1]])
    at = corner - across + np.sin(t)[:, None] * across + np.cos(t)[:, None] * down
    return np.asarray(at)


def _outline_between(reading: Reading, start: F64, end: F64) -> F64:
    """The photo's outline clockwise from one landmark to another; straight where it has left it."""
    contour = reading.contour
    a, b = nearest(contour, start), nearest(contour, end)
    size = float(np.linalg.norm(np.ptp(contour, axis=0)))
    off = max(np.linalg.norm(contour[a] - start), np.linalg.norm(contour[b] - end))
    way = path(contour, a, b, forward=True)
    straight = float(np.linalg.norm(end - start))
    long = float(np.hypot(*np.diff(contour[way], axis=0).T).sum()) if len(way) > 1 else 0.0
    if len(way) < 2 or (off > _ON_OUTLINE * size and long > 2.5 * straight) or long > 6 * straight:
        return np.stack([start, end])
    return np.asarray(contour[way])


def _affine(flat: F64, photo: F64, wanted: F64) -> F64:
    """Where a plane map fitted to the rim puts other points: a start for the relaxation."""
    rows = np.column_stack([flat, np.ones(len(flat))])
    fit, *_ = np.linalg.lstsq(rows, photo, rcond=None)
    return np.asarray(np.column_stack([wanted, np.ones(len(wanted))]) @ fit)


@njit(cache=True, fastmath=True)
def _relax(
    photo: F64,
    fixed: NDArray[np.bool_],
    starts: I32,
    columns: I32,
    weights: F64,
    sweeps: int,
    factor: float,
) -> None:
    """Make every free vertex the weighted mean of its ring, by successive over-relaxation."""
    for sweep in range(sweeps):
        pull = 1.0 if sweep > sweeps - 4 else factor
        for i in range(len(photo)):
            if fixed[i]:
                continue
            total, x, y = 0.0, 0.0, 0.0
            for k in range(starts[i], starts[i + 1]):
                total += weights[k]
                x += weights[k] * photo[columns[k], 0]
                y += weights[k] * photo[columns[k], 1]
            photo[i, 0] += pull * (x / total - photo[i, 0])
            photo[i, 1] += pull * (y / total - photo[i, 1])


def own_flat(laid: Laid, tilt_deg: float, metre_px: float) -> F64:
    """(V, 2) the photo's own silhouette as a pattern in metres, both halves made alike.

    `metre_px` is how many photo pixels a metre is.
    """
    pattern, photo = laid.pattern, laid.photo
    angle = np.radians(tilt_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    upright = (photo @ turn) * [1.0, -1.0] / metre_px
    top = [vertex for name, vertex in pattern.corners.items() if name.startswith(("neck", "waist"))]
    upright -= upright[top].mean(axis=0)
    rim = pattern.edge != INSIDE
    upright[:, 0] -= (upright[rim, 0] + upright[pattern.mirror[rim], 0]).mean() / 2
    return np.asarray((upright + upright[pattern.mirror] * [-1.0, 1.0]) / 2)
