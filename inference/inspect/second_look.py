"""A second opinion on a cutout: a small network looks at the photo again, and so do its colours.

What the network is sure of and the cutout lacks may be a part that was cut off. What the cutout
holds may be a gap that was filled, where two witnesses together say so: the network, which sees
only 320 pixels, and the colours, which occur round the product and not in it.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.inspect.evidence import PhotoEvidence, box_of, grown, shrunk
from inference.pixels.alpha import components
from inference.pixels.arrays import AlphaF32, BoolMask, RgbU8
from inference.requests import Box

_LOOK_SIDE_PX = 640
# Seen round the cutout: a part that was lost lies outside of its box.
_MARGIN = 0.3
_SURE_PRODUCT, _LIKELY_PRODUCT = 0.75, 0.5
# The network's outline is this soft, as a share of the cutout's longest side.
_SOFTNESS = 0.022
# Colours are counted in so many steps a channel: finer ones would tell a ground from its own noise.
_STEPS = 12
_RAREST = 1e-5
# The background's colours are those within this share of the product's size from its outline.
_SURROUNDINGS = 0.35
# Neither witness is believed further than this.
_MOST_SURE_COLOUR, _MOST_SURE_LOOK = 0.98, 0.95
# Log odds of both witnesses together from which a place counts as a gap: set on one half of the
# development photos, as docs/inspection.md says.
_GAP_ODDS = 2.0
# Gaps narrower than this share of the product's size are noise.
_GAP_GRAIN = 0.008


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
    filled = _filled_gaps(np.asarray(rgb), alpha > 127, alpha > 20, seen)

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


def _filled_gaps(rgb: RgbU8, product: BoolMask, touched: BoolMask, seen: AlphaF32) -> BoolMask:
    """Where the cutout seems to hold background.

    Args:
        rgb: (h, w, 3) uint8 sRGB, the photo.
        product: (h, w) the cutout's solid part.
        touched: (h, w) everything that the cutout holds some of.
        seen: (h, w) float32, the network's alpha.
    """
    size = math.sqrt(int(np.count_nonzero(product)) + 1)
    near = grown(product, max(4, round(_SURROUNDINGS * size))) & ~grown(touched, 3)
    inside = shrunk(product, 3) & (seen > _LIKELY_PRODUCT)
    steps = (rgb.astype(np.intp) * _STEPS) // 256
    around = _colour_shares(steps, near & (seen < _LIKELY_PRODUCT))
    own = _colour_shares(steps, inside)
    by_colour = (around + _RAREST) / (around + own + 2 * _RAREST)
    likely = by_colour[steps[..., 0], steps[..., 1], steps[..., 2]]
    odds = _log_odds(likely, _MOST_SURE_COLOUR) + _log_odds(1 - seen, _MOST_SURE_LOOK)
    radius = max(1, round(_GAP_GRAIN * size))
    found = shrunk(product, radius) & (odds > _GAP_ODDS)
    return grown(shrunk(found, radius), radius + 1) & product


def _colour_shares(steps: NDArray[np.intp], where: BoolMask) -> NDArray[np.float32]:
    """(n, n, n) float32, how often each colour occurs there; a step's neighbours count as well."""
    counts = np.zeros((_STEPS,) * 3, dtype=np.float32)
    np.add.at(counts, tuple(steps[where].T), 1)
    for axis in range(3):
        padding = [(1, 1) if each == axis else (0, 0) for each in range(3)]
        turned = np.moveaxis(np.pad(counts, padding), axis, 0)
        mixed = 0.25 * turned[:-2] + 0.5 * turned[1:-1] + 0.25 * turned[2:]
        counts = np.moveaxis(mixed, 0, axis)
    return np.asarray(counts / max(1.0, float(counts.sum())), dtype=np.float32)


def _log_odds(share: NDArray[np.float32], most: float) -> NDArray[np.float32]:
    clipped: NDArray[np.float32] = np.clip(share, 1 - most, most)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float32)


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
