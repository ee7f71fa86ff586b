"""Cast the product's shadows from all of a plate's lights onto its geometry, finely where it shows.

On a lattice first; then, for a kept picture, again at every geometry pixel where the lattice is too
coarse: along the shadow's own edges, and where one thing ends before another.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional

from inference.plates.format import GroupKind, Support
from inference.scenes.ground import Shadows
from inference.scenes.lamps import Lamps, lamps_of
from inference.scenes.loaded import LoadedPlate, bent
from inference.scenes.shadow import contact_map, light_kept
from inference.scenes.view import ScenePlan
from inference.scenes.volume import Volume

# Lattice neighbours that differ by more than this are looked at between.
_EDGE = 0.04
# What lies flat is rounded below and soft: its outline keeps less of the sky out than a wall of its
# height would, and a full share draws a glow of darkness all round it.
_SKY_LOST_LYING = 0.5


@dataclass(frozen=True, slots=True)
class Detail:
    """How finely shadows are cast.

    Attributes:
        product_px: longest side of the alpha that the volume is read from.
        map_px: side of each lamp sample's map.
        lamps: samples of a lamp.
        sky: samples of light from all around.
        geometry_px: lattice points side by side, at most.
        refines: whether edges are cast again at every geometry pixel.
    """

    product_px: int
    map_px: int
    lamps: int
    sky: int
    geometry_px: int
    refines: bool = False


def cast_shadows(
    volume: Volume, plan: ScenePlan, plate: LoadedPlate, softness: float, detail: Detail
) -> Shadows:
    """What the product takes from each light group, and from the light around its foot.

    Args:
        volume: the product's.
        plan: where it stands.
        plate: on the device that does the work.
        softness: factor on the lamps' extent; 1 as baked.
        detail: how finely.
    """
    device = plate.depth.device
    moved = replace(volume, points=volume.points.to(device), weights=volume.weights.to(device))
    stand = np.array(plan.info.slot.point_cm)
    groups = []
    for group in plan.info.groups:
        count = detail.lamps if group.points else detail.sky
        groups.append(lamps_of(group, count=count, softness=softness, stand=stand).to(device))
    kept = _on_lattice(moved, plate, groups, detail)
    slot = plan.info.slot
    lies_flat = slot.support is Support.FLAT_LAY
    for plane, group in zip(kept, plan.info.groups, strict=True):
        if lies_flat and group.kind is GroupKind.ENVIRONMENT:
            plane.copy_(1 - _SKY_LOST_LYING * (1 - plane))
    occlusion, extent = None, (0.0, 0.0, 0.0, 0.0)
    if slot.ground is not None:
        occlusion, extent = contact_map(moved, lies_flat=lies_flat, ground_cm=slot.ground.height_cm)
    return Shadows(kept, occlusion, extent)


def _on_lattice(
    volume: Volume, plate: LoadedPlate, groups: list[Lamps], detail: Detail
) -> torch.Tensor:
    """(G, h, w) the share of each group's light that stays, at the geometry's size or coarser."""
    height, width = plate.depth.shape
    step = max(1, -(-max(height, width) // detail.geometry_px))
    # The middle of each cell; a mean of two surfaces lies on neither.
    rows = torch.arange(step // 2, height, step, device=plate.depth.device)
    columns = torch.arange(step // 2, width, step, device=plate.depth.device)
    grid = torch.meshgrid(rows, columns, indexing="ij")
    receivers = plate.receivers(grid[0].flatten(), grid[1].flatten())
    coarse = torch.stack(
        [
            light_kept(volume, lamps, receivers, map_px=detail.map_px).view(grid[0].shape)
            for lamps in groups
        ]
    )
    if step == 1 or not detail.refines:
        return coarse
    fine = _between(coarse, (height, width), step)
    where = (_steep(fine) | (bent(plate.depth) & (fine.amin(dim=0) < 1 - _EDGE))).nonzero()
    if where.shape[0] == 0:
        return fine
    places = plate.receivers(where[:, 0], where[:, 1])
    for plane, lamps in zip(fine, groups, strict=True):
        plane[where[:, 0], where[:, 1]] = light_kept(volume, lamps, places, map_px=detail.map_px)
    return fine


def _between(coarse: torch.Tensor, size: tuple[int, int], step: int) -> torch.Tensor:
    """The lattice (G, h, w) at every geometry pixel (G, H, W), bilinear."""
    axes = []
    for count, lattice in zip(size, coarse.shape[1:], strict=True):
        place = (torch.arange(count, device=coarse.device) - step // 2) / step
        axes.append((place + 0.5) / lattice * 2 - 1)
    down, across = torch.meshgrid(*axes, indexing="ij")
    grid = torch.stack([across, down], dim=-1)[None]
    return functional.grid_sample(coarse[None], grid, align_corners=False, padding_mode="border")[0]


def _steep(kept: torch.Tensor) -> torch.Tensor:
    """(H, W) bool: within a pixel and a half the shadow of some group changes much."""
    high = functional.max_pool2d(kept[None], 3, stride=1, padding=1)[0]
    low = -functional.max_pool2d(-kept[None], 3, stride=1, padding=1)[0]
    return (high - low).amax(dim=0) > _EDGE
