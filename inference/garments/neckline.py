"""The front neckline of a top that lies flat: inside it, the back's inner side shows."""

import numpy as np
from numpy.typing import NDArray

from inference.garments.outline import Outline
from inference.pixels.arrays import RgbU8

F64 = NDArray[np.float64]

# Depths tried, in half widths of the neck; most necklines are about 0.85 deep.
_DEPTHS = np.arange(0.22, 2.05, 0.03)
_USUAL, _SPREAD = 0.85, 0.45
_SAMPLES = 48
# Mean step of colour across the line, of 255, below which nothing was seen.
_LEAST_STEP = 7.0


def find_neckline(
    rgb: RgbU8, scale: float, outline: Outline, points: dict[str, F64]
) -> tuple[F64, bool]:
    """The lowest point of the front neckline in the upright frame, and whether it was seen.

    Curves through both neck corners are tried; the one with the strongest step of colour across
    it wins, the usual depth preferred. `scale` takes photo pixels to `rgb`'s.
    """
    left, right, back = points["neck_left"], points["neck_right"], points["back"]
    middle, half = (left + right) / 2, float(np.linalg.norm(right - left)) / 2
    least = max(0.18, float(back[1] - middle[1]) / half + 0.14)
    depths = _DEPTHS[least < _DEPTHS]
    if len(depths) == 0:
        return middle + np.array([0.0, (least + 0.2) * half]), False
    across = (right - left) / (2 * half)
    down = np.array([-across[1], across[0]])
    steps = np.array(
        [_step(rgb, scale, outline, middle, across * half, down * half, depth) for depth in depths]
    )
    score = steps * np.exp(-0.5 * ((depths - _USUAL) / _SPREAD) ** 2)
    best = int(score.argmax())
    clear = steps[best] > max(_LEAST_STEP, 1.35 * float(np.median(steps)))
    depth = float(depths[best]) if clear else max(least + 0.15, _USUAL)
    return middle + depth * half * down, bool(clear)


def _step(
    rgb: RgbU8, scale: float, outline: Outline, middle: F64, across: F64, down: F64, depth: float
) -> float:
    """Mean difference of colour across a half ellipse of this depth."""
    t = np.linspace(0.25, np.pi - 0.25, _SAMPLES)[:, None]
    line = middle - across * np.cos(t) + depth * down * np.sin(t)
    half = float(np.linalg.norm(across))
    outward = -across * np.cos(t) / half * depth + down * np.sin(t) / half
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    reach = max(1.5 / scale, 0.03 * half)
    outer = _colours(rgb, scale, outline.to_photo(line + reach * outward))
    inner = _colours(rgb, scale, outline.to_photo(line - reach * outward))
    step = np.minimum(np.abs(outer - inner).mean(axis=1), 30.0)
    weight = np.sin(t[:, 0])
    # A line that is seen only in places is a print's.
    return float(0.5 * (step * weight).sum() / weight.sum() + 0.5 * np.quantile(step, 0.3))


def _colours(rgb: RgbU8, scale: float, points: F64) -> F64:
    """(N, 3) mean colour of 3 by 3 pixels at photo points."""
    x = np.rint(points[:, 0] * scale - 0.5).astype(int)
    y = np.rint(points[:, 1] * scale - 0.5).astype(int)
    total = np.zeros((len(points), 3))
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            rows = np.clip(y + dy, 0, rgb.shape[0] - 1)
            columns = np.clip(x + dx, 0, rgb.shape[1] - 1)
            total += rgb[rows, columns]
    return total / 9
