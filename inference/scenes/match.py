"""Light the product a little as the scene would, within what its colours may move."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.inspect.colour_difference import delta_e_2000, to_lab
from inference.pixels.colour import RgbaLinear, linear_to_srgb
from inference.pixels.resize import blur
from inference.plates.format import LightGroup
from inference.plates.light import irradiance

# The promise: over the product, colours move by no more than this on the mean (CIEDE2000).
BUDGET_DELTA_E = 4.0
# Aimed a little lower, since the budget is measured on a small picture of the product.
_AIM_DELTA_E = 3.6
_EXPOSURE, _BALANCE, _SHADING, _FOOT = 0.10, 0.06, 0.13, 0.14
_WORKING_PX = 112
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the product is lit by: the plate's groups with their gains.

    `around` is the mean (r, g, b) of the picture round the product, linear light.
    """

    groups: tuple[LightGroup, ...]
    gains: Mapping[str, tuple[float, float, float]]
    around: tuple[float, float, float]


def matched(
    product: RgbaLinear, around: Surroundings, *, strength: float, is_standing: bool
) -> RgbaLinear:
    """Shade, expose and balance the product towards the scene's light; a new tensor.

    Args:
        product: (4, H, W) float32, linear light, premultiplied.
        around: the scene.
        strength: 0 returns the very input, 1 the most that the budget allows.
        is_standing: its foot darkens towards the ground.
    """
    if strength <= 0:
        return product
    cover = product[3] > 0.5
    rows, columns = cover.any(dim=1).nonzero(), cover.any(dim=0).nonzero()
    if rows.numel() == 0:
        return product
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    crop = product[:, top:bottom, left:right]
    step = max(1.0, max(crop.shape[1:]) / _WORKING_PX)
    size = tuple(max(4, round(length / step)) for length in crop.shape[1:])
    small = functional.interpolate(crop[None], size=size, mode="area")[0]
    wished = _wished(small, around, is_standing) * strength
    gain = 1 + wished * _share_of_budget(small, wished)
    full = functional.interpolate(
        gain[None], size=crop.shape[1:], mode="bilinear", align_corners=False
    )[0]
    result = product.clone()
    band = result[:3, top:bottom, left:right]
    result[:3, top:bottom, left:right] = torch.minimum(band * full, crop[3:])
    return result


def _wished(small: RgbaLinear, around: Surroundings, is_standing: bool) -> torch.Tensor:
    """(3, h, w) relative change of every pixel that the scene's light asks for."""
    normals, inside = _inflated(small[3])
    target = np.zeros((*inside.shape, 3))
    for group in around.groups:
        target += irradiance(group, normals) * np.array(around.gains[group.name])
    light = target @ _LUMINANCE
    weight = inside / max(float(inside.sum()), 1e-6)
    mean = max(float((light * weight).sum()), 1e-6)
    shading = np.clip(np.log(np.maximum(light, 0.05 * mean) / mean), -0.6, 0.6)
    shading = _SHADING * np.tanh((shading - _own_shading(small, normals, inside)) / 0.5)
    shading -= float((shading * weight).sum())
    level = float(np.dot(around.around, _LUMINANCE))
    exposure = float(np.clip((max(level, 1e-3) / 0.42) ** 0.2 - 1, -_EXPOSURE, _EXPOSURE))
    tint = (target * weight[..., None]).sum(axis=(0, 1))
    tint = 0.6 * tint / max(tint @ _LUMINANCE, 1e-6)
    tint += 0.4 * np.array(around.around) / max(level, 1e-6)
    balance = np.clip(tint**0.5, 1 - _BALANCE, 1 + _BALANCE)
    balance /= balance @ _LUMINANCE
    wished = (1 + exposure) * balance * (1 + shading)[..., None] - 1
    if is_standing:
        wished -= _foot(inside)[..., None]
    return torch.from_numpy(wished.transpose(2, 0, 1).astype(np.float32)).to(small.device)


def _inflated(alpha: torch.Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """World normals (h, w, 3) of the outline blown up like a cushion, and coverage (h, w)."""
    inside = (alpha > 0.5).float()
    height, width = inside.shape
    size = max(height, width)
    pad = size // 4
    padded = functional.pad(inside[None], (pad, pad, pad, pad))
    dome = torch.zeros_like(padded)
    for share, weight in ((0.05, 0.35), (0.10, 0.35), (0.18, 0.3)):
        dome += weight * blur(padded, share * size).clamp(min=0).sqrt()
    heights = (dome[0, pad : pad + height, pad : pad + width] * 0.45 * size).cpu().numpy()
    down, across = np.gradient(heights)
    normal = np.stack([-across, down, np.full_like(down, 1.0)], axis=-1).astype(np.float64)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return normal, inside.cpu().numpy().astype(np.float64)


def _own_shading(
    small: RgbaLinear, normals: NDArray[np.float64], inside: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What the photo's light already did: log luminance explained by the normals, (h, w)."""
    solid = inside > 0
    if int(solid.sum()) < 16:
        return np.zeros(inside.shape)
    smooth = blur(small, 0.02 * max(inside.shape))
    luminance = (smooth[:3] / smooth[3:].clamp(min=1e-3)).mean(dim=0).cpu().numpy()
    logs = np.log(np.maximum(luminance[solid], 0.01))
    terms = np.stack([np.ones(logs.size), normals[solid, 0], normals[solid, 1]], axis=1)
    slope = np.linalg.lstsq(terms, logs, rcond=None)[0][1:]
    slope = np.clip(slope, -0.35, 0.35)
    own: NDArray[np.float64] = slope[0] * normals[..., 0] + slope[1] * normals[..., 1]
    return own


def _foot(inside: NDArray[np.float64]) -> NDArray[np.float64]:
    """(h, w) how much the ground takes from the product's foot, by height over each column's."""
    height = inside.shape[0]
    low = np.where(inside.any(axis=0), height - np.argmax(inside[::-1] > 0, axis=0), 0)
    is_near = low > 0.8 * height
    above = np.maximum(low[None] - np.arange(height)[:, None], 0) / height
    dark: NDArray[np.float64] = _FOOT * np.exp(-above / 0.035) * is_near[None]
    return dark


def _share_of_budget(small: RgbaLinear, wished: torch.Tensor) -> float:
    """How much of the wished change keeps the mean colour difference within the budget."""
    alpha = small[3]
    solid = alpha > 0.9
    if not bool(solid.any()):
        return 0.0
    colours = (small[:3] / alpha.clamp(min=1e-3))[:, solid]
    before = _lab(colours)
    share = 1.0
    for _ in range(3):
        after = _lab(colours * (1 + share * wished[:, solid]))
        moved = float(delta_e_2000(before, after).mean())
        if moved <= _AIM_DELTA_E:
            break
        share *= _AIM_DELTA_E / moved
    return share


def _lab(colours: torch.Tensor) -> NDArray[np.float32]:
    levels = linear_to_srgb(colours).mul(255).round().to(torch.uint8)
    return to_lab(levels.T.cpu().numpy())
