"""The seller's artwork, ready to be printed: in linear light, trimmed, with its smaller copies."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch.nn import functional

from inference.pixels.colour import RgbaLinear, srgb_to_linear
from inference.pixels.resize import Axis, resample
from inference.requests import CutoutSource, PhotoSource
from inference.sessions.transfer import to_device
from inference.stages.decode import decode
from inference.stages.prepare import prepare_product

# Raise it when `load_artwork` gives other pixels: what was kept under the old one is not used.
VERSION = "1"
# Coverage up to this is dust round a logo, not artwork.
_DUST = 3 / 255
_SMALLEST_PX = 4


class Source(StrEnum):
    """What of the photo is printed."""

    AS_IS = "as-is"  # the whole picture, its own transparency kept
    CUT_OUT = "cut-out"  # the product alone
    WITHOUT_WHITE = "without-white"  # white is bare: as when ink is printed on the material


@dataclass(frozen=True, slots=True)
class Artwork:
    """Artwork on one device.

    Attributes:
        levels: (4, h, w) float32 each, linear light, premultiplied: the artwork, then copies of
            half the size each.
        is_transparent: whether some of it is bare.
    """

    levels: tuple[RgbaLinear, ...]
    is_transparent: bool

    @property
    def width(self) -> int:
        """Pixels across the finest level."""
        return self.levels[0].shape[2]

    @property
    def height(self) -> int:
        """Pixels down the finest level."""
        return self.levels[0].shape[1]

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        return sum(level.numel() * level.element_size() for level in self.levels)


def load_artwork(
    photo: PhotoSource,
    cutout: CutoutSource,
    source: Source,
    *,
    longest_side_px: int,
    device: torch.device,
) -> Artwork:
    """Decode a photo as artwork.

    Args:
        photo: the seller's picture.
        cutout: its cutout; used only for `CUT_OUT`.
        source: what of it is printed.
        longest_side_px: of the finest level, at most.
        device: where the levels lie.

    Raises:
        PhotoUnreadable: the picture cannot be decoded.
        ShapeMismatch: the cutout is not of its size.
    """
    if source is Source.CUT_OUT:
        product = prepare_product(photo, cutout, longest_side_px=longest_side_px, device=device)
        planes = product.planes
    else:
        planes = _picture(photo, longest_side_px, device)
        if source is Source.WITHOUT_WHITE:
            planes = without_white(planes)
    planes = trimmed(planes)
    return Artwork(pyramid(planes), bool((planes[3] < 0.98).float().mean() > 0.02))


def _picture(photo: PhotoSource, longest_side_px: int, device: torch.device) -> RgbaLinear:
    decoded = decode(photo.path, longest_side_px=longest_side_px)
    height, width = decoded.rgb.shape[:2]
    both = np.empty((4, height, width), np.float32)
    both[:3] = decoded.rgb.transpose(2, 0, 1) / np.float32(255)
    both[3] = 1.0 if decoded.alpha is None else decoded.alpha / np.float32(255)
    planes = to_device(both, device)
    planes[:3] = srgb_to_linear(planes[:3]) * planes[3]
    return planes


def without_white(planes: RgbaLinear) -> RgbaLinear:
    """Take the white out of (4, h, w) premultiplied artwork: on white it looks as before.

    What of a colour all three channels share is white ink on paper; left out, the material shows.
    """
    shared = planes[:3].amin(dim=0)
    return torch.cat([planes[:3] - shared, (planes[3] - shared)[None]])


def trimmed(planes: RgbaLinear) -> RgbaLinear:
    """The artwork without bare margins; unchanged where nothing is covered."""
    solid = planes[3] > _DUST
    rows, columns = solid.any(dim=1).nonzero(), solid.any(dim=0).nonzero()
    if rows.numel() == 0:
        return planes
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    return planes[:, top:bottom, left:right].contiguous()


def pyramid(planes: RgbaLinear) -> tuple[RgbaLinear, ...]:
    """The artwork and its copies of half the size each, down to a few pixels."""
    levels = [planes]
    while min(levels[-1].shape[1:]) > _SMALLEST_PX:
        last = levels[-1]
        # An odd side repeats its last line, so that a level covers what the finer one does.
        pads = (0, last.shape[2] % 2, 0, last.shape[1] % 2)
        padded = functional.pad(last[None], pads, mode="replicate")
        levels.append(functional.avg_pool2d(padded, 2)[0])
    return tuple(levels)


def enlarged(artwork: Artwork, factor: float) -> Artwork:
    """The artwork drawn larger, so that few pixels on a large print do not show as squares."""
    finest = artwork.levels[0]
    rows = Axis(round(finest.shape[1] * factor), factor, 0.0)
    columns = Axis(round(finest.shape[2] * factor), factor, 0.0)
    edge = 3
    bled = functional.pad(finest[None], (edge,) * 4, mode="replicate")[0]
    planes = resample(
        bled,
        rows=Axis(rows.length, factor, -edge * factor),
        columns=Axis(columns.length, factor, -edge * factor),
    )
    planes[3] = planes[3].clamp(0, 1)
    planes[:3] = torch.minimum(planes[:3].clamp(min=0), planes[3])
    return Artwork((planes, *artwork.levels), artwork.is_transparent)


Load = Callable[[Source, int], Artwork]
