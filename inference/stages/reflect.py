"""Mirror the product in a glossy floor."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from inference.pixels.colour import RgbaLinear
from inference.pixels.geometry import Stance
from inference.pixels.resize import blur

# Blur levels of the mirror image, as shares of the product's height; mixed by distance.
_BLURS = (0.0, 0.006, 0.02)
# The image ends this far from the contact, as a share of the product's height.
_REACH = 0.75


@dataclass(frozen=True, slots=True)
class Gloss:
    """A polished floor. `strength` 0..1 is what it mirrors at the contact; `roughness` 0..1."""

    strength: float
    roughness: float = 0.35


def mirror_product(product: RgbaLinear, stance: Stance, gloss: Gloss) -> RgbaLinear:
    """The product's mirror image in the floor, ready to lie over the backdrop.

    Each column is mirrored about the row on which that column stands, so round bases and pairs
    meet their image. The image dims with distance, as light does that leaves the floor at an ever
    steeper angle, and blurs as the floor's roughness spreads it.

    Args:
        product: (4, H, W) float32, linear light, premultiplied: the placed product.
        stance: where it stands.
        gloss: the floor's polish.

    Returns:
        (4, H, W) float32, linear light, premultiplied; empty above the floor contact.
    """
    _, height, width = product.shape
    window = _window(stance, height=height, width=width)
    cut = product[:, window.top : window.bottom, window.left : window.right]
    columns = np.arange(window.left, window.right) - stance.left
    stand = torch.from_numpy(stance.stand[np.clip(columns, 0, stance.stand.size - 1)])
    stand = stand.to(product.device)[None, :]
    rows = torch.arange(window.contact, height, dtype=torch.float32, device=product.device)
    distance = rows[:, None] + 0.5 - stand
    source = (stand - distance - 0.5 - window.top).clamp(-1, cut.shape[1] - 1)
    share = (distance / stance.height).clamp(min=0)
    softness = (share * 2.2).clamp(0, 1) * gloss.roughness * 2
    layers = [_mirrored(blur(cut, size * stance.height), source) for size in _BLURS]
    dimming = gloss.strength * torch.exp(-share / 0.22) * (1 - share / _REACH).clamp(0, 1)
    dimming = dimming * (distance / 1.5 + 0.5).clamp(0, 1)
    mirror = product.new_zeros(product.shape)
    mirror[:, window.contact :, window.left : window.right] = _mix(layers, softness) * dimming
    return mirror


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of the frame that is mirrored; the image begins at row `contact`."""

    top: int
    bottom: int
    left: int
    right: int
    contact: int


def _window(stance: Stance, *, height: int, width: int) -> _Window:
    spread = math.ceil(3 * _BLURS[-1] * stance.height) + 1
    contact = max(0, math.floor(float(stance.stand.min())) - 1)
    return _Window(
        top=max(0, math.floor(contact - _REACH * stance.height) - spread),
        bottom=min(height, math.ceil(float(stance.stand.max())) + 2),
        left=max(0, stance.left - spread),
        right=min(width, stance.left + stance.stand.size + spread),
        contact=contact,
    )


def _mirrored(product: RgbaLinear, source: torch.Tensor) -> RgbaLinear:
    """Read each column at fractional `source` rows; above the window there is nothing."""
    height = product.shape[1]
    lower = source.floor()
    part = source - lower
    first = lower.long().clamp(0, height - 1)[None].expand(4, -1, -1)
    second = (lower.long() + 1).clamp(0, height - 1)[None].expand(4, -1, -1)
    inside = (source >= 0).to(product.dtype)
    blend = product.gather(1, first) * (1 - part) + product.gather(1, second) * part
    return blend * inside


def _mix(layers: list[RgbaLinear], softness: torch.Tensor) -> RgbaLinear:
    """Blend neighbouring blur levels; `softness` 0..2 picks them."""
    near = softness.clamp(0, 1)
    far = (softness - 1).clamp(0, 1)
    sharp, soft, softest = layers
    return (sharp * (1 - near) + soft * near) * (1 - far) + softest * far
