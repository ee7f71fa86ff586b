"""The product's shadow on everything the camera sees: ground, walls and props.

Every lamp sample looks at the product's points and keeps a small map of what they cover; every
pixel of the plate's geometry asks each map whether its light arrives. How far the covering points
lie before the receiver decides how soft the answer is, so contact is crisp and distance is not.

Sources: Williams, "Casting Curved Shadows on Curved Surfaces", SIGGRAPH 1978 (maps); Fernando,
"Percentage-Closer Soft Shadows", SIGGRAPH 2005 (softness from the blocker's distance).
"""

import itertools
import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.pixels.resize import blur
from inference.scenes.lamps import Lamps
from inference.scenes.volume import Volume

# Blurs of the maps, in shares of their side; a receiver mixes two neighbours.
_BLURS = (0.007, 0.022, 0.055, 0.13)
# The map reaches this far past the product's radius, so that its blurs have room.
_MARGIN = 1.3
# Contact occlusion near and wide, as shares of the product's size.
_REACH_STANDING, _REACH_LYING = (0.014, 0.06), (0.006, 0.018)
# Lamps whose maps lie in memory together.
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class Receivers:
    """Where light arrives: geometry pixels.

    `position` and `normal` are (M, 3) float32, cm and unit; `is_ground` is (M,) bool: nothing of
    the product lies under it, so whatever a ray to a lamp meets lies before it.
    """

    position: torch.Tensor
    normal: torch.Tensor
    is_ground: torch.Tensor


def light_kept(volume: Volume, lamps: Lamps, receivers: Receivers, *, map_px: int) -> torch.Tensor:
    """(M,) float32: the share of the group's light that still arrives, bounces included, 0..1."""
    count = lamps.position.shape[0]
    lost = receivers.position.new_zeros(receivers.position.shape[0])
    whole = torch.full_like(lost, max(lamps.bounced, 1e-9))
    for start in range(0, count, _CHUNK):
        part = slice(start, start + _CHUNK)
        position, radius = lamps.position[part], lamps.radius[part]
        weight = _irradiance(position, lamps.power[part], receivers)
        covered = _covered(volume, position, radius, receivers, map_px)
        lost += (weight * covered).sum(dim=0)
        whole += weight.sum(dim=0)
    # What faces away from the lamps has no direct light to lose.
    return 1 - lost / whole


def _irradiance(position: torch.Tensor, power: torch.Tensor, to: Receivers) -> torch.Tensor:
    """(N, M) unshadowed irradiance of each lamp sample at each receiver."""
    rays = position[:, None] - to.position[None]
    squared = (rays * rays).sum(dim=-1)
    cosine = (rays * to.normal[None]).sum(dim=-1).clamp(min=0) * squared.rsqrt()
    return power[:, None] * cosine / squared


def _covered(
    volume: Volume,
    position: torch.Tensor,
    radius: torch.Tensor,
    receivers: Receivers,
    map_px: int,
) -> torch.Tensor:
    """(N, M) share of each lamp sample that the product hides from each receiver, 0..1."""
    centre = position.new_tensor(volume.centre)
    axes, distance = _frames(position, centre)
    reach = volume.radius_cm * _MARGIN
    maps, depths = _splatted(volume, position, axes, distance, reach, map_px)
    across, depth = _seen(receivers.position, position, axes, distance)
    grid = across / reach
    behind = functional.grid_sample(
        depths[:, None], grid[:, :, None], align_corners=False, padding_mode="border"
    )[:, 0, :, 0]
    gap = (depth - behind).clamp(min=0)
    spread = 0.5 * radius[:, None] * gap / depth.clamp(min=1e-3)
    level = _level(spread / (2 * reach))
    volume_grid = torch.stack([grid[..., 0], grid[..., 1], level], dim=-1)[:, None, None]
    covered = functional.grid_sample(maps[:, None], volume_grid, align_corners=False)
    covered = covered[:, 0, 0, 0]
    # What stands between the lamp and the product is not in its shadow.
    past = ((depth - distance[:, None]) / (0.6 * volume.radius_cm) + 0.5).clamp(0, 1)
    return covered * torch.where(receivers.is_ground[None], torch.ones_like(past), past)


