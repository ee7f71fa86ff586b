"""Strokes of the correcting brush, painted into a matte. Loads no network library.

A stroke's core is obeyed. In its rim, alpha is fitted as an affine function of colour between what
is sure (the core, and the matte as it stands outside of the stroke), so the stroke ends where the
product does; where the colours explain nothing, the rim is a plain soft brush.

Source: He, Sun and Tang, "Guided image filtering", TPAMI 2013; the fit leans on sure pixels as in
Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", TPAMI 2008.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from inference.errors import ShapeMismatch
from inference.pixels.alpha import COMPONENT_FLOOR, components
from inference.pixels.arrays import BoolMask, GreyU8, RgbU8
from inference.requests import Box, Stroke, StrokeKind

# Of the radius: what the brush's edge is blurred by, where obedience ends, how far sure pixels are
# looked for outside of the stroke.
_SOFTNESS = 0.08
_CORE = 0.33
_SURROUNDINGS = 0.75
# The fit is made on a grid in which the brush has about this radius: finer costs time, shows none.
_GRID_RADIUS_PX = 14.0
_GRID_SIDE_PX = 640
_FINEST_RADIUS_PX = 2.0  # a thinner brush has no rim to speak of
_COLOUR_NOISE = 4e-4
_DOUBTFUL, _RIM = 0.1, 0.002  # weights beside the 1 of a sure pixel
_STRETCH = 0.12  # a fit of noisy colours stays short of 0 and 1 by about this much
_TRUST_LOW, _TRUST_HIGH = 0.25, 0.6  # explained share of alpha's variance
_LABEL_SIDE_PX = 1024
_INSIDE = 0.8

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a picture that a stroke can touch, and the stroke in the window's pixels."""

    rows: slice
    columns: slice
    points: tuple[tuple[float, float], ...]
    radius: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.columns.stop - self.columns.start, self.rows.stop - self.rows.start


def paint(alpha: GreyU8, rgb: RgbU8, stroke: Stroke, *, scale: float = 1.0) -> None:
    """Paint one stroke into a matte, in place.

    Args:
        alpha: (H, W) uint8, 0..255, writable.
        rgb: (H, W, 3) uint8 sRGB, the photo at the same size.
        stroke: in upright photo pixels.
        scale: the size of `alpha` over the photo's, 0..1.

    Raises:
        ShapeMismatch: the two sizes differ.
    """
    if rgb.shape[:2] != alpha.shape:
        raise ShapeMismatch(f"colours are {rgb.shape[:2]}, alpha is {alpha.shape}")
    window = _window(stroke, scale, height=alpha.shape[0], width=alpha.shape[1])
    if window is None:
        return
    part = alpha[window.rows, window.columns]
    cover = _coverage(window)
    keeps = stroke.kind is StrokeKind.KEEP
    if not stroke.is_exact and window.radius >= _FINEST_RADIUS_PX:
        colours = rgb[window.rows, window.columns]
        cover = _snapped(window, cover, part if keeps else 255 - part, colours)
    painted = (cover * 255 + 0.5).astype(np.uint8)
    if keeps:
        np.maximum(part, painted, out=part)
    else:
        np.minimum(part, 255 - painted, out=part)


def drop_subjects(alpha: GreyU8, kept: Iterable[Box], dropped: Iterable[Box]) -> GreyU8:
    """Clear the products in the boxes of `dropped`; what lies in a box of `kept` stays.

    A part of the matte that lies in a dropped box goes as a whole, soft edge included; a part that
    reaches from one box into another is cut at the boxes.

    Args:
        alpha: (H, W) uint8, 0..255.
        kept: boxes in pixels of `alpha`.
        dropped: the same.

    Returns:
        (H, W) uint8, a new array.
    """
    step = max(1, math.ceil(max(alpha.shape) / _LABEL_SIDE_PX))
    small = alpha[::step, ::step]
    staying = _boxes_mask(small.shape, kept, step)
    going = _boxes_mask(small.shape, dropped, step)
    labels, areas = components(small > COMPONENT_FLOOR * 255)
    count = len(areas)
    in_kept = np.bincount(labels.ravel(), weights=staying.ravel(), minlength=count)
    in_dropped = np.bincount(labels.ravel(), weights=going.ravel(), minlength=count)
    whole = (in_dropped >= _INSIDE * areas) & (in_dropped > in_kept)
    # In overlapping boxes it belongs to the one that holds more of it.
    stays = (in_kept >= _INSIDE * areas) & ~whole
    whole[0] = stays[0] = False
    gone = whole[labels] | (going & ~staying & ~stays[labels] & ~_grown(stays[labels]))
    gone |= _grown(whole[labels]) & (labels == 0)
    result = alpha.copy()
    result[_enlarged(gone, step, alpha.shape)] = 0
    return result


