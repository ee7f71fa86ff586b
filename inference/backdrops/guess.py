"""What can be read from a photo of a place, and how sure one may be of it.

Every cue here is weak by itself. What is not sure is said to be a guess, so that the page asks the
seller to drag it where it belongs; `docs/backdrops.md` has the figures. Loads no torch.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.backdrops.place import linear_of
from inference.backdrops.setup import HORIZON_LEAST, BackdropSetup, Viewpoint
from inference.pixels.arrays import RgbU8

_WORKING_PX = 256
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# A row counts as an edge across the picture when this share of its columns agrees.
_EDGE_AGREES = 0.55
# The strongest row must beat the next best by this factor to be sure.
_EDGE_STANDS_OUT = 1.5
# Brightness that falls by this much from side to side, in log units, tells where the light stands.
_CLEAR_SLOPE = 0.18
# People photograph the place where a product will stand from a little above.
_USUAL_PITCH_DEG = 14.0


@dataclass(frozen=True, slots=True)
class BackdropGuess:
    """A setup to begin with; `sure` names what may be taken as it is, the rest wants a look."""

    setup: BackdropSetup
    sure: frozenset[str]


def guess_setup(rgb: RgbU8, *, focal: float | None = None) -> BackdropGuess:
    """Read ground line, eye level and light from a photo of a place.

    Args:
        rgb: (H, W, 3) uint8 sRGB, upright.
        focal: the lens's focal length as a share of the diagonal, where the file says so.
    """
    small = _reduced(rgb)
    luminance = linear_of(small) @ _LUMINANCE
    logs = np.log(np.maximum(luminance, 0.004))
    start = BackdropSetup() if focal is None else replace(BackdropSetup(), focal=focal)
    sure = set()
    ground_line, is_ground_sure = _ground_line(logs)
    if is_ground_sure:
        sure.add("ground_line")
    # Where the ground's edges meet was tried and was wrong as often as right: this is a habit of
    # photographers, never sure.
    tall = math.hypot(*rgb.shape[:2]) / rgb.shape[0]
    eye_level = 0.5 - math.tan(math.radians(_USUAL_PITCH_DEG)) * start.focal * tall
    eye_level = max(HORIZON_LEAST, min(eye_level, ground_line - 0.06))
    light_from, softness, is_light_sure = _light(logs, ground_line)
    if is_light_sure:
        sure.add("light_from_deg")
    stand_y = min(0.92, ground_line + 0.55 * (1 - ground_line))
    setup = replace(
        start,
        viewpoint=Viewpoint.LEVEL,
        ground_line=round(ground_line, 4),
        eye_level=round(eye_level, 4),
        stand_y=round(max(stand_y, ground_line + 0.04), 4),
        light_from_deg=light_from,
        light_softness=softness,
    )
    return BackdropGuess(setup, frozenset(sure))


def focal_from(equivalent_mm: float) -> float | None:
    """The focal length as a share of the diagonal, from EXIF's 35 mm equivalent; None if absent."""
    share = equivalent_mm / math.hypot(36, 24)
    return round(share, 4) if 0.3 <= share <= 4 else None


def _reduced(rgb: RgbU8) -> RgbU8:
    scale = _WORKING_PX / max(rgb.shape[:2])
    size = (max(16, round(rgb.shape[1] * scale)), max(16, round(rgb.shape[0] * scale)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))


def _ground_line(logs: NDArray[np.float64]) -> tuple[float, bool]:
    """The row (share of the height) at which most columns change at once; is it plain to see?"""
    height = logs.shape[0]
    reach = max(2, height // 40)
    above = _box(logs, reach, axis=0)
    change = np.zeros_like(above)
    change[reach:-reach] = above[2 * reach :] - above[: -2 * reach]
    # The median does not see what merely stands in a few columns.
    middle = np.median(change, axis=1)
    agrees = (np.sign(change) == np.sign(middle)[:, None]).mean(axis=1)
    strength = np.abs(middle) * (agrees > _EDGE_AGREES)
    strength[: int(0.12 * height)] = 0
    strength[int(0.88 * height) :] = 0
    best = int(np.argmax(strength))
    if strength[best] <= 0.03:
        return 0.55, False
    beside = strength.copy()
    beside[max(0, best - 4 * reach) : best + 4 * reach + 1] = 0
    is_sure = bool(
        strength[best] > 0.12
        and strength[best] > _EDGE_STANDS_OUT * max(float(beside.max()), 1e-6)
        and agrees[best] > 0.8
    )
    return (best + 0.5) / height, is_sure


def _box(values: NDArray[np.float64], reach: int, *, axis: int) -> NDArray[np.float64]:
    """A moving mean over 2·reach + 1 neighbours."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (reach + 1, reach)
    sums = np.cumsum(np.pad(values, pad, mode="edge"), axis=axis)
    span = 2 * reach + 1
    taken = np.take(sums, range(span, sums.shape[axis]), axis=axis)
    left = np.take(sums, range(sums.shape[axis] - span), axis=axis)
    mean: NDArray[np.float64] = (taken - left) / span
    return mean


def _light(logs: NDArray[np.float64], ground_line: float) -> tuple[float, float, bool]:
    """Side (degrees), softness (0..1) of the main light, and whether the side is plain.

    The ground is brighter towards a lamp that stands beside it; so is the wall, unless a window
    is in the picture. Only where both say the same is the side sure.
    """
    height = logs.shape[0]
    edge = int(np.clip(ground_line * height, 8, height - 8))
    ground, wall = _slope(logs[edge:]), _slope(logs[:edge])
    slope = 0.65 * ground + 0.35 * wall
    is_sure = ground * wall > 0 and abs(ground) > _CLEAR_SLOPE and abs(wall) > _CLEAR_SLOPE / 2
    side = float(np.clip(slope / 0.5, -1, 1))
    spread = float(np.percentile(logs[edge:], 90) - np.percentile(logs[edge:], 10))
    softness = float(np.clip(0.85 - 0.35 * spread, 0.15, 0.85))
    angle = math.copysign(35 + 45 * abs(side), side if side else -1)
    return round(angle, 1), round(softness, 3), is_sure


def _slope(logs: NDArray[np.float64]) -> float:
    """How much brighter the right end is than the left one, in log units, by the columns' medians.

    Medians of columns, and a line through them that outliers do not bend (Theil and Sen).
    """
    levels = np.median(logs, axis=0)
    step = max(1, levels.size // 48)
    levels = levels[::step]
    first, second = np.triu_indices(levels.size, k=levels.size // 4)
    slopes = (levels[second] - levels[first]) / (second - first)
    return float(np.median(slopes) * levels.size)
