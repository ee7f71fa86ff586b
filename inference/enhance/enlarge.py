"""Enlarge a photo by a network, and hold the result to the photo it was made of.

The network's picture is corrected until it becomes the photo again when it is reduced: it may
add detail between the photo's pixels, but not change what they show.

Sources: Wang and others, "Real-ESRGAN: training real-world blind super-resolution with pure
synthetic data", ICCVW 2021 (both networks); Irani and Peleg, "Improving resolution by image
registration", CVGIP 1991 (back-projection).
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch.nn import functional

from inference.pixels.colour import RgbSrgb

NETWORK_FACTOR = 4
# A tile and what is seen round it: SRVGG reaches 17 px, RRDB's far reach fades within 16.
_TILE_PX, _REACH_PX = 384, 18
_CORRECTIONS = 3
# How much of the network's picture is taken, the rest being plainly enlarged: all of it is further
# from the truth (docs/enhancing.md).
_NETWORK_SHARE = 0.5


class Enlarges(Protocol):
    """What is needed of a network: four times the size, (1, 3, H, W) in and out, 0..1."""

    def __call__(self, picture: torch.Tensor) -> torch.Tensor: ...


def enlarge(
    rgb: RgbSrgb, network: Enlarges, *, factor: int, check_cancelled: Callable[[], None]
) -> RgbSrgb:
    """A photo in `factor` times its size.

    Args:
        rgb: (3, H, W) float32, sRGB 0..1.
        network: enlarges by four.
        factor: 2 or 4; twice the size is four times, reduced.
        check_cancelled: called before each tile; may raise.

    Returns:
        (3, factor × H, factor × W) float32, sRGB 0..1.
    """
    height, width = rgb.shape[1:]
    out = torch.empty((3, height * factor, width * factor), device=rgb.device)
    for top in range(0, height, _TILE_PX):
        for left in range(0, width, _TILE_PX):
            check_cancelled()
            bottom, right = min(height, top + _TILE_PX), min(width, left + _TILE_PX)
            y0, x0 = max(0, top - _REACH_PX), max(0, left - _REACH_PX)
            seen = rgb[:, y0 : bottom + _REACH_PX, x0 : right + _REACH_PX]
            with torch.inference_mode():
                made = reduced(network(seen[None])[0], NETWORK_FACTOR // factor)
                made = torch.lerp(plainly_enlarged(seen, factor), made, _NETWORK_SHARE)
            out[:, top * factor : bottom * factor, left * factor : right * factor] = made[
                :,
                (top - y0) * factor : (bottom - y0) * factor,
                (left - x0) * factor : (right - x0) * factor,
            ]
    return held_to(rgb, out.clamp_(0.0, 1.0), factor=factor)


def held_to(rgb: RgbSrgb, enlarged: RgbSrgb, *, factor: int) -> RgbSrgb:
    """The enlarged picture, corrected until its reduction is the photo.

    Args:
        rgb: (3, H, W) float32, sRGB 0..1.
        enlarged: (3, factor × H, factor × W) float32, sRGB 0..1.
        factor: 2 or 4.
    """
    for _ in range(_CORRECTIONS):
        missing = rgb - reduced(enlarged, factor)
        enlarged = (enlarged + plainly_enlarged(missing, factor)).clamp_(0.0, 1.0)
    return enlarged


def deviation(rgb: RgbSrgb, enlarged: RgbSrgb, *, factor: int) -> float:
    """How far the reduced picture is from the photo: the root mean square, in steps of 255."""
    difference = reduced(enlarged, factor) - rgb
    return float(difference.square().mean().sqrt()) * 255


def reduced(picture: torch.Tensor, factor: int) -> torch.Tensor:
    """(C, H, W) reduced by the mean of factor × factor pixels, as a sensor would see it."""
    if factor == 1:
        return picture
    return functional.avg_pool2d(picture[None], factor)[0]


def plainly_enlarged(picture: torch.Tensor, factor: int) -> torch.Tensor:
    """(C, H, W) enlarged by bicubic interpolation: no network, nothing added."""
    return functional.interpolate(
        picture[None], scale_factor=float(factor), mode="bicubic", align_corners=False
    )[0]