def _boxes_mask(shape: tuple[int, ...], boxes: Iterable[Box], step: int) -> BoolMask:
    mask = np.zeros(shape, dtype=np.bool_)
    for box in boxes:
        mask[box.top // step : -(-box.bottom // step), box.left // step : -(-box.right // step)] = 1
    return mask


def _grown(mask: BoolMask) -> BoolMask:
    image = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
    return np.asarray(image.filter(ImageFilter.MaxFilter(5))) > 0


def _enlarged(mask: BoolMask, step: int, shape: tuple[int, ...]) -> BoolMask:
    return mask.repeat(step, axis=0).repeat(step, axis=1)[: shape[0], : shape[1]]


def _window(stroke: Stroke, scale: float, *, height: int, width: int) -> _Window | None:
    """None for a stroke that misses the picture."""
    radius = max(0.5, stroke.radius_px * scale)
    xs, ys = (np.array(axis) * scale for axis in zip(*stroke.points, strict=True))
    reach = radius * (1 + _SURROUNDINGS) + 2
    left, top = max(0, math.floor(xs.min() - reach)), max(0, math.floor(ys.min() - reach))
    right = min(width, math.ceil(xs.max() + reach))
    bottom = min(height, math.ceil(ys.max() + reach))
    if right <= left or bottom <= top:
        return None
    points = tuple(zip((xs - left).tolist(), (ys - top).tolist(), strict=True))
    return _Window(slice(top, bottom), slice(left, right), points, radius)


def _drawn(window: _Window, radius: float, step: int = 1) -> Image.Image:
    """The stroke as a hard mask, on every `step`-th pixel of the window."""
    width, height = (-(-side // step) for side in window.size)
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    radius /= step
    # Pixel (0, 0) covers 0..1, and Pillow draws in pixel centres.
    points = [(x / step - 0.5, y / step - 0.5) for x, y in window.points]
    if len(points) > 1:
        draw.line(points, fill=255, width=max(1, round(2 * radius)))
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return image


def _coverage(window: _Window) -> Plane:
    """(h, w) float32, 0..1: the plain brush with its soft edge."""
    blur = ImageFilter.GaussianBlur(max(0.5, window.radius * _SOFTNESS))
    soft = _drawn(window, window.radius).filter(blur)
    return np.asarray(soft, dtype=np.float32) / np.float32(255)


def _snapped(window: _Window, cover: Plane, wanted: GreyU8, colours: RgbU8) -> Plane:
    """(h, w) float32, 0..1: the brush, ending at the photo's edges.

    Args:
        window: where the stroke is.
        cover: (h, w), the plain brush.
        wanted: (h, w) uint8, how much of what the stroke spreads is there already.
        colours: (h, w, 3) uint8.
    """
    step = max(1, round(window.radius / _GRID_RADIUS_PX), -(-max(wanted.shape) // _GRID_SIDE_PX))
    small = np.asarray(Image.fromarray(colours).reduce(step), dtype=np.float32) / np.float32(255)
    present = np.asarray(Image.fromarray(wanted).reduce(step), dtype=np.float32) / np.float32(255)
    core = np.asarray(_drawn(window, window.radius * _CORE, step)) > 0
    inside = np.asarray(_drawn(window, window.radius, step)) > 0
    sure_outside = ~inside & (np.abs(present - np.float32(0.5)) > 0.45)
    weight = np.where(inside, _RIM, np.where(sure_outside, 1.0, _DOUBTFUL)).astype(np.float32)
    weight[core] = 1
    value = np.where(core, np.float32(1), present)
    reach = max(2, round(window.radius / step * _SURROUNDINGS))
    slopes, offset, trust = _fit(small, value, weight, reach)
    size = (colours.shape[1], colours.shape[0])
    planes = [_at_size(plane, size) for plane in (*slopes, offset, trust)]
    fitted = planes[3] + sum(
        planes[c] * (colours[..., c].astype(np.float32) / np.float32(255)) for c in range(3)
    )
    fitted = ((fitted - _STRETCH) / (1 - 2 * _STRETCH)).clip(0, 1)
    blended = planes[4] * fitted + (1 - planes[4])
    obeyed = np.asarray(_drawn(window, window.radius * _CORE), dtype=np.float32) / np.float32(255)
    result: Plane = np.maximum(cover * blended, obeyed)
    return result


def _fit(
    guide: Plane, value: Plane, weight: Plane, reach: int
) -> tuple[tuple[Plane, Plane, Plane], Plane, Plane]:
    """Fit `value` to colour in windows of `reach`: slopes, offset, and trust, 0..1."""
    reds, greens, blues = (guide[..., channel] for channel in range(3))
    pairs = (reds * reds, reds * greens, reds * blues, greens * greens, greens * blues)
    planes = (reds, greens, blues, value, *pairs, blues * blues)
    products = tuple(channel * value for channel in (reds, greens, blues))
    stack = np.stack([weight * p for p in (*planes, *products, value * value)] + [weight])
    sums = _box(stack, reach)
    means = sums[:-1] / sums[-1]
    red, green, blue, mean = means[:4]
    rr, rg, rb = means[4] - red * red, means[5] - red * green, means[6] - red * blue
    gg, gb, bb = means[7] - green * green, means[8] - green * blue, means[9] - blue * blue
    rr, gg, bb = rr + _COLOUR_NOISE, gg + _COLOUR_NOISE, bb + _COLOUR_NOISE
    right = (means[10] - red * mean, means[11] - green * mean, means[12] - blue * mean)
    c_rr, c_rg, c_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    determinant = rr * c_rr + rg * c_rg + rb * c_rb
    slopes = (
        (c_rr * right[0] + c_rg * right[1] + c_rb * right[2]) / determinant,
        (c_rg * right[0] + c_gg * right[1] + c_gb * right[2]) / determinant,
        (c_rb * right[0] + c_gb * right[1] + c_bb * right[2]) / determinant,
    )
    offset = mean - slopes[0] * red - slopes[1] * green - slopes[2] * blue
    variance = (means[13] - mean * mean).clip(0)
    explained = sum(slope * side for slope, side in zip(slopes, right, strict=True))
    share = np.where(variance < 1e-3, 1, explained / np.maximum(variance, 1e-6))
    trust = ((share - _TRUST_LOW) / (_TRUST_HIGH - _TRUST_LOW)).clip(0, 1)
    smooth = _box(np.stack([*slopes, offset, trust]), max(1, reach // 2))
    count = _box(np.ones((1, *value.shape), dtype=np.float32), max(1, reach // 2))[0]
    smooth = (smooth / count).astype(np.float32)
    return (smooth[0], smooth[1], smooth[2]), smooth[3], smooth[4]


def _box(planes: NDArray[np.float32], reach: int) -> NDArray[np.float64]:
    """Sums over windows of 2 · `reach` + 1 pixels, cut off at the borders; (N, h, w)."""
    sums = planes.astype(np.float64)
    for axis in (1, 2):
        length = sums.shape[axis]
        padding = [(0, 0)] * 3
        padding[axis] = (1, 0)
        running = np.pad(np.cumsum(sums, axis=axis), padding)
        upper = np.minimum(np.arange(length) + reach + 1, length)
        lower = np.maximum(np.arange(length) - reach, 0)
        sums = running.take(upper, axis=axis) - running.take(lower, axis=axis)
    return sums


def _at_size(plane: Plane, size: tuple[int, int]) -> Plane:
    if (plane.shape[1], plane.shape[0]) == size:
        return plane
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR))
