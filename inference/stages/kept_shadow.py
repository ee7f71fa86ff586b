"""Lay the shadow that the product threw in its own photo onto another ground."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from inference.errors import PhotoUnreadable
from inference.pixels.colour import Plane
from inference.pixels.resize import Axis, Kernel, resample
from inference.sessions.transfer import to_device
from inference.stages.framing import Placement

# Raise it when `read_own_shadow` gives other numbers: what was kept under the old one is not used.
VERSION = "1"
# The layer is a ratio of sRGB values; light itself goes with about this power of them.
_GAMMA = 2.2
# The photo ends, its shadow may not: over this share of each side it fades, or it would show a cut.
_FADE_SHARE = 0.07


def read_own_shadow(path: Path, device: torch.device) -> Plane:
    """The light that the photo's own shadow takes away, (h, w) float32 0..1, 0 = none.

    The file is what `CutoutFinished.shadow_png` gave: the whole photo, at a size of its own.

    Raises:
        PhotoUnreadable: the layer's file is missing or damaged.
    """
    try:
        with Image.open(path) as image:
            ratio = np.asarray(image.convert("L"), dtype=np.float32) / np.float32(255)
    except OSError as error:
        raise PhotoUnreadable("The stored shadow could not be read.") from error
    taken = (1 - ratio**_GAMMA) * _fade(ratio.shape[0])[:, None] * _fade(ratio.shape[1])
    return to_device(taken, device)


def _fade(length: int) -> NDArray[np.float32]:
    """(length,) 1 inside, falling smoothly to 0 at both ends."""
    inward = np.minimum(np.arange(length), np.arange(length)[::-1]) / (_FADE_SHARE * length)
    inward = inward.clip(0, 1)
    fade: NDArray[np.float32] = (inward * inward * (3 - 2 * inward)).astype(np.float32)
    return fade


def lay_own_shadow(taken: Plane, placement: Placement, *, photo_width: int) -> Plane:
    """Bring the layer to where the placement puts the photo.

    Args:
        taken: (h, w) float32 from `read_own_shadow`.
        placement: where photo pixels go.
        photo_width: of the upright photo at native size, in pixels.

    Returns:
        (H, W) float32, how much of its light the ground keeps; 1 beyond the photo's edges.
    """
    scale = placement.scale * photo_width / taken.shape[1]
    placed = resample(
        taken[None],
        rows=Axis(placement.frame_height, scale, placement.offset_y),
        columns=Axis(placement.frame_width, scale, placement.offset_x),
        kernel=Kernel.SPLINE,
    )[0]
    return 1 - placed.clamp(0, 1)
