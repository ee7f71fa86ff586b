"""Crop a finished picture for a channel so that the whole product stays. Loads no torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import RgbU8
from inference.requests import Box

_WHITE = 255
# The product keeps at least this share of the frame as a margin where the crop may choose.
_MARGIN = 0.03


class CropImpossible(Exception):
    """No crop obeys the rule; the message is a clause that ends a sentence."""


@dataclass(frozen=True, slots=True)
class CropRule:
    """What a channel asks of the frame.

    `aspect` is width over height; None keeps the picture's own. `fill` is what the product should
    span of the frame on the side where it is relatively longest, 0..1, and `least_fill` what it
    must; None leaves the product as it was framed.
    """

    aspect: float | None = None
    fill: float | None = None
    least_fill: float = 0.0


@dataclass(frozen=True, slots=True)
class Crop:
    """A window on a picture, in its pixels; it may reach outside where the backdrop is flat."""

    left: int
    top: int
    width: int
    height: int

    def fill(self, product: Box) -> float:
        """The share of the window that the product spans where it is relatively longest."""
        return max(product.width / self.width, product.height / self.height)

    def holds(self, box: Box) -> bool:
        """Whether the whole box lies in the window."""
        return (
            self.left <= box.left
            and self.top <= box.top
            and box.right <= self.left + self.width
            and box.bottom <= self.top + self.height
        )


def border_colour(rgb: RgbU8) -> tuple[int, int, int] | None:
    """The one colour of all border pixels; None when they differ.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    ring = border_pixels(rgb)
    first = ring[0]
    return (int(first[0]), int(first[1]), int(first[2])) if (ring == first).all() else None


def border_pixels(rgb: RgbU8) -> NDArray[np.uint8]:
    """(N, 3): the outermost row or column of each side."""
    return np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])


def is_white(colour: tuple[int, int, int] | None) -> bool:
    """Whether a border's colour is exactly 255, 255, 255."""
    return colour == (_WHITE, _WHITE, _WHITE)


def content_box(rgb: RgbU8, colour: tuple[int, int, int]) -> Box | None:
    """The tight box of all that is not exactly `colour`; None when nothing is.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        colour: of the flat backdrop.
    """
    differs = (rgb != np.array(colour, dtype=np.uint8)).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if rows.size == 0:
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def common_box(one: Box, other: Box) -> Box:
    """What two boxes share; the first where they share nothing."""
    left, top = max(one.left, other.left), max(one.top, other.top)
    right, bottom = min(one.right, other.right), min(one.bottom, other.bottom)
    return Box(left, top, right, bottom) if left < right and top < bottom else one


def plan_crop(
    size: tuple[int, int], *, product: Box, content: Box, rule: CropRule, is_flat: bool
) -> Crop:
    """Choose the window for a rule.

    Args:
        size: the picture's width and height in pixels.
        product: the product's box.
        content: what must not be cut: the product with its shadow on a flat backdrop, else the
            product alone.
        rule: what the channel asks for.
        is_flat: the backdrop is one colour, so the window may reach outside the picture.

    Raises:
        CropImpossible: no window of that shape holds all of it, or not at that fill.
    """
    width, height = size
    aspect = rule.aspect or width / height
    if rule.fill is not None and (is_flat or rule.least_fill > 0):
        crop = _at_fill(size, product, content, aspect, rule)
    elif is_flat and rule.aspect is not None:
        crop = _around(size, content, aspect)
    else:
        crop = _largest_inside(size, product, aspect)
    if not is_flat:
        crop = _moved_inside(crop, size)
    if not crop.holds(content):
        raise CropImpossible("no crop of that shape holds the whole product")
    if rule.least_fill and crop.fill(product) < rule.least_fill:
        raise CropImpossible(
            f"with all of its shadow in the picture it fills {crop.fill(product):.0%}"
        )
    return crop


def cut(rgb: RgbU8, crop: Crop) -> RgbU8:
    """The window's pixels, untouched; outside the picture its border's colour goes on.

    Args:
        rgb: (H, W, 3) uint8, sRGB; its border is one colour where the window reaches outside.
        crop: the window.

    Returns:
        (crop.height, crop.width, 3) uint8; a copy.
    """
    height, width = rgb.shape[:2]
    out = np.empty((crop.height, crop.width, 3), dtype=np.uint8)
    out[:] = rgb[0, 0]
    left, top = max(0, crop.left), max(0, crop.top)
    right, bottom = min(width, crop.left + crop.width), min(height, crop.top + crop.height)
    inner = rgb[top:bottom, left:right]
    out[top - crop.top : bottom - crop.top, left - crop.left : right - crop.left] = inner
    return out


def _at_fill(
    size: tuple[int, int], product: Box, content: Box, aspect: float, rule: CropRule
) -> Crop:
    """The window in which the product spans `fill`, wider where its shadow needs it."""
    assert rule.fill is not None
    height = max(product.height / rule.fill, product.width / (rule.fill * aspect))
    # One pixel around, so that the border stays the backdrop's.
    height = max(height, content.height + 2, (content.width + 2) / aspect)
    window = (round(height * aspect), round(height))
    return _centred(window, product, content)


def _around(size: tuple[int, int], content: Box, aspect: float) -> Crop:
    """The smallest window of a shape that holds the picture's own window on a flat backdrop."""
    width, height = size
    if round(height * aspect) == width:
        return Crop(0, 0, width, height)
    window_height = max(height, width / aspect)
    # A wide picture in a tall shape would be mostly margin: keep the content's own margins there.
    margin = min(content.left, content.top, width - content.right, height - content.bottom)
    tight = (content.width + 2 * margin, content.height + 2 * margin)
    window_height = min(window_height, max(tight[1], tight[0] / aspect))
    window_height = max(window_height, content.height + 2, (content.width + 2) / aspect)
    return _centred((round(window_height * aspect), round(window_height)), content, content)


def _largest_inside(size: tuple[int, int], product: Box, aspect: float) -> Crop:
    """The largest window of a shape within the picture, over the product where it can be."""
    width, height = size
    window_height = min(height, width / aspect)
    window = (min(width, round(window_height * aspect)), min(height, round(window_height)))
    margin = round(_MARGIN * min(window))
    wanted = Box(
        max(0, product.left - margin),
        max(0, product.top - margin),
        min(width, product.right + margin),
        min(height, product.bottom + margin),
    )
    middle = Crop((width - window[0]) // 2, (height - window[1]) // 2, *window)
    return middle if middle.holds(wanted) else _centred(window, product, product)


def _centred(window: tuple[int, int], middle: Box, held: Box) -> Crop:
    """The window centred on one box, moved as little as it takes to hold the other."""
    left = round((middle.left + middle.right - window[0]) / 2)
    top = round((middle.top + middle.bottom - window[1]) / 2)
    left = _moved(left, window[0], held.left, held.right)
    top = _moved(top, window[1], held.top, held.bottom)
    return Crop(left, top, *window)


def _moved(start: int, length: int, first: int, last: int) -> int:
    """Where a span of `length` has to start to hold `first`..`last`, a pixel around if it can."""
    spare = 1 if length >= last - first + 2 else 0
    return min(max(start, last + spare - length), first - spare)


def _moved_inside(crop: Crop, size: tuple[int, int]) -> Crop:
    width, height = size
    if crop.width > width or crop.height > height:
        raise CropImpossible("the picture has no more backdrop around the product")
    left = min(max(crop.left, 0), width - crop.width)
    top = min(max(crop.top, 0), height - crop.height)
    return Crop(left, top, crop.width, crop.height)
