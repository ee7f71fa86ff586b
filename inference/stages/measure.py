"""Measure the product in its native alpha: where it is, what it crosses, how it was looked at."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import BoolMask, GreyU8
from inference.requests import Box, Measurements

_SOLID = 127
# A photo of something that stands is taken from 18° above on the median (133 photos).
TYPICAL_PITCH_DEG = 18.0
_MAX_PITCH_DEG = 60.0
_STEEPEST_BASE = 1.1  # |slope|: steeper pieces of the lower hull are the product's flanks
# A base nearly as wide as the product and truly elliptic is a can's: its ends, too steep to count,
# are supplied by the ellipse. Anything else is read as it is; tapering sides would be read as foot.
_CYLINDER_SHARE = 0.8
_ROUNDNESS = 0.004  # of the base's width
_FLATTEST_SQUARED = 1.33  # (width over height)² of a circle seen from 60° above
_ARC_SAMPLES = 64
_NARROWEST_BASE = 0.15  # of the subject's width: under this the base says nothing about pitch
_CROSSING_SHARE = 0.04  # of the subject's side, along the frame's edge
_WORKING_SIDE_PX = 1024  # the contour is measured on every n-th pixel; pitch is a ratio


@dataclass(frozen=True, slots=True)
class _Base:
    """What the product stands on: width in pixels, and its ellipse's height over its width."""

    width: float
    ratio: float


def measure(alpha: GreyU8, *, has_own_alpha: bool = False) -> Measurements:
    """Measure a matte.

    Args:
        alpha: (H, W) uint8, 0..255, of the upright photo at native size.
        has_own_alpha: the file brought it along.

    Returns:
        The subject's box (the whole frame if nothing is solid), the frame's edges that it crosses,
        pitch (`TYPICAL_PITCH_DEG` where the base does not show it), base width, coverage.
    """
    height, width = alpha.shape
    solid = alpha > _SOLID
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if rows.size == 0:
        return Measurements(width, height, Box(0, 0, width, height), has_own_alpha=has_own_alpha)
    subject = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    touches = _touches(solid, subject)
    step = max(1, math.ceil(max(subject.width, subject.height) / _WORKING_SIDE_PX))
    window = solid[subject.top : subject.bottom : step, subject.left : subject.right : step]
    base = _base(window)
    return Measurements(
        width=width,
        height=height,
        subject=subject,
        touches=touches,
        pitch_deg=_pitch(base, window.shape[1], "bottom" in touches),
        base_width_px=base.width * step,
        coverage=float(np.count_nonzero(solid) / solid.size),
        has_own_alpha=has_own_alpha,
    )


def _touches(solid: BoolMask, subject: Box) -> tuple[str, ...]:
    """The frame's edges along which the product is cut for more than a grazing contact."""
    edges = {
        "left": (solid[:, 0], subject.height),
        "top": (solid[0, :], subject.width),
        "right": (solid[:, -1], subject.height),
        "bottom": (solid[-1, :], subject.width),
    }
    return tuple(
        name
        for name, (line, side) in edges.items()
        if np.count_nonzero(line) > max(1.0, _CROSSING_SHARE * side)
    )


def _base(window: BoolMask) -> _Base:
    """What the product stands on: the flat part of the lower convex hull of the lower contour."""
    x = np.flatnonzero(window.any(axis=0))
    if x.size < 3:
        return _Base(float(x.size), 0.0)
    lowest = window.shape[0] - 1 - np.argmax(window[::-1], axis=0)
    hull = _lower_hull(x.astype(np.float64), lowest[x].astype(np.float64))
    slopes = np.abs(np.diff(hull[:, 1]) / np.diff(hull[:, 0]))
    first = last = bottom = int(np.argmax(hull[:, 1]))
    while first > 0 and slopes[first - 1] <= _STEEPEST_BASE:
        first -= 1
    while last < len(hull) - 1 and slopes[last] <= _STEEPEST_BASE:
        last += 1
    width = float(hull[last, 0] - hull[first, 0]) + 1
    sag = float(hull[bottom, 1] - (hull[first, 1] + hull[last, 1]) / 2)
    ratio = 2 * max(0.0, sag) / width
    if width >= _CYLINDER_SHARE * x.size and (ellipse := _ellipse_ratio(hull[first : last + 1])):
        ratio = ellipse
    return _Base(width, ratio)


def _ellipse_ratio(arc: NDArray[np.float64]) -> float | None:
    """Height over width of the level ellipse through an arc of the hull; None if it is no ellipse.

    An ellipse's own ends are steeper than a base may be and are not part of the arc, so its axes
    cannot be read off; x² + c y² + d x + e y + f = 0 is linear in what is sought, with c = (a/b)².
    """
    x = np.linspace(arc[0, 0], arc[-1, 0], _ARC_SAMPLES)
    y = np.interp(x, arc[:, 0], arc[:, 1])
    scale = max(1.0, float(x[-1] - x[0]))
    x, y = (x - x.mean()) / scale, (y - y.mean()) / scale
    terms = np.stack([y * y, x, y, np.ones_like(x)], axis=1)
    c, d, e, f = np.linalg.lstsq(terms, -x * x, rcond=None)[0]
    inside = e * e - 4 * c * (x * x + d * x + f)
    if c <= _FLATTEST_SQUARED or inside.min() < 0:
        return None
    deviation = float(np.sqrt(np.mean((y - (np.sqrt(inside) - e) / (2 * c)) ** 2)))
    return 1 / math.sqrt(c) if deviation <= _ROUNDNESS else None


def _lower_hull(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lower convex hull (y grows downwards) of points with rising x, as (N, 2).

    Source: Andrew, "Another efficient algorithm for convex hulls in two dimensions", 1979.
    """
    hull: list[tuple[float, float]] = []
    for point in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) >= 2 and _turns_up(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return np.array(hull)


def _turns_up(
    first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]
) -> bool:
    cross = (middle[0] - first[0]) * (last[1] - first[1]) - (middle[1] - first[1]) * (
        last[0] - first[0]
    )
    return cross >= 0


def _pitch(base: _Base, subject_width: int, is_cut: bool) -> float:
    """Camera pitch from a round base: its ellipse's axes are to each other as the pitch's sine."""
    if is_cut or base.width < _NARROWEST_BASE * subject_width:
        return TYPICAL_PITCH_DEG
    return min(_MAX_PITCH_DEG, math.degrees(math.asin(min(1.0, base.ratio))))
