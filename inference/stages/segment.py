"""Find the product: look at the whole photo, then again at the part where the product is.

The first look tells where; the second, on the crop, brings back thin parts and edges that the
network's own size loses. Where the two disagree over more than an outline, the first is kept unless
it was undecided there: a network that has lost its context sometimes drops half a product.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image, ImageFilter

from inference.events import LOW_CONFIDENCE
from inference.networks.segmenter import Segmenter
from inference.pixels.alpha import grown, resized, shrunk, without_specks
from inference.pixels.arrays import AlphaF32, BoolMask, GreyU8, RgbU8
from inference.requests import Box
from inference.stages.confidence import Doubt, confidence_of, decidedness, ramp

Matte = TypeVar("Matte", AlphaF32, GreyU8)

SPECK_SHARE = 0.01  # of the largest part's area
_CROP_PADDING = 0.08  # of the subject's longer side; more lost detail, less lost context
_FILLS_THE_FRAME = 0.85  # above this share of the frame a crop would show nothing new
# A subject of this share of the frame that the first look has decided gains nothing by a second,
# which costs as much again: refined, three such photos of 29 moved by 0.0004 in band error at most.
_LARGE, _WELL_DECIDED = 0.55, 0.98
_NO_SUBJECT_SHARE = 0.001  # of the frame
# In sides of the network: a subject that fills a third of the frame still gets all the detail that
# the network can use.
_LOOK_SIDES, _LEAST_LOOK_SIDE_PX, _MOST_LOOK_SIDE_PX = 3.2, 1024, 2048
# Agreement of the two looks (intersection over union): below, the first alone counts.
_AGREE_LOW, _AGREE_HIGH = 0.75, 0.85
# Unless the second is as decided as a good matte is, by so much more than the first: then the first
# was a guess. Of 41 photos with masks that is one, a shoe with its surroundings (0.69 to 0.998).
_SETTLED_LOW, _SETTLED_HIGH = 0.95, 0.98
_GUESSED_LOW, _GUESSED_HIGH = 0.04, 0.08
# In pixels of the network: a disagreement wider than twice the first is about a region; it is
# settled as a whole, with its soft rim; how decided a look is, is averaged over the third.
_REGION_PX, _RIM_PX, _DECIDED_PX = 3, 5, 6
_MORE_DECIDED = 0.15  # by so much of 1 the second look must be surer to win a region
# From this length, in sides of the network, a crop has more to show than one look can take in.
_FINE_FROM_SIDES = 1.33
_GUESSING = 0.25  # below, the matte is a guess rather than a doubtful outline

NO_SUBJECT = (
    "We could not tell which part of this photo is the product. "
    "Please check the cut-out or choose another photo."
)
UNSURE = (
    "We are not sure about parts of the product's outline. "
    "Please check the cut-out, draw a box round the product or mend it with the brush."
)
ALIKE = (
    "Parts of the product have nearly the colour of what lies behind. "
    "Please check the cut-out, draw a box round the product or mend it with the brush."
)
PARTIAL = (
    "Something beside the cut-out, perhaps clear glass, may belong to the product. "
    "Please check the cut-out, draw a box round the product or mend it with the brush."
)


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A coarse matte and how far it can be trusted.

    `alpha` is (H, W) float32, 0..1, of the picture that was looked at. `confidence` is 0..1;
    `notice` is a sentence for the seller, empty when all is well.
    """

    alpha: AlphaF32
    confidence: float
    notice: str


def look_side_px(segmenter: Segmenter) -> int:
    """The longest side at which a photo is worth showing to the network, twice."""
    side = _LOOK_SIDES * segmenter.input_side_px
    return round(min(max(side, _LEAST_LOOK_SIDE_PX), _MOST_LOOK_SIDE_PX))


def first_look(rgb: RgbU8, segmenter: Segmenter, box: Box | None = None) -> AlphaF32:
    """The network's matte of the whole picture, or of the seller's box, without specks.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        segmenter: the network.
        box: where the product is, in rgb's pixels; the network sees it with some air.

    Returns:
        (H, W) float32 alpha, 0..1; 0 outside the box.
    """
    if box is None:
        return without_specks(segmenter.coarse_alpha(rgb), SPECK_SHARE)
    alpha = np.zeros(rgb.shape[:2], dtype=np.float32)
    window = _slices(_padded(box, rgb.shape[1], rgb.shape[0]))
    alpha[window] = segmenter.coarse_alpha(np.ascontiguousarray(rgb[window]))
    return without_specks(within(alpha, box), SPECK_SHARE)


def within(alpha: Matte, box: Box | None) -> Matte:
    """The (H, W) matte with nothing outside the box; untouched where there is no box."""
    if box is None:
        return alpha
    kept = np.zeros_like(alpha)
    window = _slices(box)
    kept[window] = alpha[window]
    return kept


