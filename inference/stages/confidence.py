"""How far a matte can be trusted, from the matte itself and from the photo along its outline."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.pixels.alpha import COMPONENT_FLOOR, components, grown, resized, shrunk
from inference.pixels.arrays import AlphaF32, BoolMask, GreyU8, RgbU8

_WORKING_SIDE_PX = 384
_DECIDED_LOW, _DECIDED_HIGH = 0.45, 0.90
_AGREED_LOW, _AGREED_HIGH = 0.40, 0.90
# Undecided areas wider than an edge, as a share of the product. Of 59 photos (29 with masks, 30
# looked at) sound cut-outs lie under 0.03; a shelf, a heap and a haze lie at 0.085 and above.
_UNDECIDED = (0.1, 0.9)
_EDGE_PX = 2
_HAZE_LOW, _HAZE_HIGH = 0.02, 0.12
# The share of the outline along which product and ground differ by less than `_ALIKE` (of 1, in the
# channel that differs most). Sound cut-outs lie under 0.12, lost insoles at 0.19.
_ALIKE = 0.06
_AROUND_PX = 4  # how far from the outline colours are averaged
_LEAST_COVER = 0.02
_ALIKE_LOW, _ALIKE_HIGH = 0.08, 0.25
# Thin lines on a plain ground beside the cut-out, over the length of its outline: the rims of a
# glass that was not seen. A clear jar of which the lid was cut out has 0.33, a plant that was
# mostly lost 4.5, eighteen other products none. Shadows, whose edges are no lines, and lines that
# run to the frame's edge do not count.
_LEFT_LOW, _LEFT_HIGH = 0.10, 0.45
_LINE_PX = 2
_LINE_LEVELS, _LINE_OVER_NOISE = 5, 4  # of 255, and times the ground's own texture
_PLAIN_LEVELS = 3  # a texture above this is a pattern, whose lines mean nothing
_BESIDE_PX = 6  # nearer to the cut-out lies its own edge
_LINE_SHARE = 0.2  # of the product's longer side: shorter lines are crumbs and creases
_LEAST_GROUND = 0.1


class Doubt(StrEnum):
    """What lowers a confidence the most."""

    MATTE = "matte"  # undecided, or two looks disagree
    ALIKE = "alike"  # low contrast along the outline
    PARTIAL = "partial"  # something beside it was left out


@dataclass(frozen=True, slots=True)
class Confidence:
    """`value` is 0..1; `doubt` is what lowers it the most, also where that is little."""

    value: float
    doubt: Doubt


def confidence_of(rgb: RgbU8, alpha: AlphaF32, agreement: float) -> Confidence:
    """Judge a matte.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) float32, 0..1, of the same picture.
        agreement: of two looks, intersection over union, 0..1; 1 where there was one.

    Returns:
        The product of five: how decided the matte is, how well both looks agree, how little of it
        is undecided over more than an edge, how far product and ground differ in colour, how
        little that looks like a part of the product was left out.
    """
    height, width = alpha.shape
    scale = min(1.0, _WORKING_SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = resized(alpha, *size)
    photo = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))
    matte = ramp(decidedness(alpha), _DECIDED_LOW, _DECIDED_HIGH)
    matte *= ramp(agreement, _AGREED_LOW, _AGREED_HIGH)
    matte *= 1 - ramp(_haze(small), _HAZE_LOW, _HAZE_HIGH)
    contrast = 1 - ramp(_alike(photo, small > 0.5), _ALIKE_LOW, _ALIKE_HIGH)
    whole = 1 - ramp(_left_out(photo, small), _LEFT_LOW, _LEFT_HIGH)
    doubts = {Doubt.MATTE: matte, Doubt.ALIKE: contrast, Doubt.PARTIAL: whole}
    return Confidence(matte * contrast * whole, min(doubts, key=lambda doubt: doubts[doubt]))


def decidedness(alpha: AlphaF32) -> float:
    """1 where all that a matte touches is surely product, 0 where it is one half everywhere."""
    touched = alpha[alpha > COMPONENT_FLOOR]
    return 1 - 4 * float((touched * (1 - touched)).mean()) if touched.size else 0.0


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`, straight between."""
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))


