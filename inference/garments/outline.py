"""A garment's outline in a photo: its silhouette without the hanger, traced, turned upright."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image

from inference.pixels.alpha import components, grown, shrunk
from inference.pixels.arrays import BoolMask, GreyU8

F64 = NDArray[np.float64]

# Fine enough for corners; a contour has about 2,500 points.
_WORKING_SIDE_PX = 720
_SOLID = 127
# A hook or a hanger's bar is thinner than this share of the garment's width; a strap is wider.
_HOOK_SHARE = 0.022
_HOOK_AREA = 0.0006
_TILTS_DEG = np.arange(-16.0, 16.1, 2.0)
_TILT_SIDE = 52
_SIDEWAYS_DEG = (78.0, 84.0, 90.0, 96.0, 102.0)
# A contour is smoothed over this share of its length: a thread's end is no corner.
_SMOOTH_SHARE = 0.0022


@dataclass(frozen=True, slots=True)
class Outline:
    """The traced silhouette.

    `contour` (K, 2) x and y in photo pixels, clockwise on the screen; `upright` the same turned by
    `tilt_deg` about `centre`, so that the garment's axis is vertical; `symmetry` 0..1, how well
    the halves cover each other; `sideways` the same when the photo is turned by 90 degrees;
    `had_hanger`; `touches` the frame's edges that it crosses.
    """

    contour: F64
    upright: F64
    tilt_deg: float
    centre: tuple[float, float]
    symmetry: float
    sideways: float
    had_hanger: bool
    touches: tuple[str, ...]

    def to_photo(self, upright: F64) -> F64:
        """Points of the upright frame back in the photo."""
        return rotated(upright, -self.tilt_deg, self.centre)


def find_outline(alpha: GreyU8) -> Outline | None:
    """Trace the largest thing in a matte, (H, W) uint8; None where it shows nothing.

    The outline runs through the middles of pixels of a reduced matte, scaled to the photo.
    """
    height, width = alpha.shape
    scale = min(1.0, _WORKING_SIDE_PX / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX))
    mask = _largest(small > _SOLID)
    if mask is None:
        return None
    mask, had_hanger = _without_hanger(mask)
    contour = trace(np.pad(mask, 1)).astype(np.float64) - 0.5
    contour = smoothed_loop(contour, max(1.0, _SMOOTH_SHARE * len(contour)))
    contour *= [width / size[0], height / size[1]]
    tilt, symmetry, sideways = _tilt(mask)
    centre = (width / 2, height / 2)
    return Outline(
        contour=contour,
        upright=rotated(contour, tilt, centre),
        tilt_deg=tilt,
        centre=centre,
        symmetry=symmetry,
        sideways=sideways,
        had_hanger=had_hanger,
        touches=_touches(mask),
    )


def rotated(points: F64, degrees: float, centre: tuple[float, float]) -> F64:
    """Turn (N, 2) points about `centre`, clockwise on the screen."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.asarray((points - centre) @ turn + centre)


def _largest(mask: BoolMask) -> BoolMask | None:
    labels, areas = components(mask)
    areas = areas.copy()
    areas[0] = 0
    if areas.max(initial=0) < 0.004 * mask.size:
        return None
    mask = labels == int(areas.argmax())
    # What the background does not reach from outside is a hole: the outline has none.
    outside, _ = components(np.pad(~mask, 1, constant_values=True))
    return np.asarray((outside != outside[0, 0])[1:-1, 1:-1])


def _without_hanger(mask: BoolMask) -> tuple[BoolMask, bool]:
    """Take off what is thin and stands on top: a hook, a hanger's bar, a label's loop."""
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    reach = max(1, round(_HOOK_SHARE / 2 * (columns[-1] - columns[0])))
    opened = grown(shrunk(mask, reach), reach) & mask
    kept = _largest(opened)
    if kept is None:
        return mask, False
    top = rows[0] + round(0.3 * (rows[-1] - rows[0]))
    result = mask.copy()
    result[:top] = kept[:top]
    result_or_none = _largest(result)
    if result_or_none is None:
        return mask, False
    # The rim that opening rounds off comes back; what stood alone does not.
    near = grown(result_or_none, 1) & mask
    lost = mask & ~near
    return near, bool(lost[:top].sum() > _HOOK_AREA * mask.sum())


