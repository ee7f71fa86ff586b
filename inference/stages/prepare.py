"""Make a cut-out ready for placing: decoded, cleaned at its edge, in linear light."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from inference.errors import PhotoUnreadable, ShapeMismatch
from inference.pixels.arrays import AlphaF32, GreyU8, RgbF32
from inference.pixels.colour import RgbaLinear, srgb_to_linear
from inference.requests import CutoutSource, PhotoSource
from inference.sessions.transfer import to_device
from inference.stage_cache import StageCache
from inference.stages.decode import decode
from inference.stages.foreground import clean_foreground
from inference.stages.opened import opened

# Raise it when `prepare_product` gives other pixels: what was kept under the old one is not used.
VERSION = "1"
# Alpha up to this (of 255) round the subject is dust, not product.
_DUST_LEVEL = 3
# Photo kept round the product: at least so many pixels, or this share of the longest side.
_RIM_PX = 4
_RIM_SHARE = 0.01
# A cut edge is continued this far past the photo, so that resampling does not fade it.
_BLEED_PX = 12
_SIDES = ("left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True)
class Product:
    """A cut-out ready to be placed.

    `planes` is (4, h, w) float32, linear light, premultiplied: the photo from (`left`, `top`) in
    upright photo pixels, at `native_scale` product pixels per photo pixel.
    """

    planes: RgbaLinear
    left: float
    top: float
    native_scale: float

    @property
    def size_bytes(self) -> int:
        return self.planes.numel() * self.planes.element_size()


def prepare_product(
    photo: PhotoSource,
    cutout: CutoutSource,
    *,
    longest_side_px: int,
    device: torch.device,
    cache: StageCache | None = None,
) -> Product:
    """Decode the photo, cut the product out, clean its edge and bring it to linear light.

    A photo that is wanted whole may lie in `cache` already, where its cutout left it.

    Raises:
        PhotoUnreadable: the photo or its stored alpha cannot be decoded.
        ShapeMismatch: the alpha is not of the photo's native size.
    """
    measurements = cutout.measurements
    native_px = max(measurements.width, measurements.height)
    if cache is not None and longest_side_px >= native_px:
        decoded = opened(photo, cache)
    else:
        decoded = decode(photo.path, longest_side_px=longest_side_px)
    height, width = decoded.rgb.shape[:2]
    native = (decoded.native_width, decoded.native_height)
    alpha = read_alpha(cutout, size=(width, height), native_size=native)
    top, bottom, left, right = _crop(alpha)
    crop = np.s_[top:bottom, left:right]
    rgb = np.asarray(decoded.rgb[crop], dtype=np.float32) / np.float32(255)
    cover = np.asarray(alpha[crop], dtype=np.float32) / np.float32(255)
    if not measurements.has_own_alpha:
        rgb = clean_foreground(rgb, cover)
    planes = _premultiplied(rgb, cover, device)
    pads = {side: _BLEED_PX if side in measurements.touches else 0 for side in _SIDES}
    planes = functional.pad(planes[None], tuple(pads[side] for side in _SIDES), mode="replicate")[0]
    scale = max(width, height) / max(native)
    return Product(
        planes=planes.contiguous(),
        left=(left - pads["left"]) / scale,
        top=(top - pads["top"]) / scale,
        native_scale=scale,
    )


def _premultiplied(rgb: RgbF32, cover: AlphaF32, device: torch.device) -> RgbaLinear:
    """(4, h, w) on the device, linear light, premultiplied; colours and alpha go up together."""
    both = np.empty((4, *cover.shape), dtype=np.float32)
    both[:3] = rgb.transpose(2, 0, 1)
    both[3] = cover
    planes = to_device(both, device)
    planes[:3] = srgb_to_linear(planes[:3]) * planes[3]
    return planes


def read_alpha(
    cutout: CutoutSource, *, size: tuple[int, int], native_size: tuple[int, int]
) -> GreyU8:
    """The stored alpha, (H, W) uint8, reduced to `size` (width, height).

    Raises:
        PhotoUnreadable: the file is missing or damaged.
        ShapeMismatch: it is not of `native_size`.
    """
    try:
        with Image.open(cutout.alpha_path) as image:
            if image.size != native_size:
                raise ShapeMismatch(f"The cutout is {image.size} pixels, its photo {native_size}.")
            grey = image.convert("L")
    except OSError as error:
        raise PhotoUnreadable("The stored cutout could not be read.") from error
    if size != native_size:
        grey = grey.resize(size, Image.Resampling.BOX)
    return np.asarray(grey)


def _crop(alpha: GreyU8) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) of everything that is not dust, with a rim of old background.

    The rim tells `clean_foreground` which colour to take out of the edge.
    """
    solid = alpha > _DUST_LEVEL
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    height, width = alpha.shape
    if rows.size == 0:
        return 0, height, 0, width
    rim = max(_RIM_PX, round(_RIM_SHARE * max(height, width)))
    return (
        max(0, int(rows[0]) - rim),
        min(height, int(rows[-1]) + 1 + rim),
        max(0, int(columns[0]) - rim),
        min(width, int(columns[-1]) + 1 + rim),
    )