def _haze(alpha: AlphaF32) -> float:
    """The undecided area that is wider than an edge, over the product's area."""
    low, high = _UNDECIDED
    undecided = (alpha > low) & (alpha < high)
    wide = grown(shrunk(undecided, _EDGE_PX), _EDGE_PX)
    solid = int(np.count_nonzero(alpha > 0.5))
    return float(np.count_nonzero(wide) / max(1, solid))


def _alike(photo: RgbU8, solid: BoolMask) -> float:
    """The share of the outline along which product and ground have nearly the same colour."""
    inner = shrunk(solid, 1)
    product, on_product = _around(photo, inner)
    ground, on_ground = _around(photo, shrunk(~solid, 1))
    outline = solid & ~inner & (on_product > _LEAST_COVER) & (on_ground > _LEAST_COVER)
    if not outline.any():
        return 0.0
    difference = np.abs(product[outline] - ground[outline]).max(axis=1)
    return float((difference < _ALIKE).mean())


def _left_out(photo: RgbU8, alpha: AlphaF32) -> float:
    """The length of the lines on a plain ground beside the product, over its outline's."""
    solid = alpha > 0.5
    ground = ~grown(alpha > COMPONENT_FLOOR / 2, _BESIDE_PX)
    if ground.mean() < _LEAST_GROUND or not solid.any():
        return 0.0
    strength = _lines(photo)
    texture = float(np.percentile(strength[ground], 75))
    if texture > _PLAIN_LEVELS:
        return 0.0
    lines = ground & (strength > max(_LINE_LEVELS, _LINE_OVER_NOISE * texture))
    labels, areas = components(grown(lines, 1))
    frame = np.concatenate([labels[:2].ravel(), labels[-2:].ravel(), labels[:, :2].ravel()])
    open_ended = np.concatenate([[0], frame, labels[:, -2:].ravel()])
    least = _LINE_SHARE * _longer_side(solid)
    length = 0
    for label in np.setdiff1d(np.flatnonzero(areas >= least), open_ended):
        line = labels == label
        if _longer_side(line) >= least:
            length += int(np.count_nonzero(line & lines))
    outline = int(np.count_nonzero(solid & ~shrunk(solid, 1)))
    return length / max(1, outline)


def _lines(photo: RgbU8) -> GreyU8:
    """How far each pixel lies on a line darker or brighter than both its sides, 0..255."""
    grey = Image.fromarray(photo).convert("L").filter(ImageFilter.GaussianBlur(1.0))
    wide = 2 * _LINE_PX + 1
    low, high = ImageFilter.MinFilter(wide), ImageFilter.MaxFilter(wide)
    seen: GreyU8 = np.asarray(grey)
    without_dark: GreyU8 = np.asarray(grey.filter(high).filter(low))
    without_bright: GreyU8 = np.asarray(grey.filter(low).filter(high))
    strength: GreyU8 = np.maximum(without_dark - seen, seen - without_bright)
    return strength


def _longer_side(mask: BoolMask) -> int:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(max(rows[-1] - rows[0], columns[-1] - columns[0])) + 1


def _around(photo: RgbU8, mask: BoolMask) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours, 0..1, averaged over the mask's pixels nearby, and the mask's share there."""
    blur = ImageFilter.BoxBlur(_AROUND_PX)
    masked = Image.fromarray(np.where(mask[..., None], photo, np.uint8(0))).filter(blur)
    cover = Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).filter(blur)
    share = np.asarray(cover, dtype=np.float32) / np.float32(255)
    colours = np.asarray(masked, dtype=np.float32) / np.float32(255)
    return colours / np.maximum(share, _LEAST_COVER)[..., None], share
