"""A second opinion on a cutout: a small network looks at the photo again.

What it is sure of and the cutout lacks may be a part that was cut off; what it is sure is not
product and the cutout holds may be a gap that was filled. It sees only 320 pixels: small parts and
fine gaps are beyond it.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from inference.inspect.evidence import PhotoEvidence, box_of, grown, shrunk
from inference.pixels.alpha import components
from inference.pixels.arrays import AlphaF32, BoolMask, RgbU8
from inference.requests import Box

_LOOK_SIDE_PX = 400
# Seen round the cutout: a part that was lost lies outside of its box.
_MARGIN = 0.3
_SURE_PRODUCT, _SURE_BACKGROUND = 0.75, 0.12
# The network's outline is this soft, as a share of the cutout's longest side.
_SOFTNESS = 0.022


class FindsProducts(Protocol):
    """What the second look needs of a segmenter."""

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """(H, W, 3) uint8 sRGB in, (H, W) float32 alpha 0..1 of the same size out."""
        ...


@dataclass(frozen=True, slots=True)
class Doubt:
    """A patch that the second look sees otherwise: its share of the cutout's area, and where.

    `box` is in upright native photo pixels; None with a share of 0.
    """

    share: float = 0.0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The largest part that seems lost, and the largest gap that seems filled."""

    lost: Doubt = Doubt()
    filled: Doubt = Doubt()


def look_again(segmenter: FindsProducts, source: PhotoEvidence) -> SecondLook:
    """Compare a cutout with what another look at its photo finds."""
    scale, subject = source.photo_scale, source.measurements.subject
    height, width = source.alpha.shape
    margin = _MARGIN * max(subject.width, subject.height)
    left = max(0, int((subject.left - margin) * scale))
    top = max(0, int((subject.top - margin) * scale))
    right = min(width, int((subject.right + margin) * scale) + 1)
    bottom = min(height, int((subject.bottom + margin) * scale) + 1)
    shrink = min(1.0, _LOOK_SIDE_PX / max(right - left, bottom - top))
    size = (max(1, round((right - left) * shrink)), max(1, round((bottom - top) * shrink)))
    window = np.s_[top:bottom, left:right]
    rgb = Image.fromarray(source.photo[window]).resize(size, Image.Resampling.BOX)
    alpha = np.asarray(Image.fromarray(source.alpha[window]).resize(size, Image.Resampling.BOX))
    seen = segmenter.coarse_alpha(np.asarray(rgb))
    radius = max(2, round(_SOFTNESS * max(subject.width, subject.height) * scale * shrink))
    area = max(1, int(np.count_nonzero(alpha > 127)))
    near = grown(alpha > 40, radius)
    lost = _opened((seen > _SURE_PRODUCT) & ~near, radius // 2)
    filled = _opened((seen < _SURE_BACKGROUND) & shrunk(alpha > 220, radius), radius // 2)

    def doubt(mask: BoolMask, beside: BoolMask | None) -> Doubt:
        found = _largest(mask, beside)
        box = box_of(found)
        if box is None:
            return Doubt()
        x, y = left / scale, top / scale
        pitch = shrink * scale
        native = Box(
            int(x + box.left / pitch),
            int(y + box.top / pitch),
            int(x + box.right / pitch) + 1,
            int(y + box.bottom / pitch) + 1,
        )
        return Doubt(np.count_nonzero(found) / area, native)

    # Another object further away is no part of this product.
    return SecondLook(doubt(lost, grown(near, 3)), doubt(filled, None))


def _opened(mask: BoolMask, radius: int) -> BoolMask:
    return grown(shrunk(mask, radius), radius)


def _largest(mask: BoolMask, beside: BoolMask | None) -> BoolMask:
    """The largest connected patch, of those that reach `beside` where that is given."""
    labels, areas = components(mask)
    areas[0] = 0
    if beside is not None:
        reaching = np.unique(labels[beside])
        keeps = np.zeros_like(areas, dtype=bool)
        keeps[reaching] = True
        areas = np.where(keeps, areas, 0)
        areas[0] = 0
    if areas.max() == 0:
        return np.zeros_like(mask)
    return np.asarray(labels == int(np.argmax(areas)))
