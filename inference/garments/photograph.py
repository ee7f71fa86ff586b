"""Photograph a dressed mannequin: the seller's own pixels on the cloth, in the studio's light."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.garments.camera import Camera
from inference.garments.fabric import Fabric
from inference.garments.lighting import FLOOR_HALF_M
from inference.garments.raster import rasterise
from inference.garments.staging import Staged
from inference.pixels.colour import Plane, RgbLinear

F64 = NDArray[np.float64]

LinearColour = tuple[float, float, float]
# Rows of the finished picture that are drawn at once: at 4096 px a whole frame is gigabytes.
_BAND_ROWS = 320
# Cloth is drawn this much nearer than it is: where it lies tight, skin must not show through.
_BEFORE_SKIN_M = 0.012
# Light above this is compressed, so that white cloth keeps its folds.
_KNEE = 0.86


@dataclass(frozen=True, slots=True)
class Studio:
    """What a picture shows besides the garment: linear colours 0..1; `shadow` 0..1."""

    skin: LinearColour
    layer: LinearColour
    wall: LinearColour
    shadow: float
    is_ghost: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """`rgb` (3, H, W) linear light; `cover` (H, W) 0..1 of figure and garment."""

    rgb: RgbLinear
    cover: Plane


def photograph(
    staged: Staged, photo: F64, fabric: Fabric, camera: Camera, studio: Studio, *, factor: int = 2
) -> Picture:
    """Draw the picture in bands, `factor` times as fine as it is shown.

    `photo` (C, 2) are the photo pixels of the garment's vertices.
    """
    device = fabric.planes.device
    seen = camera.project(staged.vertices) * [factor, factor, 1.0]
    seen[staged.cloth_vertex :, 2] -= _BEFORE_SKIN_M
    values = _values(staged, photo)
    gain = _gain(staged)
    rows = []
    covers = []
    for top in range(0, camera.height, _BAND_ROWS):
        height = min(_BAND_ROWS, camera.height - top)
        band = _band(staged, seen - [0, top * factor, 0], values, camera.width, height, factor)
        lit = _lit(staged, band.to(device), fabric, studio, gain)
        ground = _ground(staged, camera, studio, top, height).to(device)
        colour, cover = lit[:3], lit[3]
        colour = functional.avg_pool2d(colour[None], factor)[0]
        cover = functional.avg_pool2d(cover[None, None], factor)[0, 0]
        rows.append(colour + ground * (1 - cover))
        covers.append(cover)
    return Picture(torch.cat(rows, dim=1), torch.cat(covers, dim=0))


def _values(staged: Staged, photo: F64) -> NDArray[np.float32]:
    """(V, 8) outer light, inner light, photo x and y, base layer, panel, and how it faces."""
    values = np.zeros((len(staged.vertices), 7), np.float32)
    values[:, 0], values[:, 1] = staged.lit.outer, staged.lit.inner
    values[staged.cloth_vertex :, 2:4] = photo
    values[:, 4] = staged.layer
    values[staged.cloth_vertex :, 5] = staged.panel
    values[:, 6] = staged.normals[:, 2]
    return values


def _band(
    staged: Staged,
    seen: F64,
    values: NDArray[np.float32],
    width: int,
    height: int,
    factor: int,
) -> torch.Tensor:
    """(10, h, w): the values, then whether a pixel is cloth, is anything, and shows an outside."""
    drawn = rasterise(seen, staged.faces, width=width * factor, height=height * factor)
    spread = drawn.spread(staged.faces, values)
    outside = _shows_outside(seen, staged.faces)
    planes = np.empty((10, *drawn.face.shape), np.float32)
    planes[:7] = spread.transpose(2, 0, 1)
    planes[7] = drawn.face >= staged.cloth_face
    planes[8] = drawn.face >= 0
    planes[9] = outside[np.maximum(drawn.face, 0)]
    return torch.from_numpy(planes)


def _shows_outside(seen: F64, faces: NDArray[np.int32]) -> NDArray[np.bool_]:
    a, b, c = (seen[faces[:, k], :2] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    # Rows run downwards, so a face that looks at the camera turns the other way.
    return np.asarray(area < 0)


def _gain(staged: Staged) -> float:
    """So that cloth facing the camera keeps its own brightness."""
    cloth = staged.lit.outer[staged.cloth_vertex :]
    facing = staged.normals[staged.cloth_vertex :, 2] > 0.6
    return 1.0 / float(np.percentile(cloth[facing], 60)) if facing.any() else 1.0


def _lit(
    staged: Staged, band: torch.Tensor, fabric: Fabric, studio: Studio, gain: float
) -> torch.Tensor:
    """(4, h, w) premultiplied colour of figure and garment in their light."""
    outer, inner, x, y, layer, panel, _, cloth, any_, outside = band
    is_cloth, shows = cloth > 0.5, outside > 0.5
    skin = outer.new_tensor(studio.skin).view(3, 1, 1)
    under = outer.new_tensor(studio.layer).view(3, 1, 1)
    # The base layer's edge is antialiased over a millimetre.
    share = (layer / 0.0012 + 0.5).clamp(0, 1)
    body = (skin + (under - skin) * share) * outer
    is_back = panel > 0.5
    textile = fabric.at(x, y, is_inside=~shows, is_back=is_back) * torch.where(
        shows, outer, inner * 0.92
    )
    colour = torch.where(is_cloth, textile, body) * gain
    return torch.cat([shouldered(colour) * any_, any_[None]])


def shouldered(light: torch.Tensor) -> torch.Tensor:
    """Compress what is brighter than paper smoothly below 1."""
    over = (light - _KNEE).clamp(min=0) / (1 - _KNEE)
    return torch.where(light > _KNEE, _KNEE + (1 - _KNEE) * (1 - torch.exp(-over)), light)


def _ground(staged: Staged, camera: Camera, studio: Studio, top: int, height: int) -> torch.Tensor:
    """(3, height, width) the sweep behind and below, with the figure's shadow on the floor."""
    wall = torch.tensor(studio.wall).view(3, 1, 1)
    if studio.is_ghost:
        return wall.expand(3, height, camera.width).clone()
    columns, rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(top, top + height) + 0.5)
    x, z = camera.floor_at(columns, rows)
    near = np.isfinite(z) & (z > -1.6)
    grid = np.stack([np.where(near, x, -9.0), np.where(near, z, -9.0)], axis=-1) / FLOOR_HALF_M
    shade = functional.grid_sample(
        torch.from_numpy(1 - staged.lit.floor)[None, None],
        torch.from_numpy(grid.astype(np.float32))[None],
        align_corners=False,
    )[0, 0]
    fade = np.clip((np.where(near, z, -9.0) + 1.5) / 0.9, 0, 1).astype(np.float32)
    kept = 1 - studio.shadow * shade * torch.from_numpy(fade)
    across = np.abs(columns / camera.width - 0.5) * 2
    down = rows / camera.height
    glow = 1.03 - 0.10 * across**2 - 0.10 * (down - 0.42) ** 2
    return wall * torch.from_numpy(glow.astype(np.float32)) * kept
