"""The ground behind a product, carried on smoothly to where the product hides it."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name
from numpy.typing import NDArray

from inference.pixels.alpha import grown
from inference.pixels.arrays import BoolMask, GreyU8, RgbF32, RgbU8

_CLEAR = 4  # of 255
_HALO_SHARE = 0.012  # of the longer side: what lies nearer to the product may hold its edge
_OWN_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground as it would be without the product.

    `rgb` is (H, W, 3) float32 sRGB, 0..1, smooth; `seen` is (H, W) bool, where it really shows.
    `roughness` is the median deviation of the seen ground from its smooth version, 0..1.
    """

    rgb: RgbF32
    seen: BoolMask
    roughness: float


def ground_behind(rgb: RgbU8, alpha: GreyU8) -> Ground | None:
    """Carry the ground around a product on to where the product stands.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) uint8, 0..255.

    Returns:
        The ground, or None where less than a twentieth of the picture shows it.
    """
    reach = max(1, round(_HALO_SHARE * max(alpha.shape)))
    seen = ~grown(alpha > _CLEAR, reach)
    if seen.mean() < 0.05:
        return None
    colours = rgb.astype(np.float32) / np.float32(255)
    smooth = carried(colours, seen).clip(0, 1)
    deviation = np.abs(colours[seen] - smooth[seen]).max(axis=1)
    return Ground(smooth, seen, float(np.median(deviation)))


def carried(values: NDArray[np.float32], seen: BoolMask) -> NDArray[np.float32]:
    """Carry (H, W, C) float32 values smoothly from where they are seen to everywhere."""
    planes = torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))
    weight = torch.from_numpy(seen).float()[None]
    filled = _filled(torch.cat([planes * weight, weight])[None])[0]
    smooth: NDArray[np.float32] = filled.permute(1, 2, 0).numpy()
    return smooth


def _filled(level: torch.Tensor) -> torch.Tensor:
    """Divide (1, C + 1, h, w) weighted values by their weight, filling gaps from coarser levels."""
    values, weight = level[:, :-1], level[:, -1:]
    if min(level.shape[2:]) <= 2:
        return values / weight.clamp_min(1e-8)
    coarser = _filled(F.avg_pool2d(level, 2, ceil_mode=True))
    around = F.interpolate(coarser, size=level.shape[2:], mode="bilinear")
    return (values + _OWN_SHARE * around) / (weight + _OWN_SHARE)
