"""Open a finished picture again and make smaller copies of it, for publishing. Loads no torch."""

import numpy as np
import pyvips

from inference.errors import PhotoUnreadable
from inference.pixels.arrays import RgbU8


def open_master(data: bytes) -> RgbU8:
    """Decode a lossless result of the engine.

    Returns:
        (H, W, 3) uint8, sRGB.

    Raises:
        PhotoUnreadable: the bytes are not a picture.
    """
    try:
        return _to_array(pyvips.Image.new_from_buffer(data, ""))
    except pyvips.Error as error:
        raise PhotoUnreadable("The stored picture is damaged.") from error


def shrink(rgb: RgbU8, longest_side_px: int) -> RgbU8:
    """A smaller copy, resampled in linear light so that fine detail keeps its brightness.

    Args:
        rgb: (H, W, 3) uint8, sRGB.
        longest_side_px: not more than rgb's own longest side; the same side returns rgb itself.
    """
    height, width = rgb.shape[:2]
    if longest_side_px == max(height, width):
        return rgb
    image = pyvips.Image.new_from_memory(
        np.ascontiguousarray(rgb).tobytes(), width, height, 3, "uchar"
    ).copy(interpretation="srgb")
    small = image.thumbnail_image(longest_side_px, height=longest_side_px, size="down", linear=True)
    return _to_array(small)


def _to_array(image: pyvips.Image) -> RgbU8:
    eight_bit = image.extract_band(0, n=3).cast("uchar")
    return np.ndarray(
        buffer=eight_bit.write_to_memory(),
        dtype=np.uint8,
        shape=(image.height, image.width, 3),
    )
