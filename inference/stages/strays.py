"""Clear what only resembles the product: flecks of its colour that lie apart from it."""

import numpy as np

from inference.pixels.alpha import components, grown, resized
from inference.pixels.arrays import AlphaF32, GreyU8

_WORKING_SIDE_PX = 1024
_FAINTEST = 12  # of 255: fainter connects nothing
# Hairs stay: where a gap parts one from the product it is narrow. In pixels of the working size.
_HAIR_GAP_PX = 2
_FOUND = 0.5


def drop_strays(alpha: GreyU8, coarse: AlphaF32) -> None:
    """Zero every part of a refined matte that nothing found by the network belongs or is close to.

    A white fleck on the ground beside a white product is on the product's side of the colour line,
    so refinement takes it along.

    Args:
        alpha: (H, W) uint8, 0..255; changed in place.
        coarse: (h, w) float32, 0..1, the matte that was refined, of the same picture.
    """
    height, width = alpha.shape
    step = max(1, -(-max(height, width) // _WORKING_SIDE_PX))
    # The most of each block: a hair of one pixel must not be lost between two samples.
    rows = np.maximum.reduceat(alpha, range(0, height, step), axis=0)
    blocks = np.maximum.reduceat(rows, range(0, width, step), axis=1)
    labels, areas = components(grown(blocks > _FAINTEST, _HAIR_GAP_PX))
    is_stray = np.ones(len(areas), dtype=np.bool_)
    is_stray[labels[resized(coarse, blocks.shape[1], blocks.shape[0]) > _FOUND]] = False
    is_stray[0] = False
    for label in np.flatnonzero(is_stray & (areas > 0)):
        part = labels == label
        down, across = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        window = np.s_[
            down[0] * step : (down[-1] + 1) * step, across[0] * step : (across[-1] + 1) * step
        ]
        inside = part[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        native = inside.repeat(step, axis=0).repeat(step, axis=1)
        target = alpha[window]
        target[native[: target.shape[0], : target.shape[1]]] = 0
