"""Put the picture together in linear light: backdrop, shadow, mirror image, product."""

import torch

from inference.pixels.colour import Plane, RgbaLinear, RgbLinear

# How much of a weak channel a full shadow takes on top.
_DEEPENING = 0.35


def darken(backdrop: RgbLinear, kept: Plane, *, paper: tuple[float, float, float]) -> RgbLinear:
    """Take light from the backdrop; a new tensor.

    Args:
        backdrop: (3, H, W) float32, linear light, 0..1.
        kept: (H, W) share of the light that stays, 1 = untouched to the last bit.
        paper: the floor's own linear colour. A shadow on coloured paper is lit by that paper, so
            its colour deepens instead of greying.
    """
    peak = max(max(paper), 1e-4)
    grey = backdrop.new_tensor([_DEEPENING * (1 - channel / peak) for channel in paper])
    slope = grey.view(3, 1, 1)
    factor = torch.addcmul(1 - slope, slope, kept[None])
    return factor.mul_(kept).mul_(backdrop)


def over(front: RgbaLinear, back: RgbLinear) -> RgbLinear:
    """Lay a premultiplied picture over an opaque one; a new tensor.

    Args:
        front: (4, H, W) float32, linear light, premultiplied.
        back: (3, H, W) float32, linear light.

    Where alpha is 1 the front's values come through unchanged, and where it is 0 the back's.

    Source: Porter and Duff, "Compositing Digital Images", SIGGRAPH 1984 (*over*).
    """
    return (back * (1 - front[3:4])).add_(front[:3])
