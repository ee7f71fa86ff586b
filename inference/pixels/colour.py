"""Colour: sRGB and linear light, as tensors on any device.

Frames are planar, (C, H, W) float32. `RgbLinear` is linear light with sRGB primaries, 0..1;
`RgbaLinear` carries a fourth plane of alpha and colours that are *premultiplied* by it.
"""

import torch

RgbSrgb = torch.Tensor  # (3, H, W) float32, sRGB-encoded, 0..1
RgbLinear = torch.Tensor  # (3, H, W) float32, linear light, 0..1
RgbaLinear = torch.Tensor  # (4, H, W) float32, linear light, premultiplied, 0..1
Plane = torch.Tensor  # (H, W) float32

# IEC 61966-2-1.
_TOE_SRGB = 0.04045
_TOE_LINEAR = 0.0031308


def srgb_to_linear(srgb: torch.Tensor) -> torch.Tensor:
    """Decode sRGB values 0..1 of any shape to linear light; a new tensor."""
    toe = srgb / 12.92
    curve = ((srgb + 0.055) / 1.055).clamp_(min=0.0).pow_(2.4)
    return torch.where(srgb <= _TOE_SRGB, toe, curve)


def linear_to_srgb(linear: torch.Tensor) -> torch.Tensor:
    """Encode linear light of any shape, clipped to 0..1, as sRGB 0..1; a new tensor.

    Every 8-bit level survives `srgb_to_linear` and the way back.
    """
    light = linear.clamp(0.0, 1.0)
    curve = light.clamp(min=_TOE_LINEAR).pow_(1 / 2.4).mul_(1.055).sub_(0.055)
    encoded: torch.Tensor = torch.where(light <= _TOE_LINEAR, light * 12.92, curve)
    return encoded


def hex_to_linear(colour: str) -> tuple[float, float, float]:
    """Linear-light channels 0..1 of an sRGB colour written `#rrggbb`."""
    channels = torch.tensor([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    red, green, blue = srgb_to_linear(channels).tolist()
    return red, green, blue
