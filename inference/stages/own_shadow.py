"""The product's own shadow on a plain ground, as a layer to multiply another ground with.

The plain ground is fitted by a smooth surface that dark pixels cannot pull down; the shadow is the
photo over that surface, kept near the product and faded away from it. Where the ground is not
plain enough to tell a shadow from a pattern, there is none.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from inference.pixels.alpha import grown
from inference.pixels.arrays import BoolMask, GreyU8, RgbU8
from inference.stages.ground import carried

_WORKING_SIDE_PX = 512
_OUTPUT_SIDE_PX = 1024
_CLEAR, _SOLID = 4, 127
_HALO = 0.012  # of the longer side: pixels this near the product may hold its edge
_NEAR, _FAR = 0.12, 0.30  # of the product's longer side: full strength, and nothing any more
_ROUNDS = 12
_FITTED_PIXELS = 8000  # a quadratic needs no more
_BRIGHTER_SAY, _DARKER_SAY = 1.0, 0.12  # the fit follows the lit ground, not the shadow on it
_NOISE_FLOOR = 0.025  # darker than the lit ground by less is no shadow
_DARKEST = 0.15
# Gates: deviation of the lit ground from its fit, its fine texture, and the shadow's own depth.
_ROUGHEST_GROUND, _ROUGHEST_TEXTURE = 0.045, 0.02
_LEAST_DEPTH, _MOST_DEPTH = 0.04, 0.75
_LEAST_GROUND_SHARE = 0.08
_LEAST_FIT = 0.08  # a ground this dark shows no shadow


def own_shadow(rgb: RgbU8, alpha: GreyU8) -> GreyU8 | None:
    """Take the product's shadow off a plain ground.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) uint8, 0..255.

    Returns:
        (h, w) uint8, 255 where there is no shadow, at most `_OUTPUT_SIDE_PX` on the longer side;
        None where the ground is not plain, or shows no shadow.
    """
    light, cover = _reduced(rgb, alpha)
    product = cover > _CLEAR
    solid = cover > _SOLID
    ground = ~grown(product, math.ceil(_HALO * max(cover.shape)))
    if not solid.any() or ground.mean() < _LEAST_GROUND_SHARE:
        return None
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    longer = float(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1)
    lit = _lit_ground(light, ground)
    if lit[ground].min() < _LEAST_FIT:
        return None
    ratio = (light / lit).clip(_DARKEST, 1.0)
    near = _nearness(product, longer)
    if not _is_plain(light / lit, ground, near):
        return None
    depth = ((1 - ratio - _NOISE_FLOOR).clip(0, 1) / (1 - _NOISE_FLOOR)).astype(np.float32)
    if not _LEAST_DEPTH <= _depth_near(depth, ground, near) <= _MOST_DEPTH:
        return None
    under = carried(depth[..., None], ground)[..., 0].clip(0, 1)
    depth = np.where(ground, depth, under) * near
    shadow = Image.fromarray(((1 - depth) * 255 + 0.5).astype(np.uint8))
    shadow = shadow.filter(ImageFilter.GaussianBlur(max(0.8, 0.002 * max(cover.shape))))
    scale = min(1.0, _OUTPUT_SIDE_PX / max(alpha.shape))
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    return np.asarray(shadow.resize(size, Image.Resampling.BICUBIC))


def _reduced(rgb: RgbU8, alpha: GreyU8) -> tuple[NDArray[np.float32], GreyU8]:
    scale = min(1.0, _WORKING_SIDE_PX / max(alpha.shape))
    size = max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale))
    small = Image.fromarray(rgb).resize(size, Image.Resampling.BOX)
    cover = np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX))
    light = np.asarray(small.convert("L"), dtype=np.float32) / np.float32(255)
    return light, cover


def _lit_ground(light: NDArray[np.float32], ground: BoolMask) -> NDArray[np.float32]:
    """A quadratic surface through the ground that follows its bright side, (H, W)."""
    height, width = light.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    every = max(1, np.count_nonzero(ground) // _FITTED_PIXELS)
    design, target = terms[ground][::every], light[ground][::every].astype(np.float64)
    say = np.ones_like(target)
    solution = np.zeros(6)
    for _ in range(_ROUNDS):
        weighted = design * say[:, None]
        solution = np.linalg.lstsq(weighted.T @ design, weighted.T @ target, rcond=None)[0]
        rest = target - design @ solution
        spread = max(0.01, float(np.median(np.abs(rest))) * 1.5)
        side = np.where(rest >= 0, _BRIGHTER_SAY, _DARKER_SAY)
        say = side / (1 + (rest / (3 * spread)) ** 2)
    lit: NDArray[np.float32] = (terms @ solution).clip(0.02, 1.0).astype(np.float32)
    return lit


def _nearness(product: BoolMask, longer: float) -> NDArray[np.float32]:
    """1 near the product, falling to 0 at `_FAR` of its longer side."""
    steps = 12
    total = np.zeros(product.shape, dtype=np.float32)
    for step in range(steps):
        reach = longer * (_NEAR + (_FAR - _NEAR) * (step + 0.5) / steps)
        total += grown(product, math.ceil(reach))
    nearness: NDArray[np.float32] = (total / steps).astype(np.float32)
    return nearness


def _is_plain(ratio: NDArray[np.float32], ground: BoolMask, near: NDArray[np.float32]) -> bool:
    far = ground & (near < 0.5)
    probe = far if np.count_nonzero(far) > 0.02 * far.size else ground
    deviation = float(np.percentile(np.abs(ratio[probe] - 1), 75))
    grey = Image.fromarray((ratio.clip(0, 1.5) / 1.5 * 255).astype(np.uint8))
    smooth = np.asarray(grey.filter(ImageFilter.BoxBlur(3)), dtype=np.float32) / 255 * 1.5
    texture = float(np.percentile(np.abs(ratio - smooth)[ground], 90))
    return deviation <= _ROUGHEST_GROUND and texture <= _ROUGHEST_TEXTURE


def _depth_near(depth: NDArray[np.float32], ground: BoolMask, near: NDArray[np.float32]) -> float:
    """How deep the darkest twentieth of the ground near the product lies in shadow."""
    around = ground & (near > 0.99)
    return float(np.percentile(depth[around], 95)) if around.any() else 0.0
