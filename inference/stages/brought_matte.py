"""A mask that the seller brings: any grey or transparent picture, fitted to the photo."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from inference.errors import PhotoUnreadable
from inference.pixels.arrays import AlphaF32
from inference.stages.decode import MAX_PIXELS

_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
_SHAPE_TOLERANCE = 0.02
_SOLID = 0.5

_NOT_A_MASK = "This file is not a mask we can read. Please bring a PNG, JPEG, WebP or TIFF picture."
_EMPTY = "This mask marks nothing as product: it has no white, or no opaque, area."
_FULL = "This mask marks the whole photo as product: it has no black, or no transparent, area."


def read_matte(path: Path, width: int, height: int) -> AlphaF32:
    """Read a mask for an upright photo of that size: its transparency, or else its grey.

    Returns:
        (h, w) float32 alpha, 0..1, at the mask's own size.

    Raises:
        PhotoUnreadable: not a picture, of another shape than the photo, or marking nothing or
            everything; the message says which.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PhotoUnreadable(
                    f"This mask has more than {MAX_PIXELS // 1_000_000} megapixels."
                )
            _check_shape(image.width, image.height, width, height)
            image.load()
            alpha = _alpha_of(image)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise PhotoUnreadable(_NOT_A_MASK) from error
    if not (alpha > _SOLID).any():
        raise PhotoUnreadable(_EMPTY)
    if (alpha > _SOLID).all():
        raise PhotoUnreadable(_FULL)
    return alpha


def _check_shape(width: int, height: int, photo_width: int, photo_height: int) -> None:
    stretch = (width / height) / (photo_width / photo_height)
    # A small mask's sides are rounded to whole pixels.
    slack = _SHAPE_TOLERANCE + 1 / min(width, height)
    if not 1 / (1 + slack) <= stretch <= 1 + slack:
        raise PhotoUnreadable(
            f"This mask is {width} × {height} pixels, which is another shape than the photo's "
            f"{photo_width} × {photo_height}."
        )


def _alpha_of(image: Image.Image) -> AlphaF32:
    if image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info:
        channel = np.asarray(image.convert("RGBA").getchannel("A"), dtype=np.float32)
        if channel.min() < channel.max():
            return channel / np.float32(255)
    if image.mode.startswith("I"):
        deep = np.asarray(image, dtype=np.float32)
        return deep / np.float32(65535 if deep.max() > 255 else 255)
    if image.mode == "F":
        return np.nan_to_num(np.asarray(image, dtype=np.float32)).clip(0, 1)
    return np.asarray(image.convert("L"), dtype=np.float32) / np.float32(255)
