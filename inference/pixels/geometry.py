"""Plane geometry of pictures: frame sizes, hulls, and where a product stands."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.requests import Aspect, OutputSpec

ColumnsF32 = NDArray[np.float32]  # (W,) one value per frame column

_RATIOS = {
    Aspect.SQUARE: 1.0,
    Aspect.PORTRAIT_4_5: 4 / 5,
    Aspect.PORTRAIT_3_4: 3 / 4,
    Aspect.LANDSCAPE_4_3: 4 / 3,
    Aspect.LANDSCAPE_16_9: 16 / 9,
}
# Steeper than this (rows per column), the lower hull climbs a side instead of following a base.
_STEEPEST_BASE = 1.1
# A column whose outline hangs this share of the product's height over the hull half touches.
_CONTACT_GAP = 0.009


def frame_size(output: OutputSpec, *, photo_width: int, photo_height: int) -> tuple[int, int]:
    """(width, height) in pixels of the output frame; the longest side is exactly as asked."""
    ratio = _RATIOS.get(output.aspect, photo_width / photo_height)
    longest = output.longest_side_px
    if ratio >= 1:
        return longest, max(1, round(longest / ratio))
    return max(1, round(longest * ratio)), longest


@dataclass(frozen=True, slots=True)
class Stance:
    """Where a placed product stands, in frame pixels; arrays run over the columns `left`...

    `low` is the row of the outline's lower edge; `stand` the row on which that column's shadow
    and mirror image meet it (the lower hull); `contact` is 1 where the outline touches the hull and
    falls to 0 where it hangs above. `base_row` is the lowest row of all; `base_left` and
    `base_right` bound the base; `height` is the product's.
    """

    left: int
    low: ColumnsF32
    stand: ColumnsF32
    contact: ColumnsF32
    base_row: float
    base_left: float
    base_right: float
    height: float


def find_stance(alpha: NDArray[np.float32]) -> Stance | None:
    """Read a product's stance from its outline; None when the frame shows no product.

    Args:
        alpha: (H, W) float32, 0..1.

    Contact is where the lower outline meets its own lower convex hull: a base, both shoes of a
    pair, all legs of a chair. The hull is followed only while it is flatter than a base can be.
    """
    solid = alpha > 0.5
    low = np.where(solid.any(axis=0), alpha.shape[0] - np.argmax(solid[::-1], axis=0), 0)
    return stance_of_outline(np.asarray(solid.any(axis=1)), low.astype(np.float32))


def stance_of_outline(filled_rows: NDArray[np.bool_], lowest: NDArray[np.float32]) -> Stance | None:
    """As `find_stance`, from what it needs to know of the product.

    Args:
        filled_rows: (H,) bool, true where the row holds some of the product.
        lowest: (W,) float32, the product's lower edge in each column; 0 where it is not.
    """
    rows = np.flatnonzero(filled_rows)
    filled = np.flatnonzero(lowest > 0)
    if rows.size == 0:
        return None
    height = float(rows[-1] - rows[0] + 1)
    low = lowest[filled]
    left, right = int(filled[0]), int(filled[-1])
    columns = np.arange(left, right + 1)
    outline = np.interp(columns, filled, low)
    hull = _base_of_hull(filled, low, height)
    stand = np.interp(columns, hull[:, 0], hull[:, 1])
    gap = np.maximum(stand - outline, 0)
    inside = (columns >= hull[0, 0]) & (columns <= hull[-1, 0])
    is_filled = np.isin(columns, filled)
    contact = np.exp(-((gap / max(1.0, _CONTACT_GAP * height)) ** 2)) * inside * is_filled
    return Stance(
        left=left,
        low=outline.astype(np.float32),
        stand=np.maximum(stand, outline).astype(np.float32),
        contact=contact.astype(np.float32),
        base_row=float(hull[:, 1].max()),
        base_left=float(hull[0, 0]),
        base_right=float(hull[-1, 0]) + 1.0,
        height=height,
    )


def _base_of_hull(
    columns: NDArray[np.intp], low: NDArray[np.float32], height: float
) -> NDArray[np.float64]:
    """(N, 2) points (column, row) of the lower hull around its lowest point, left to right."""
    hull = lower_hull(columns, low)
    lowest = int(np.argmax(hull[:, 1]))
    slack = 0.004 * height
    first = last = lowest
    while first > 0 and _is_base(hull[first - 1], hull[first], slack):
        first -= 1
    while last < len(hull) - 1 and _is_base(hull[last], hull[last + 1], slack):
        last += 1
    return hull[first : last + 1]


def _is_base(start: NDArray[np.float64], end: NDArray[np.float64], slack: float) -> bool:
    run, rise = end - start
    return bool(abs(rise) <= _STEEPEST_BASE * run + slack)


def lower_hull(columns: NDArray[np.intp], low: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N, 2) corners of the hull that bounds an outline from below (rows grow downwards).

    Source: A. M. Andrew, "Another efficient algorithm for convex hulls in two dimensions", 1979.
    """
    hull: list[tuple[float, float]] = []
    for column, row in zip(columns.tolist(), low.tolist(), strict=True):
        while len(hull) > 1 and _turns_up(hull[-2], hull[-1], (column, row)):
            hull.pop()
        hull.append((column, row))
    return np.asarray(hull, dtype=np.float64)


def _turns_up(
    before: tuple[float, float], middle: tuple[float, float], after: tuple[float, float]
) -> bool:
    run, rise = middle[0] - before[0], middle[1] - before[1]
    return run * (after[1] - before[1]) - rise * (after[0] - before[0]) >= 0


def light_vector(direction_deg: float, height_deg: float) -> tuple[float, float, float]:
    """Unit vector from the floor towards a lamp: (right, up, away from the camera).

    Direction 0 is the camera's side, -90 the left, 90 the right, 180 behind the product.
    """
    direction, height = math.radians(direction_deg), math.radians(height_deg)
    level = math.cos(height)
    return level * math.sin(direction), math.sin(height), -level * math.cos(direction)