def _frames(position: torch.Tensor, centre: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(N, 3, 3) axes right, up and forward of each lamp, and (N,) its distance to the product."""
    forward = centre - position
    distance = forward.norm(dim=1)
    forward = forward / distance[:, None]
    helper = torch.where(
        forward[:, 1:2].abs() > 0.9,
        forward.new_tensor([[1.0, 0.0, 0.0]]),
        forward.new_tensor([[0.0, 1.0, 0.0]]),
    )
    right = torch.linalg.cross(forward, helper)
    right = right / right.norm(dim=1, keepdim=True)
    return torch.stack([right, torch.linalg.cross(right, forward), forward], dim=1), distance


def _seen(
    points: torch.Tensor, position: torch.Tensor, axes: torch.Tensor, distance: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points as lamps see them: (N, K, 2) cm on the plane through the product, (N, K) depth."""
    local = torch.einsum("kc,nac->nka", points, axes)
    local = local - torch.einsum("nc,nac->na", position, axes)[:, None]
    depth = local[..., 2].clamp(min=1e-2)
    return local[..., :2] * (distance[:, None] / depth)[..., None], local[..., 2]


def _splatted(
    volume: Volume,
    position: torch.Tensor,
    axes: torch.Tensor,
    distance: torch.Tensor,
    reach: float,
    map_px: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Coverage at rising blurs (N, L, R, R), and the mean depth of what covers (N, R, R)."""
    count = position.shape[0]
    across, depth = _seen(volume.points, position, axes, distance)
    cells = ((across / reach * 0.5 + 0.5) * map_px).long().clamp(0, map_px - 1)
    index = cells[..., 1] * map_px + cells[..., 0]
    index = (index + torch.arange(count, device=index.device)[:, None] * map_px**2).flatten()
    weights = volume.weights[None].expand(count, -1).flatten()
    hits = position.new_zeros(count * map_px**2).index_add_(0, index, weights)
    sums = position.new_zeros(count * map_px**2).index_add_(0, index, weights * depth.flatten())
    hits, sums = (flat.view(count, map_px, map_px) for flat in (hits, sums))
    # So many points of one layer fall on a cell. Layers are not counted up: their blur would
    # reach past the outline and draw a dark rim round whatever lies flat.
    once = (2 * reach / map_px / volume.spacing_cm) ** 2
    solid = (hits / (0.5 * min(once, 2.0))).clamp(0, 1)
    fill = max(0.7, 0.6 * volume.spacing_cm * map_px / (2 * reach))
    sharp = (1.12 * blur(solid, fill)).clamp(0, 1)
    levels = [blur(sharp, share * map_px) for share in _BLURS]
    wide = 0.05 * map_px
    mean = blur(sums, wide) / blur(hits, wide).clamp(min=1e-4)
    mean = torch.where(mean > 0, mean, distance[:, None, None].expand_as(mean))
    return torch.stack(levels, dim=1), mean


def _level(share: torch.Tensor) -> torch.Tensor:
    """Which blur a spread asks for, as `grid_sample`'s third coordinate, -1..1."""
    count = len(_BLURS)
    level = torch.zeros_like(share)
    for low, high in itertools.pairwise(_BLURS):
        level = level + ((share - low) / (high - low)).clamp(0, 1)
    return (level + 0.5) / count * 2 - 1


def contact_map(
    volume: Volume, *, lies_flat: bool, ground_cm: float, cells: int = 224
) -> tuple[torch.Tensor, tuple[float, float, float, float]]:
    """How much of the light from all around the product's foot takes from the ground.

    Returns:
        (cells, cells) float32 occlusion 0..1 over x (columns) and z (rows), and the map's extent
        in cm: least x, least z, largest x, largest z.
    """
    height = volume.points[:, 1] - ground_cm
    limit = volume.height_cm + 1 if lies_flat else max(0.035 * volume.height_cm, 0.15)
    foot = volume.points[height < limit]
    size = max(volume.width_cm, 0.4 * volume.height_cm)
    middle_x, middle_z = (float((foot[:, axis].min() + foot[:, axis].max()) / 2) for axis in (0, 2))
    extent = foot.amax(0) - foot.amin(0)
    half = 0.5 * max(float(extent[0]), float(extent[2]), 0.5) + 0.22 * size
    cell = 2 * half / cells
    x = ((foot[:, 0] - middle_x + half) / cell).long().clamp(0, cells - 1)
    z = ((foot[:, 2] - middle_z + half) / cell).long().clamp(0, cells - 1)
    hits = foot.new_zeros(cells * cells).index_add_(0, z * cells + x, foot.new_ones(len(foot)))
    closing = max(1.2, 0.9 * volume.spacing_cm / cell)
    solid = (blur(hits.view(1, cells, cells), closing) * 2 * math.pi * closing**2 * 0.6).clamp(0, 1)
    # Round a foot the dark runs out over a base; round what lies flat only as far as it is thick.
    reach = _REACH_LYING if lies_flat else _REACH_STANDING
    close = blur(solid, max(1.2, reach[0] * size / cell))
    wide = blur(solid, max(2.0, reach[1] * size / cell))
    dark = (0.62 * close + 0.38 * wide)[0].clamp(0, 1)
    return dark, (middle_x - half, middle_z - half, middle_x + half, middle_z + half)
