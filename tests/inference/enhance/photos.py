"""Small photos made by arithmetic, whose noise, blur and light are known."""

import numpy as np
import torch

from inference.enhance.blur import blurred
from inference.pixels.colour import RgbSrgb


def scene(*, side: int = 256, ground: float = 0.75) -> RgbSrgb:
    """(3, side, side): blocks and stripes of several colours on an even ground, sharp."""
    picture = torch.full((3, side, side), ground)
    quarter = side // 4
    picture[:, quarter : 3 * quarter, quarter : 3 * quarter] = torch.tensor([0.6, 0.2, 0.15])[
        :, None, None
    ]
    stripes = (torch.arange(side // 2) // 8 % 2).float() * 0.5 + 0.2
    picture[:, quarter + 8 : 2 * quarter, quarter : 3 * quarter] = stripes
    return picture


def noisy(picture: RgbSrgb, *, level: float, seed: int = 5) -> RgbSrgb:
    """With white noise of `level` steps of 255, in 8 bits."""
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))
    return rounded(picture + noise * level / 255)


def soft(picture: RgbSrgb, *, blur_px: float) -> RgbSrgb:
    """Blurred by a Gaussian, in 8 bits."""
    return rounded(torch.stack([blurred(plane, blur_px) for plane in picture]))


def rounded(picture: RgbSrgb) -> RgbSrgb:
    """As an 8-bit file would hold it."""
    return (picture.clamp(0, 1) * 255).round() / 255


def pixels(picture: RgbSrgb) -> np.ndarray:
    """(H, W, 3) uint8."""
    return (picture.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()


def error(one: RgbSrgb, other: RgbSrgb) -> float:
    """Root mean square difference in steps of 255."""
    return float((one - other).square().mean().sqrt()) * 255
