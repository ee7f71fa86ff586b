"""The separate products of a cutout, for a seller who wants only one of them."""

import math

import numpy as np

from inference.pixels.alpha import components, grown
from inference.pixels.arrays import BoolMask, GreyU8
from inference.requests import Box

_WORKING_SIDE_PX = 512
# Parts nearer than this share of the frame belong together: a strap and its bag, a cap and its jar.
_GAP_SHARE = 0.008
_LEAST_SHARE = 0.05  # of the largest product's area
_MOST_SUBJECTS = 12
_SOLID = 127


def find_subjects(alpha: GreyU8) -> tuple[Box, ...]:
    """Boxes of the separate products, largest first; none where nothing is solid.

    Args:
        alpha: (H, W) uint8, 0..255, of the upright photo.

    Returns:
        At most a dozen boxes in alpha's pixels; parts that nearly touch count as one product.
    """
    height, width = alpha.shape
    step = max(1, math.ceil(max(height, width) / _WORKING_SIDE_PX))
    solid = alpha[::step, ::step] > _SOLID
    reach = max(1, round(_GAP_SHARE * max(solid.shape)))
    labels, _ = components(grown(solid, reach))
    labels = np.where(solid, labels, 0)
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    order = np.argsort(areas)[::-1][:_MOST_SUBJECTS]
    largest = int(areas.max())
    return tuple(
        _box(labels == label, step, width, height)
        for label in order
        if areas[label] > 0 and areas[label] >= _LEAST_SHARE * largest
    )


def _box(mask: BoolMask, step: int, w: int, h: int) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(
        int(columns[0]) * step,
        int(rows[0]) * step,
        min(w, (int(columns[-1]) + 1) * step),
        min(h, (int(rows[-1]) + 1) * step),
    )
