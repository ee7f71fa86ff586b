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
    labels = _regions(mask).astype(np.int64) + 1
    labels[~mask] = 0
    return labels, np.bincount(labels.ravel())


def _regions(mask: BoolMask) -> NDArray[np.int32]:
    """(H, W) a number for every region of equal value: libvips numbers the background's, too."""
    image = pyvips.Image.new_from_array(mask.astype(np.uint8) * np.uint8(255))
    regions: NDArray[np.int32] = image.labelregions().numpy()
    return regions


def without_specks(alpha: AlphaF32, smallest_share: float) -> AlphaF32:
    """Zero every part whose solid area is under `smallest_share` of the largest part's.

    Args:
        alpha: (H, W) float32, 0..1.
        smallest_share: 0..1; real second objects are larger than this.

    Returns:
        (H, W) float32, 0..1; a new array.
    """
    mask = alpha > COMPONENT_FLOOR
    regions = _regions(mask)
    count = int(regions.max()) + 1
    solid_areas = np.bincount(regions[alpha > 0.5], minlength=count)
    drops = np.bincount(regions[mask], minlength=count) > 0
    drops &= solid_areas < max(1.0, smallest_share * float(solid_areas.max()))
    # What belongs to no part, faint haze between parts, stays: refinement decides on it.
    return np.where(drops[regions], np.float32(0), alpha) if drops.any() else alpha.copy()


def steep(alpha: AlphaF32, steepness: float = 3.0) -> AlphaF32:
    """A steeper ramp through one half, 0..1: most of what a network blurs is an edge."""
    return ((alpha - np.float32(0.5)) * np.float32(steepness) + np.float32(0.5)).clip(0, 1)


def resized(alpha: AlphaF32, width: int, height: int) -> AlphaF32:
    """(H, W) float32 matte at another size, antialiased when it shrinks, still 0..1."""
    image = Image.fromarray(alpha).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def grown(mask: BoolMask, reach_px: int) -> BoolMask:
    """An (H, W) mask grown by a square of `reach_px` on every side, however wide."""
    for _ in range(2):
        mask = _any_of_runs(np.pad(mask, ((reach_px, reach_px), (0, 0))), 2 * reach_px + 1).T
    return mask


def _any_of_runs(mask: BoolMask, length: int) -> BoolMask:
    """(H - length + 1, W): whether any of the `length` rows from each row on is set."""
    done = 1
    while done < length:  # a run of one becomes two, four, eight: few passes, however long
        step = min(done, length - done)
        mask = mask[:-step] | mask[step:]
        done += step
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
