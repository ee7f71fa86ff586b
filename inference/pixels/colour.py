"""Colour: sRGB and linear light, as tensors on any device.

Frames are planar, (C, H, W) float32. `RgbLinear` is linear light with sRGB primaries, 0..1;
`RgbaLinear` carries a fourth plane of alpha and colours that are *premultiplied* by it.
"""

from collections.abc import Callable

import torch

RgbSrgb = torch.Tensor  # (3, H, W) float32, sRGB-encoded, 0..1
RgbLinear = torch.Tensor  # (3, H, W) float32, linear light, 0..1
RgbaLinear = torch.Tensor  # (4, H, W) float32, linear light, premultiplied, 0..1
Plane = torch.Tensor  # (H, W) float32

# IEC 61966-2-1.
_TOE_SRGB = 0.04045
_TOE_LINEAR = 0.0031308
# Values that a CPU works on at a time: a megabyte, with what is computed on the way still in cache.
_PIECE = 1 << 18


def srgb_to_linear(srgb: torch.Tensor) -> torch.Tensor:
    """Decode sRGB values 0..1 of any shape to linear light; a new tensor."""
    return _in_pieces(srgb, _decoded)


def linear_to_srgb(linear: torch.Tensor) -> torch.Tensor:
    """Encode linear light of any shape, clipped to 0..1, as sRGB 0..1; a new tensor.

    Every 8-bit level survives `srgb_to_linear` and the way back.
    """
    return _in_pieces(linear, _encoded)


def _decoded(srgb: torch.Tensor) -> torch.Tensor:
    toe = srgb / 12.92
    curve = ((srgb + 0.055) / 1.055).clamp_(min=0.0).pow_(2.4)
    return torch.where(srgb <= _TOE_SRGB, toe, curve)


def _encoded(linear: torch.Tensor) -> torch.Tensor:
    light = linear.clamp(0.0, 1.0)
    curve = light.clamp(min=_TOE_LINEAR).pow_(1 / 2.4).mul_(1.055).sub_(0.055)
    encoded: torch.Tensor = torch.where(light <= _TOE_LINEAR, light * 12.92, curve)
    return encoded


def _in_pieces(values: torch.Tensor, work: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """Element-wise work on pieces that fit a CPU's cache; on a GPU all at once."""
    if values.device.type != "cpu" or values.numel() <= _PIECE:
        return work(values)
    flat = values.reshape(-1)
    done = torch.empty_like(flat)
    for start in range(0, flat.numel(), _PIECE):
        piece = slice(start, start + _PIECE)
        done[piece] = work(flat[piece])
    return done.view(values.shape)


def hex_to_linear(colour: str) -> tuple[float, float, float]:
    """Linear-light channels 0..1 of an sRGB colour written `#rrggbb`."""
    channels = torch.tensor([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    red, green, blue = srgb_to_linear(channels).tolist()
    return red, green, blue
