"""Depth of field: what lies off the product's depth is out of focus, the product never is."""

import itertools

import torch

from inference.pixels.colour import Plane, RgbLinear
from inference.pixels.resize import blur
from inference.scenes.enlarge import enlarged

# Circles of confusion, as shares of the picture's longer side; a pixel mixes two neighbours.
_CIRCLES = (0.0, 0.003, 0.009, 0.022)
# Full strength: a wall a hand's breadth behind the product goes soft, one twice as far away gets
# two thirds of the largest circle.
_APERTURE = 0.10
# This near to the focal plane, as a share of the distance, all stays as sharp as the product.
_SHARP = 0.06


def defocused(picture: RgbLinear, depth: Plane, *, focus_cm: float, strength: float) -> RgbLinear:
    """Blur (3, H, W) by its distance from the focal plane.

    Args:
        picture: (3, H, W) float32, linear light.
        depth: (h, w) float32, cm along the optical axis; may be coarser than the picture.
        focus_cm: the product's depth.
        strength: 0..1.
    """
    if strength <= 0:
        return picture
    circle = _APERTURE * strength * (1 - focus_cm / depth.clamp(min=1.0)).abs()
    # A few centimetres before and behind the product stay sharp with it.
    circle = (circle - _SHARP * _APERTURE * strength).clamp(min=0)
    size = (int(picture.shape[1]), int(picture.shape[2]))
    circle = enlarged(blur(circle[None], 1.0)[0], size)
    result, longest = picture, max(size)
    for low, high in itertools.pairwise(_CIRCLES):
        share = ((circle - low) / (high - low)).clamp(0, 1)[None]
        if float(share.max()) <= 0:
            break
        result = torch.lerp(result, blur(picture, high * longest), share)
    return result
