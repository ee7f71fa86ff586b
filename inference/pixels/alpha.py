"""Array maths on mattes and masks: components, steep ramps, encoding. Knows no network."""

import io

import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import Image

from inference.events import EncodedImage, MediaType
from inference.pixels.arrays import AlphaF32, BoolMask, GreyU8, RgbU8

# The narrowest ramp that still counts as belonging to a component.
COMPONENT_FLOOR = 0.1


def components(mask: BoolMask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Label connected parts of a mask.

    Args:
        mask: (H, W) bool.

    Returns:
        (H, W) labels, 0 where the mask is false, and the areas in pixels by label (area 0 of
        label 0 is not meaningful).
    """
    image = pyvips.Image.new_from_array(mask.astype(np.uint8) * np.uint8(255))
    # libvips labels every region of equal value, background too; those are folded into 0.
    labels = image.labelregions().numpy().astype(np.int64) + 1
    labels[~mask] = 0
    return labels, np.bincount(labels.ravel())


def without_specks(alpha: AlphaF32, smallest_share: float) -> AlphaF32:
    """Zero every part whose solid area is under `smallest_share` of the largest part's.

    Args:
        alpha: (H, W) float32, 0..1.
        smallest_share: 0..1; real second objects are larger than this.

    Returns:
        (H, W) float32, 0..1; a new array.
    """
    labels, _ = components(alpha > COMPONENT_FLOOR)
    solid_areas = np.bincount(labels.ravel(), weights=(alpha > 0.5).ravel())
    solid_areas[0] = 0
    keeps = solid_areas >= max(1.0, smallest_share * float(solid_areas.max()))
    keeps[0] = True  # faint haze between parts: refinement decides on it
    return np.where(keeps[labels], alpha, np.float32(0))


def steep(alpha: AlphaF32, steepness: float = 3.0) -> AlphaF32:
    """A steeper ramp through one half, 0..1: most of what a network blurs is an edge."""
    return ((alpha - np.float32(0.5)) * np.float32(steepness) + np.float32(0.5)).clip(0, 1)


def resized(alpha: AlphaF32, width: int, height: int) -> AlphaF32:
    """(H, W) float32 matte at another size, antialiased when it shrinks, still 0..1."""
    image = Image.fromarray(alpha).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def grown(mask: BoolMask, reach_px: int) -> BoolMask:
    """An (H, W) mask grown by a square of `reach_px` on every side, however wide, in one pass."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (reach_px + 1, reach_px)
        sums = np.cumsum(np.pad(mask, padding), axis=axis, dtype=np.int32)
        length, width = mask.shape[axis], 2 * reach_px + 1
        later, earlier = (
            sums.take(range(width, width + length), axis),
            sums.take(range(length), axis),
        )
        mask = later > earlier
    return mask


def shrunk(mask: BoolMask, reach_px: int) -> BoolMask:
    """An (H, W) mask without what lies within `reach_px` of its outside, by a square."""
    return ~grown(~mask, reach_px)


def reduced_alpha(alpha: GreyU8, width: int, height: int) -> GreyU8:
    """(H, W) uint8 matte averaged down to another size; itself where the size is the same."""
    if alpha.shape == (height, width):
        return alpha
    return np.asarray(Image.fromarray(alpha).resize((width, height), Image.Resampling.BOX))


def thinned(alpha: GreyU8, factor: AlphaF32) -> GreyU8:
    """An (H, W) uint8 matte times an (h, w) float32 factor, 0..1, of the same picture."""
    height, width = alpha.shape
    share = Image.fromarray((factor * 255 + 0.5).astype(np.uint8))
    if share.size != (width, height):
        share = share.resize((width, height), Image.Resampling.BILINEAR)
    product = alpha.astype(np.uint16) * np.asarray(share, dtype=np.uint16)
    return ((product + 127) // 255).astype(np.uint8)


def encode_alpha(alpha: GreyU8) -> bytes:
    """An (H, W) uint8 matte as an 8-bit grey PNG; quick rather than small."""
    image = pyvips.Image.new_from_memory(
        np.ascontiguousarray(alpha).data, alpha.shape[1], alpha.shape[0], 1, "uchar"
    )
    png: bytes = image.copy(interpretation="b-w").pngsave_buffer(compression=1, filter="none")
    return png


def decode_alpha(png: bytes) -> GreyU8:
    """The (H, W) uint8 matte that `encode_alpha` wrote."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return np.asarray(image.convert("L"))


def encode_on_transparency(rgb: RgbU8, alpha: GreyU8, quality: int = 80) -> EncodedImage:
    """A cut-out as WebP with alpha: (H, W, 3) uint8 sRGB and (H, W) uint8, straight alpha."""
    image = Image.fromarray(rgb)
    image.putalpha(Image.fromarray(alpha))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=0, alpha_quality=90)
    return EncodedImage(buffer.getvalue(), MediaType.WEBP, image.width, image.height)
