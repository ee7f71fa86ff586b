"""Glass: alpha below one where the background shows through the product.

What lies behind is carried on from around the product. Each pixel is then the least opaque mixture
of that background with some colour: a darkened background is T · B and has alpha 1 - T, a highlight
on it adds light. Labels, caps and everything that no background explains stay opaque.

It is only measured where the seller says that the product is glass, or where the ground has a
colour of its own that a large part of the product shares: a white product on white looks like
glass to every pixel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.pixels.alpha import grown, reduced_alpha, shrunk
from inference.pixels.arrays import AlphaF32, GreyU8, RgbF32, RgbU8
from inference.requests import Translucency
from inference.stages.ground import Ground, ground_behind

_OPAQUE_FROM = 0.55  # a mixture as opaque as this is no glass but a label, a cap, a dark rim
_LABEL_GAP_SHARE = 0.012  # gaps between letters: of the product's longer side
_NOISE = 0.03  # differences from the background under this are none
_CLEAREST = 0.06  # glass is never quite invisible: its body keeps this much alpha
_TRANSLUCENT_FROM = 0.9
_INTERIOR = 0.03  # of the product's longer side: the rim, where the edge's mixture is, says nothing
# Automatic detection.
_GLANCE_SIDE_PX = 320
_ROUGHEST_GROUND = 0.02
_LEAST_SATURATION = 0.18
_SAME_HUE = 0.06
_SHARE_LOW, _SHARE_HIGH = 0.25, 0.97


@dataclass(frozen=True, slots=True)
class Transparency:
    """How see-through a product is: `factor` (H, W) float32 0..1 multiplies its alpha.

    `share` is the part of the product's area that lets the background through, 0..1.
    """

    factor: AlphaF32
    share: float


def measure_transparency(rgb: RgbU8, alpha: GreyU8, wish: Translucency) -> Transparency | None:
    """Measure how far the background shows through the product.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) uint8, 0..255: the product's silhouette.
        wish: `GLASS` measures always, `AUTO` only where it can be told reliably.

    Returns:
        None where the product is opaque, as far as can be told.
    """
    if wish is Translucency.OPAQUE or not (alpha > 127).any():
        return None
    if wish is Translucency.AUTO and not _may_be_glass(rgb, alpha):
        return None
    ground = ground_behind(rgb, alpha)
    if ground is None:
        return None
    seen = rgb.astype(np.float32) / np.float32(255)
    interior = _interior(alpha)
    if wish is Translucency.AUTO and not _shows_the_ground(seen, ground, interior):
        return None
    factor = _least_alpha(seen, ground.rgb)
    factor = np.maximum(factor, _opaque_parts(factor, interior))
    factor = np.maximum(factor, np.float32(_CLEAREST))
    area = np.count_nonzero(alpha > 127)
    share = np.count_nonzero((factor < _TRANSLUCENT_FROM) & (alpha > 127)) / area
    return Transparency(factor, float(share))


def _may_be_glass(rgb: RgbU8, alpha: GreyU8) -> bool:
    """The automatic test on a small copy: nearly every product fails it, and should fail soon."""
    scale = min(1.0, _GLANCE_SIDE_PX / max(alpha.shape))
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    small = np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))
    cover = reduced_alpha(alpha, *size)
    ground = ground_behind(small, cover)
    if ground is None or not (cover > 127).any():
        return False
    seen = small.astype(np.float32) / np.float32(255)
    return _shows_the_ground(seen, ground, _interior(cover))


def _interior(alpha: GreyU8) -> NDArray[np.bool_]:
    solid = alpha > 127
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    reach = max(1, round(_INTERIOR * float(longer)))
    return shrunk(solid, reach)


def _least_alpha(seen: RgbF32, behind: RgbF32) -> AlphaF32:
    """The smallest alpha with which some colour over the background gives what is seen."""
    darker = (behind - seen - _NOISE) / np.maximum(behind, 0.05)
    lighter = (seen - behind - _NOISE) / np.maximum(1 - behind, 0.05)
    least: AlphaF32 = np.maximum(darker, lighter).max(axis=2).clip(0, 1).astype(np.float32)
    return least


def _opaque_parts(factor: AlphaF32, interior: NDArray[np.bool_]) -> AlphaF32:
    """1 where a solid patch lies, its gaps closed; 0 elsewhere, with soft edges."""
    side = max(factor.shape)
    gap = max(1, round(_LABEL_GAP_SHARE * side))
    solid = (factor > _OPAQUE_FROM) & interior
    closed = shrunk(grown(solid, gap), gap)
    opened = Image.fromarray(grown(shrunk(closed, 2), 2).astype(np.uint8) * np.uint8(255))
    soft = np.asarray(opened.filter(ImageFilter.GaussianBlur(1.0)), dtype=np.float32)
    return soft / np.float32(255)


def _shows_the_ground(seen: RgbF32, ground: Ground, interior: NDArray[np.bool_]) -> bool:
    """Whether the ground is plain and coloured and much of the product shares its colour."""
    if ground.roughness > _ROUGHEST_GROUND or not interior.any():
        return False
    behind, front = ground.rgb[interior], seen[interior]
    saturation = float(np.median(behind.max(axis=1) - behind.min(axis=1)))
    if saturation < _LEAST_SATURATION:
        return False
    same_hue = np.abs(_chroma(front) - _chroma(behind)).max(axis=1) < _SAME_HUE
    share = float((same_hue & (_least_alpha(front[None], behind[None])[0] < 0.4)).mean())
    return _SHARE_LOW <= share <= _SHARE_HIGH


def _chroma(colours: RgbF32) -> RgbF32:
    chroma: RgbF32 = colours / np.maximum(colours.sum(axis=-1, keepdims=True), 0.05)
    return chroma