def closer_look(
    rgb: RgbU8, first: AlphaF32, segmenter: Segmenter, bounds: Box | None = None
) -> Segmentation:
    """Look again at the subject, fuse both looks, and judge the outcome.

    A photo without a clear subject never comes back blank: its best matte is returned, or the
    whole frame where not even that exists, always with a low confidence and a notice.

    Args:
        rgb: (H, W, 3) uint8 sRGB, as for `first_look`.
        first: what `first_look` gave.
        segmenter: the network.
        bounds: the seller's box, if any: nothing outside it is product.
    """
    box = subject_box(first)
    if box is None:
        return Segmentation(within(np.ones_like(first), bounds), 0.0, NO_SUBJECT)
    crop = _padded(box, rgb.shape[1], rgb.shape[0])
    looking = _looking(segmenter, crop, first)
    if looking is None:
        return _judged(rgb, first, agreement=1.0)
    second = np.zeros_like(first)
    window = _slices(crop)
    second[window] = looking.coarse_alpha(np.ascontiguousarray(rgb[window]))
    second = within(second, bounds)
    agreement = _agreement(first, second)
    share = np.float32(ramp(agreement, _AGREE_LOW, _AGREE_HIGH))
    settled = np.where(_first_decides(first, second, looking.input_side_px), first, second)
    fused = first + (settled - first) * share
    known = _knows_better(first, second)
    fused = without_specks(fused + (second - fused) * np.float32(known), SPECK_SHARE)
    return _judged(rgb, fused, max(agreement, known))


def segment(rgb: RgbU8, segmenter: Segmenter) -> Segmentation:
    """Both looks at once, for callers that show nothing in between."""
    return closer_look(rgb, first_look(rgb, segmenter), segmenter)


def subject_box(alpha: AlphaF32) -> Box | None:
    """The tight box of alpha > 0.5; None when hardly anything is."""
    solid = alpha > 0.5
    if np.count_nonzero(solid) < max(4.0, _NO_SUBJECT_SHARE * alpha.size):
        return None
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _looking(segmenter: Segmenter, crop: Box, first: AlphaF32) -> Segmenter | None:
    """Who looks at the crop: the network, the same with more pixels, or nobody."""
    if max(crop.width, crop.height) >= _FINE_FROM_SIDES * segmenter.input_side_px:
        finer = segmenter.finer()
        if finer is not None:
            return finer
    filled = crop.width * crop.height / first.size
    is_decided = decidedness(first) >= _WELL_DECIDED
    return None if filled >= (_LARGE if is_decided else _FILLS_THE_FRAME) else segmenter


def _slices(box: Box) -> tuple[slice, slice]:
    return slice(box.top, box.bottom), slice(box.left, box.right)


def _padded(box: Box, width: int, height: int) -> Box:
    padding = round(_CROP_PADDING * max(box.width, box.height)) + 2
    return Box(
        max(0, box.left - padding),
        max(0, box.top - padding),
        min(width, box.right + padding),
        min(height, box.bottom + padding),
    )


def _first_decides(first: AlphaF32, second: AlphaF32, side_px: int) -> BoolMask:
    """Where the looks differ by a region, not an outline, and the second is not clearly surer.

    Settled at the network's own resolution; an open hole thus stays open when the second look,
    without the surroundings, takes what shows through it for the product.
    """
    height, width = first.shape
    scale = min(1.0, side_px / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    looks = resized(first, *size), resized(second, *size)
    region = grown(shrunk(np.abs(looks[0] - looks[1]) > 0.5, _REGION_PX), _RIM_PX)
    if not region.any():
        return np.zeros(first.shape, dtype=np.bool_)
    sure, surer = (_decided_around(look) for look in looks)
    mask = Image.fromarray(region & (surer <= sure + np.float32(_MORE_DECIDED)))
    wide = np.asarray(mask.resize((width, height), Image.Resampling.NEAREST))
    return wide & grown(np.abs(first - second) > 0.5, 2)


def _decided_around(look: AlphaF32) -> AlphaF32:
    """How near to 0 or 1 a matte is around each pixel: (H, W) 0..1."""
    decided = (np.abs(2 * look - 1) * 255 + np.float32(0.5)).astype(np.uint8)
    around = Image.fromarray(decided).filter(ImageFilter.BoxBlur(_DECIDED_PX))
    return np.asarray(around, dtype=np.float32) / np.float32(255)


def _knows_better(first: AlphaF32, second: AlphaF32) -> float:
    """How far the second look counts alone, 0..1: decided where the first only guessed."""
    sure, surer = decidedness(first), decidedness(second)
    settled = ramp(surer, _SETTLED_LOW, _SETTLED_HIGH)
    return settled * ramp(surer - sure, _GUESSED_LOW, _GUESSED_HIGH)


def _agreement(first: AlphaF32, second: AlphaF32) -> float:
    both, either = np.minimum(first, second).sum(), np.maximum(first, second).sum()
    return float(both / max(either, 1e-6))


def _judged(rgb: RgbU8, alpha: AlphaF32, agreement: float) -> Segmentation:
    if subject_box(alpha) is None:
        return Segmentation(np.ones_like(alpha), 0.0, NO_SUBJECT)
    confidence = confidence_of(rgb, alpha, agreement)
    if confidence.value >= LOW_CONFIDENCE:
        return Segmentation(alpha, confidence.value, "")
    if confidence.doubt is not Doubt.MATTE:
        notice = ALIKE if confidence.doubt is Doubt.ALIKE else PARTIAL
        return Segmentation(alpha, confidence.value, notice)
    notice = UNSURE if confidence.value >= _GUESSING else NO_SUBJECT
    return Segmentation(alpha, confidence.value, notice)
