"""Encode finished pictures. Loads numpy, Pillow and libvips only: publishing runs in the web half.

Every file is sRGB and says so with a profile (the same bytes each time), and carries no other
metadata than the XMP packet it is given.
"""

import io
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

import numpy as np
import pyvips
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

from inference.events import EncodedImage, MediaType
from inference.pixels.arrays import GreyU8, RgbU8

PREVIEW_QUALITY = 85
DISPLAY_SIDE_PX = 1280
DISPLAY_QUALITY = 90
_WHITE = 255
# The largest transform block of the three codecs' intra pictures that we saw leak.
_BLOCK = 16
# What is tried when a codec moves pure white, nearest first.
_QUALITY_STEPS = (0, 1, 2, -1, 3, -2)
_LEAST_QUALITY = 40
Option = int | str | bool | bytes

# Where an ICC header keeps its date; zeroed, so that equal pictures are equal bytes.
_ICC_DATE = slice(24, 36)


class VariantFormat(StrEnum):
    """Encodings in which pictures are published."""

    WEBP = "webp"
    AVIF = "avif"
    JPEG = "jpeg"


_MEDIA_TYPES = {
    VariantFormat.WEBP: MediaType.WEBP,
    VariantFormat.AVIF: MediaType.AVIF,
    VariantFormat.JPEG: MediaType.JPEG,
}


@cache
def srgb_profile() -> bytes:
    """A small sRGB ICC profile, the same bytes in every process."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = bytes(12)
    return bytes(profile)


def encode_preview(rgb: RgbU8) -> EncodedImage:
    """A picture to look at for a moment: JPEG, 1 ms at 512 px (WebP m0 takes 5).

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    return _encode(rgb, MediaType.JPEG, {"quality": PREVIEW_QUALITY})


