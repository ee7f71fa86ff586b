"""Measures of one matte against the true one, at the true mask's own size.

Source: Perazzi et al., "A benchmark dataset and evaluation methodology for video object
segmentation", CVPR 2016 (boundary F); Rhemann et al., "A perceptually motivated online benchmark
for image matting", CVPR 2009 (gradient and connectivity error).
"""

import math
from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name

from inference.errors import ShapeMismatch
from inference.pixels.alpha import components
from inference.pixels.arrays import AlphaF32, BoolMask
from inference.pixels.resize import blur

BOUNDARY_TOLERANCE_PX = 2
BAND_SHARE = 0.01  # of the picture's longer side, on each side of the true edge
# Smaller holes are noise of the mask; the first is a share of the frame.
LEAST_HOLE_SHARE, LEAST_HOLE_PX = 2e-5, 16
_GRADIENT_SIGMA = 1.4
_CONNECTIVITY_STEPS = 10
_CONNECTIVITY_SLACK = 0.15


@dataclass(frozen=True, slots=True)
class Scores:
    """How near one matte is to the true one.

    `mae` is the mean absolute error and `band` the same within `BAND_SHARE` of the true edge, both
    0..1; `iou` and `boundary_f` (2 px) compare what is above one half, 0..1; `gradient` and
    `connectivity` are sums over the picture divided by 1,000; `hole_recall` is the share of the
    area of true holes that is open, NaN where the product has none.
    """

    mae: float
    iou: float
    boundary_f: float
    band: float
    gradient: float
    connectivity: float
    hole_recall: float

    def to_json(self) -> dict[str, float | None]:
        """Plain data; a measure that does not apply is None."""
        return {
            name: None if math.isnan(value) else round(value, 6)
            for name, value in asdict(self).items()
        }


def score(matte: AlphaF32, truth: AlphaF32) -> Scores:
    """Compare a matte with the true one.

    Args:
        matte: (H, W) float32 alpha, 0..1.
        truth: (H, W) float32 alpha, 0..1.

    Raises:
        ShapeMismatch: the two sizes differ.
    """
    if matte.shape != truth.shape:
        raise ShapeMismatch(f"the matte is {matte.shape}, the true mask is {truth.shape}")
    error = np.abs(matte - truth)
    solid, true_solid = matte > 0.5, truth > 0.5
    near_edge = grown(outline(true_solid), max(2, round(BAND_SHARE * max(truth.shape))))
    return Scores(
        mae=float(error.mean()),
        iou=_intersection_over_union(solid, true_solid),
        boundary_f=_boundary_f(outline(solid), outline(true_solid)),
        band=float(error[near_edge].mean()) if near_edge.any() else float(error.mean()),
        gradient=_gradient_error(matte, truth),
        connectivity=_connectivity_error(matte, truth),
        hole_recall=_hole_recall(solid, true_solid),
    )


def outline(solid: BoolMask) -> BoolMask:
    """The pixels of a mask that touch its outside; the frame's own edge is no outline."""
    padded = np.pad(solid, 1, mode="edge")
    core = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return solid & ~core


def grown(mask: BoolMask, reach_px: int) -> BoolMask:
    """A mask grown by a disc."""
    height, width = mask.shape
    padded = np.pad(mask, reach_px)
    result = np.zeros_like(mask)
    for dy in range(-reach_px, reach_px + 1):
        half = math.isqrt(reach_px * reach_px - dy * dy)
        row = padded[reach_px + dy : reach_px + dy + height]
        counts = np.cumsum(np.pad(row, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
        first, last = reach_px - half, reach_px + half + 1
        result |= counts[:, last : last + width] > counts[:, first : first + width]
    return result


def _intersection_over_union(solid: BoolMask, true_solid: BoolMask) -> float:
    either = np.count_nonzero(solid | true_solid)
    return 1.0 if either == 0 else float(np.count_nonzero(solid & true_solid) / either)


def _boundary_f(edge: BoolMask, true_edge: BoolMask) -> float:
    if not edge.any() and not true_edge.any():
        return 1.0
    if not edge.any() or not true_edge.any():
        return 0.0
    precision = float(grown(true_edge, BOUNDARY_TOLERANCE_PX)[edge].mean())
    recall = float(grown(edge, BOUNDARY_TOLERANCE_PX)[true_edge].mean())
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def _gradient_error(matte: AlphaF32, truth: AlphaF32) -> float:
    smooth = blur(torch.from_numpy(np.stack([matte, truth])), _GRADIENT_SIGMA)
    padded = F.pad(smooth[None], (1, 1, 1, 1), mode="replicate")[0]
    across = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    down = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    strength = torch.sqrt(across**2 + down**2)
    return float((strength[0] - strength[1]).square().sum()) / 1000


def _connectivity_error(matte: AlphaF32, truth: AlphaF32) -> float:
    """How much of the matte is loose from the largest part that both mattes share."""
    reach = np.zeros_like(matte)
    previous = 0.0
    attached = np.ones(matte.shape, dtype=np.bool_)
    for step in range(1, _CONNECTIVITY_STEPS + 1):
        threshold = step / _CONNECTIVITY_STEPS
        labels, areas = components((matte >= threshold) & (truth >= threshold))
        areas[0] = 0
        largest = labels == areas.argmax() if areas.max() > 0 else np.zeros_like(attached)
        reach[attached & ~largest] = previous
        attached &= largest
        previous = threshold
    reach[attached] = 1.0

    def belongs(alpha: AlphaF32) -> AlphaF32:
        loose = alpha - reach
        return np.where(loose >= _CONNECTIVITY_SLACK, 1 - loose, np.float32(1))

    return float(np.abs(belongs(matte) - belongs(truth)).sum(dtype=np.float64)) / 1000


def _hole_recall(solid: BoolMask, true_solid: BoolMask) -> float:
    """The share of true holes, by area, that is open; NaN without holes."""
    labels, areas = components(~true_solid)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    is_hole = areas >= max(LEAST_HOLE_PX, LEAST_HOLE_SHARE * solid.size)
    is_hole[np.unique(rim)] = False
    is_hole[0] = False
    holes = is_hole[labels]
    if not holes.any():
        return math.nan
    return float(np.count_nonzero(holes & ~solid) / np.count_nonzero(holes))
