"""A plate as tensors on the device, at the size that the frame needs."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional

from inference.pixels.colour import Plane
from inference.plates.camera import Camera
from inference.plates.format import LightGroup, PlateInfo, Support
from inference.plates.plate import Plate
from inference.scenes.shadow import Receivers
from inference.scenes.view import ScenePlan, camera_matrix

# Sizes at which plates are kept, besides the full one; between two, the larger is taken.
_SIDES = (160, 256, 362, 512, 724, 1024, 1448, 2048, 2896)
# Surfaces that look up this much, this near the ground's height, carry contact and reflections.
_LEVEL = 0.6
_SAME_HEIGHT_CM = 0.6
# Under what lies flat, creases of a cloth are ground as well.
_SAME_HEIGHT_LYING_CM = 4.0
# Inverse depth that bends by this share from one pixel to the next is no plane.
_BEND = 0.004


@dataclass(frozen=True, slots=True)
class LoadedPlate:
    """A plate's arrays on one device.

    `pictures` is (G, 3, H, W), `fronts` (G, 4, H, W) or None; `position` and `normal` are
    (h, w, 3), `depth` (h, w), `ground` (h, w) 1 on the plane the product stands on. All float32.
    """

    info: PlateInfo
    pictures: torch.Tensor
    fronts: torch.Tensor | None
    position: torch.Tensor
    normal: torch.Tensor
    depth: torch.Tensor
    ground: torch.Tensor

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        tensors = (self.pictures, self.fronts, self.position, self.normal, self.depth, self.ground)
        return sum(t.numel() * t.element_size() for t in tensors if t is not None)

    def receivers(self, rows: torch.Tensor, columns: torch.Tensor) -> Receivers:
        """Geometry pixels, by their rows and columns (M,), as shadows see them."""
        stand = self.info.slot.ground
        height = stand.height_cm if stand else -np.inf
        position = self.position[rows, columns]
        under = position[:, 1] <= height + _reach_cm(self.info)
        return Receivers(position, self.normal[rows, columns], under)


def side_for(plan: ScenePlan) -> int:
    """Longest side of the plate at which its window is at least as fine as the frame."""
    camera = plan.info.camera
    full = max(camera.width_px, camera.height_px)
    needed = full / plan.window.step
    return min([side for side in (*_SIDES, full) if needed - 0.5 <= side <= full], default=full)


def load_plate(plate: Plate, device: torch.device) -> LoadedPlate:
    """Bring a plate to the device."""
    info, geometry = plate.info, plate.geometry
    names = [group.name for group in info.groups]
    ground = np.zeros(geometry.surface.shape, np.float32)
    if info.slot.ground is not None:
        is_level = geometry.normal[..., 1] > _LEVEL
        off = np.abs(geometry.position[..., 1] - info.slot.ground.height_cm)
        ground = (is_level & (off < _reach_cm(info))).astype(np.float32)

    def planar(arrays: list[np.ndarray]) -> torch.Tensor:
        stacked = [torch.from_numpy(array).permute(2, 0, 1) for array in arrays]
        return torch.stack(stacked).to(device).contiguous()

    depth = torch.from_numpy(geometry.depth).to(device)
    return LoadedPlate(
        info=info,
        pictures=planar([plate.pictures[name] for name in names]),
        fronts=planar([plate.front[name] for name in names]) if plate.front else None,
        position=torch.from_numpy(geometry.position).to(device),
        normal=_smoothed(torch.from_numpy(geometry.normal).to(device), bent(depth)),
        depth=depth,
        ground=torch.from_numpy(ground).to(device),
    )


def _reach_cm(info: PlateInfo) -> float:
    """How far from its plane a surface still belongs to the ground."""
    lies_flat = info.slot.support is Support.FLAT_LAY
    return _SAME_HEIGHT_LYING_CM if lies_flat else _SAME_HEIGHT_CM


def bent(depth: Plane) -> torch.Tensor:
    """(H, W) bool: inverse depth is no plane near here, since a thing ends or folds."""
    nearness = 1 / depth.clamp(min=1e-3)
    padded = functional.pad(nearness[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
    across = padded[1:-1, 2:] + padded[1:-1, :-2] - 2 * nearness
    down = padded[2:, 1:-1] + padded[:-2, 1:-1] - 2 * nearness
    bend = torch.maximum(across.abs(), down.abs()) / nearness
    return functional.max_pool2d((bend > _BEND).float()[None], 3, stride=1, padding=1)[0] > 0


def _smoothed(normal: torch.Tensor, is_bent: torch.Tensor) -> torch.Tensor:
    """Normals (h, w, 3) without the steps of their storage; none is mixed across a thing's end.

    They are kept to 0.9°, and where a body turns away from a lamp that draws the shadow's edge in
    steps.
    """
    part = (~is_bent).float()[None, None]
    planes = normal.permute(2, 0, 1)[None] * part
    mean = functional.avg_pool2d(planes, 5, stride=1, padding=2)[0].permute(1, 2, 0)
    unit = mean / mean.norm(dim=2, keepdim=True).clamp(min=1e-6)
    return torch.where((is_bent | (mean.norm(dim=2) < 1e-3))[..., None], normal, unit)


def flipped(loaded: LoadedPlate) -> LoadedPlate:
    """The plate seen in a mirror: its light then comes from the other side."""
    mirror = loaded.position.new_tensor([-1.0, 1.0, 1.0])
    return LoadedPlate(
        info=flipped_info(loaded.info),
        pictures=loaded.pictures.flip(-1),
        fronts=None if loaded.fronts is None else loaded.fronts.flip(-1),
        position=loaded.position.flip(1) * mirror,
        normal=loaded.normal.flip(1) * mirror,
        depth=loaded.depth.flip(1),
        ground=loaded.ground.flip(1),
    )


def flipped_info(info: PlateInfo) -> PlateInfo:
    """A plate's description seen in a mirror: x turns round."""
    slot = info.slot
    x, y, z = slot.point_cm
    u, v = slot.point_px
    return replace(
        info,
        camera=_flipped_camera(info.camera),
        groups=tuple(_flipped_group(group) for group in info.groups),
        slot=replace(slot, point_cm=(-x, y, z), point_px=(info.camera.width_px - u, v)),
    )


def _flipped_camera(camera: Camera) -> Camera:
    first, second, third = (np.array(row) for row in camera.matrix)
    world = np.array([-1.0, 1.0, 1.0, 1.0])
    rows = ((camera.width_px * third - first) * world, second * world, third * world)
    x, y, z = camera.position_cm
    return replace(
        camera,
        matrix=camera_matrix(rows),
        position_cm=(-x, y, z),
    )


def _flipped_group(group: LightGroup) -> LightGroup:
    # Harmonics 3, 4 and 7 are odd in x.
    irradiance = tuple(
        (-red, -green, -blue) if index in (3, 4, 7) else (red, green, blue)
        for index, (red, green, blue) in enumerate(group.irradiance)
    )
    return replace(
        group,
        points=tuple((-s[0], *s[1:]) for s in group.points),
        directions=tuple((-s[0], *s[1:]) for s in group.directions),
        irradiance=irradiance,
    )
