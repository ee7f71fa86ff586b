"""Glass: alpha below one where the background shows through the product.

What lies behind is carried on from around the product. Each pixel is then the least opaque mixture
of that background with some colour: a darkened background is T · B and has alpha 1 - T, a highlight
on it adds light. Labels, caps and everything that no background explains stay opaque.

It is only measured where the seller says that the product is glass. A guess was tried and given up:
a cream mug on a brown table, whose glaze takes the table's hue, passed for glass, and a product
wrongly seen through is worse than glass that is solid until somebody says what it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.pixels.alpha import grown, shrunk
from inference.pixels.arrays import AlphaF32, GreyU8, RgbF32, RgbU8
from inference.stages.ground import carried, ground_behind

_OPAQUE_FROM = 0.55  # a mixture as opaque as this is no glass but a label, a cap, a dark rim
_LABEL_GAP_SHARE = 0.012  # gaps between letters: of the product's longer side
_NOISE = 0.03  # differences from the background under this are none
_CLEAREST = 0.06  # glass is never quite invisible: its body keeps this much alpha
_TRANSLUCENT_FROM = 0.9
_INTERIOR = 0.03  # of the product's longer side: the rim, where the edge's mixture is, says nothing


@dataclass(frozen=True, slots=True)
class Transparency:
    """How see-through a product is: `factor` (H, W) float32 0..1 multiplies its alpha.

    `share` is the part of the product's area that lets the background through, 0..1.
    """

    factor: AlphaF32
    share: float


def measure_transparency(rgb: RgbU8, alpha: GreyU8) -> Transparency | None:
    """Measure how far the background shows through the product.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) uint8, 0..255: the product's silhouette.

    Returns:
        None where there is no product, or no ground around it to carry on behind it.
    """
    if not (alpha > 127).any():
        return None
    ground = ground_behind(rgb, alpha)
    if ground is None:
        return None
    seen = rgb.astype(np.float32) / np.float32(255)
    factor = _least_alpha(seen, ground.rgb)
    factor = np.maximum(factor, _opaque_parts(factor, _interior(alpha)))
    factor = np.maximum(factor, np.float32(_CLEAREST))
    area = np.count_nonzero(alpha > 127)
    share = np.count_nonzero((factor < _TRANSLUCENT_FROM) & (alpha > 127)) / area
    return Transparency(factor, float(share))


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
    """1 where a solid patch lies, its gaps closed; 0 elsewhere, with soft edges, (H, W).

    Patches are found inside; the rim, where the outline's own mixture is, goes with what it borders
    on. So a cap is solid to its edge, and a clear body has no solid one.
    """
    if not interior.any():
        return np.zeros_like(factor)
    gap = max(1, round(_LABEL_GAP_SHARE * max(factor.shape)))
    solid = (factor > _OPAQUE_FROM) & interior
    closed = shrunk(grown(solid, gap), gap) & interior
    opened = grown(shrunk(closed, 2), 2) & interior
    whole = carried(opened[..., None].astype(np.float32), interior)[..., 0]
    reached = np.where(interior, opened, whole > 0.5)
    soft = Image.fromarray(reached.astype(np.uint8) * np.uint8(255))
    blurred = np.asarray(soft.filter(ImageFilter.GaussianBlur(gap / 2)), dtype=np.float32)
    return blurred / np.float32(255)