def encode_display(rgb: RgbU8) -> EncodedImage:
    """A small encode of a result for pages, at most 1280 px long; 4:4:4, so red edges stay clean.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    small = _to_vips(rgb).thumbnail_image(DISPLAY_SIDE_PX, height=DISPLAY_SIDE_PX, size="down")
    options: Mapping[str, Option] = {"quality": DISPLAY_QUALITY, "subsampling": 0}
    return _encode(small.numpy(), MediaType.JPEG, options)


def encode_master(rgb: RgbU8) -> EncodedImage:
    """The lossless result from which every published file is made: PNG by libvips, level 1.

    Measured at 2048 px on two cores: 35 to 100 ms and 1 to 4 MB. Pillow's PNG takes 155 to 440 ms,
    lossless WebP m0 220 to 350 ms for 40 % of the bytes.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
    """
    data = _to_vips(rgb).write_to_buffer(".png", compression=1, filter="up", profile="srgb")
    return EncodedImage(bytes(data), MediaType.PNG, rgb.shape[1], rgb.shape[0])


def _to_vips(rgb: RgbU8) -> pyvips.Image:
    """The picture as libvips sees it: in our memory where that has no gaps."""
    height, width = rgb.shape[:2]
    image = pyvips.Image.new_from_memory(np.ascontiguousarray(rgb).data, width, height, 3, "uchar")
    return image.copy(interpretation="srgb")


def encode_variant(
    rgb: RgbU8, *, format: VariantFormat, quality: int, xmp: bytes = b""
) -> EncodedImage:
    """Encode a picture for publishing; areas of pure white stay exactly 255.

    Measured: JPEG keeps them by construction, AVIF kept them at 70 to 90, but WebP moved up to
    50,000 white pixels to 253 at some qualities (94, 95) and a few blocks at others (90), whatever
    its method or preset. So the file is read back, and while it fails the next quality is tried;
    if none of them holds, WebP is written lossless.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        format: WebP (method 2), AVIF (speed 8, 4:4:4) or JPEG (4:4:4, progressive).
        quality: 1..100, the codec's own scale; 90 is meant.
        xmp: a whole XMP packet to put into the file; empty for none.
    """
    white = _white_blocks(rgb)
    packet: dict[str, Option] = {"xmp": xmp} if xmp else {}
    for step in _QUALITY_STEPS:
        tried = min(max(quality + step, 1), 100)
        encoded = _encode(rgb, _MEDIA_TYPES[format], _variant_options(format, tried) | packet)
        if _keeps_white(encoded, white):
            return encoded
    if format is not VariantFormat.WEBP:
        return encoded
    lossless: dict[str, Option] = {"lossless": True, "quality": 50, "method": 2}
    return _encode(rgb, MediaType.WEBP, lossless | packet)


def encode_within(
    rgb: RgbU8, *, format: VariantFormat, quality: int, max_bytes: int, xmp: bytes = b""
) -> EncodedImage | None:
    """`encode_variant` at the best quality whose file is not larger than `max_bytes`.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        format: as `encode_variant`'s.
        quality: the best that is tried; halving steps go down to 40, below which blocks show.
        max_bytes: the limit, inclusive.
        xmp: as `encode_variant`'s.

    Returns:
        The file, or None where even quality 40 is too large.
    """
    best = encode_variant(rgb, format=format, quality=quality, xmp=xmp)
    if len(best.data) <= max_bytes:
        return best
    found = None
    low, high = _LEAST_QUALITY, quality - 1
    while low <= high:
        middle = (low + high + 1) // 2
        tried = encode_variant(rgb, format=format, quality=middle, xmp=xmp)
        if len(tried.data) <= max_bytes:
            found, low = tried, middle + 1
        else:
            high = middle - 1
    return found


def _variant_options(format: VariantFormat, quality: int) -> dict[str, Option]:
    if format is VariantFormat.WEBP:
        # Against method 4, over ten finals of 2048 px at quality 90: 44 % of the time, 4 % more
        # bytes, SSIM 0.9943 instead of 0.9951. Method 3 takes as long as 4.
        return {"quality": quality, "method": 2}
    if format is VariantFormat.AVIF:
        return {"quality": quality, "speed": 8, "subsampling": "4:4:4"}
    return {"quality": quality, "subsampling": 0, "optimize": True, "progressive": True}


def _white_blocks(rgb: RgbU8) -> NDArray[np.bool_]:
    """(H // 16, W // 16): the whole blocks that are pure white and whose neighbours are, too.

    A block next to the product shares its transform or its loop filter with it, and may ring.
    """
    rows, columns = rgb.shape[0] // _BLOCK, rgb.shape[1] // _BLOCK
    if rows == 0 or columns == 0:
        return np.zeros((rows, columns), dtype=np.bool_)
    is_white = np.pad(_lowest(rgb) == _WHITE, 1, constant_values=True)
    views = sliding_window_view(is_white, (3, 3))
    return np.asarray(views.all(axis=(2, 3)))


def _keeps_white(encoded: EncodedImage, white: NDArray[np.bool_]) -> bool:
    if not white.any():
        return True
    with Image.open(io.BytesIO(encoded.data)) as image:
        back = np.asarray(image.convert("RGB"))
    return bool((_lowest(back)[white] == _WHITE).all())


def _lowest(rgb: RgbU8) -> GreyU8:
    """(H // 16, W // 16): the lowest value of any channel in every whole block."""
    rows, columns = rgb.shape[0] // _BLOCK, rgb.shape[1] // _BLOCK
    whole = rgb[: rows * _BLOCK, : columns * _BLOCK]
    # Down first, over whole lines: the channels, three bytes apart, are thirty times slower.
    bands = whole.reshape(rows, _BLOCK, columns * _BLOCK * 3).min(axis=1)
    lowest: GreyU8 = bands.reshape(rows, columns, _BLOCK * 3).min(axis=2)
    return lowest


def _encode(rgb: RgbU8, media_type: MediaType, options: Mapping[str, Option]) -> EncodedImage:
    buffer = io.BytesIO()
    name = media_type.value.removeprefix("image/").upper()
    # A progressive JPEG is written in one piece, and Pillow sets room for one byte per pixel aside:
    # too little for gravel or knitwear at 4:4:4, which then fails as "broken data stream".
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, rgb.size)
    Image.fromarray(rgb).save(buffer, format=name, icc_profile=srgb_profile(), **options)
    height, width = rgb.shape[:2]
    return EncodedImage(buffer.getvalue(), media_type, width, height)
