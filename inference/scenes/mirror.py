"""The product's mirror image in the ground."""

import itertools
import math

import numpy as np
import torch
from torch.nn import functional

from inference.pixels.colour import Plane, RgbaLinear, RgbLinear
from inference.pixels.geometry import Stance
from inference.pixels.resize import blur
from inference.plates.camera import Camera
from inference.plates.format import Ground

# Blurs of the image, as shares of the product's height; a pixel mixes two neighbours.
_BLURS = (0.0, 0.008, 0.03, 0.09)
# What a rough ground's image loses: it is spread over more than the product's own image.
_SPREAD = 3.0


def mirrored(
    picture: RgbLinear,
    product: RgbaLinear,
    stance: Stance,
    stance_step: float,
    camera: Camera,
    ground: Ground,
    is_ground: Plane,
    strength: float,
) -> RgbLinear:
    """Lay the product's mirror image over the ground; a new tensor.

    Each column is mirrored about the row on which it stands. How much the ground mirrors follows
    from the angle of sight (Schlick's approximation of Fresnel), how blurred it is from its
    roughness and the distance from the contact.

    Args:
        picture: (3, H, W) float32, linear light, as shown.
        product: (4, H, W) float32, linear light, premultiplied, placed.
        stance: where the product stands, in pixels of `stance_step` frame pixels.
        stance_step: see `stance`.
        camera: of the frame.
        ground: the plate's.
        is_ground: (H, W) 1 on the ground.
        strength: 1 as the ground's own.
    """
    _, height, width = product.shape
    columns = (np.arange(width) + 0.5) / stance_step - 0.5 - stance.left
    stand = np.interp(columns, np.arange(stance.stand.size), stance.stand) * stance_step
    tall = stance.height * stance_step
    left = max(0, math.floor(stance.left * stance_step - 0.1 * tall))
    right = min(width, math.ceil((stance.left + stance.stand.size) * stance_step + 0.1 * tall))
    top = max(0, math.floor(float(stand.min())) - 2)
    bottom = min(height, math.ceil(float(stand.max()) + tall) + 1)
    if top >= bottom or left >= right:
        return picture
    above = max(0, math.floor(float(stand.min()) - tall) - 4)
    source = product[:, above : min(height, math.ceil(float(stand.max())) + 2), left:right]
    rows = torch.arange(top, bottom, device=product.device, dtype=torch.float32) + 0.5
    line = torch.from_numpy(stand[left:right]).to(product.device, torch.float32)
    below = rows[:, None] - line[None]
    at_row = (line[None] - below - above) / source.shape[1] * 2 - 1
    at_column = torch.linspace(-1, 1, right - left + 1, device=product.device)
    middle = (at_column[1:] + at_column[:-1]) / 2
    grid = torch.stack([middle[None].expand_as(at_row), at_row], dim=-1)[None]
    image = _blurred(source, grid, (below / tall).clamp(min=0), ground.roughness, tall)
    share = _fresnel(camera, ground, top, bottom, width).to(product.device)[:, left:right]
    share = share * strength / (1 + _SPREAD * ground.roughness**2 * (below / tall).clamp(0, 2))
    share = share.clamp(0, 1) * (below + 0.5).clamp(0, 1) * is_ground[top:bottom, left:right]
    result = picture.clone()
    under = result[:, top:bottom, left:right]
    result[:, top:bottom, left:right] = under * (1 - share * image[3:]) + share * image[:3]
    return result


def _blurred(
    source: RgbaLinear, grid: torch.Tensor, share: Plane, roughness: float, tall: float
) -> RgbaLinear:
    """The mirror image, softer with the ground's roughness and the distance from the contact."""
    wanted = roughness**2 * share * 0.9 + 0.15 * roughness * share
    image = functional.grid_sample(source[None], grid, align_corners=False)[0]
    for low, high in itertools.pairwise(_BLURS):
        mix = ((wanted - low) / (high - low)).clamp(0, 1)[None]
        if float(mix.max()) <= 0:
            break
        soft = functional.grid_sample(blur(source, high * tall)[None], grid, align_corners=False)[0]
        image = torch.lerp(image, soft, mix)
    return image


def _fresnel(camera: Camera, ground: Ground, top: int, bottom: int, width: int) -> torch.Tensor:
    """(bottom - top, width) float32 share of light that the ground mirrors towards the camera."""
    rows, columns = np.linspace(top, bottom, 9), np.linspace(0, width, 9)
    rays = camera.rays(np.stack(np.meshgrid(columns, rows), axis=-1))
    cosine = np.clip(-rays[..., 1] / np.linalg.norm(rays, axis=-1), 0, 1)
    share = ground.reflectance + (1 - ground.reflectance) * (1 - cosine) ** 5
    # Microfacets that lean towards the viewer mirror less at grazing angles.
    share = share * (1 - 0.75 * ground.roughness)
    coarse = torch.from_numpy(share.astype(np.float32))[None, None]
    size = (bottom - top, width)
    return functional.interpolate(coarse, size=size, mode="bilinear", align_corners=True)[0, 0]