def _tilt(mask: BoolMask) -> tuple[float, float, float]:
    """Degrees that turn the axis upright, the symmetry then, and the best symmetry sideways."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    y, x = np.nonzero(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    centred = np.stack([x - x.mean(), y - y.mean()], axis=1).astype(np.float64)
    if len(centred) > 16000:
        centred = centred[:: len(centred) // 16000 + 1]
    scores = [_symmetry(rotated(centred, tilt, (0.0, 0.0))) for tilt in _TILTS_DEG]
    best = int(np.argmax(scores))
    fine = _TILTS_DEG[best] + np.arange(-1.5, 1.6, 0.5)
    finer = [_symmetry(rotated(centred, tilt, (0.0, 0.0))) for tilt in fine]
    tilt, score = float(fine[int(np.argmax(finer))]), max(finer)
    if score < scores[len(_TILTS_DEG) // 2] + 0.008:
        tilt, score = 0.0, scores[len(_TILTS_DEG) // 2]
    aside = max(_symmetry(rotated(centred, turn, (0.0, 0.0))) for turn in _SIDEWAYS_DEG)
    return tilt, float(score), float(aside)


def _symmetry(points: F64) -> float:
    """Overlap of a cloud of points with its mirror image, 0..1, over the best axis."""
    low, high = points.min(axis=0), points.max(axis=0)
    cell = max(high - low) / _TILT_SIDE
    place = np.floor((points - low) / cell).astype(np.int64)
    grid = np.zeros(place.max(axis=0) + 1, bool)
    grid[place[:, 0], place[:, 1]] = True
    middle = (points[:, 0].mean() - low[0]) / cell
    best = 0.0
    for shift in range(-3, 4):
        twin = np.rint(2 * middle + shift).astype(int) - 1 - np.arange(len(grid))
        valid = (twin >= 0) & (twin < len(grid))
        mirrored = np.zeros_like(grid)
        mirrored[valid] = grid[twin[valid]]
        both, either = (grid & mirrored).sum(), (grid | mirrored).sum()
        best = max(best, float(both / max(1, either)))
    return best


def _touches(mask: BoolMask) -> tuple[str, ...]:
    edges = {"left": mask[:, :2], "top": mask[:2], "right": mask[:, -2:], "bottom": mask[-2:]}
    limits = {"left": mask.shape[0], "right": mask.shape[0]}
    return tuple(
        name
        for name, strip in edges.items()
        if strip.any(axis=1 if name in limits else 0).sum() > 0.03 * max(mask.shape)
    )


def smoothed_loop(contour: F64, sigma: float) -> F64:
    """A closed line smoothed by a Gaussian of `sigma` points."""
    frequency = np.fft.fftfreq(len(contour))
    keep = np.exp(-2 * (math.pi * sigma * frequency) ** 2)
    return np.asarray(np.fft.ifft(np.fft.fft(contour, axis=0) * keep[:, None], axis=0).real)


@njit(cache=True)
def _walk(mask: BoolMask, row: int, column: int, out: NDArray[np.int32]) -> int:
    rows = (0, 1, 1, 1, 0, -1, -1, -1)
    columns = (1, 1, 0, -1, -1, -1, 0, 1)
    y, x, heading, count = row, column, 7, 0
    while count < len(out):
        out[count, 0] = x
        out[count, 1] = y
        count += 1
        found = False
        for turn in range(8):
            way = (heading + 5 + turn) % 8
            if mask[y + rows[way], x + columns[way]]:
                y, x, heading, found = y + rows[way], x + columns[way], way, True
                break
        if not found or (y == row and x == column):
            break
    return count


def trace(mask: BoolMask) -> NDArray[np.int32]:
    """(K, 2) x and y of the border pixels of a mask with an empty rim, clockwise on the screen.

    Source: Moore neighbour tracing, as in Gonzalez and Woods, "Digital image processing".
    """
    first = int(np.argmax(mask.any(axis=1)))
    out = np.empty((4 * mask.size, 2), np.int32)
    count = _walk(np.ascontiguousarray(mask), first, int(np.argmax(mask[first])), out)
    return out[:count].copy()
