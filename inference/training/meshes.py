"""Product models (GLB) as point surfaces."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from inference.training.splat import Surface, joined

_POINTS = 5_000_000
_FEWEST = 2_000
_GLOSS = 0.35


def surface_of(path: Path, device: torch.device) -> Surface:
    """Sample a model's skin evenly, with its base colour; see-through texels are left out."""
    import trimesh  # a training dependency only

    scene = trimesh.load(str(path), force="scene")
    found = []
    for node in scene.graph.nodes_geometry:
        place, name = scene.graph[node]
        geometry = scene.geometry[name].copy()
        geometry.apply_transform(place)
        if len(getattr(geometry, "faces", ())):
            found.append(geometry)
    total = sum(float(geometry.area) for geometry in found)
    return joined(
        [_sampled(g, max(_FEWEST, int(_POINTS * float(g.area) / total)), device) for g in found]
    )


def _sampled(geometry: object, count: int, device: torch.device) -> Surface:
    vertices = _tensor(geometry.vertices, device)  # type: ignore[attr-defined]
    faces = torch.from_numpy(np.array(geometry.faces, dtype=np.int64)).to(device)  # type: ignore[attr-defined]
    corners = vertices[faces]
    across = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    at = torch.multinomial(across.norm(dim=1) + 1e-12, count, replacement=True)
    weights = torch.rand(count, 2, device=device).sqrt()
    first, second = weights[:, 0], torch.rand(count, device=device)
    mix = torch.stack([1 - first, first * (1 - second), first * second], 1)[..., None]
    points = (corners[at] * mix).sum(1)
    shading = _tensor(geometry.vertex_normals, device)  # type: ignore[attr-defined]
    normals = (shading[faces][at] * mix).sum(1)
    colours, solid = _colours(geometry, faces[at], mix, device)
    gloss = torch.full((count, 1), _GLOSS, device=device)
    return Surface(points[solid], normals[solid], colours[solid], gloss[solid])


def _colours(
    geometry: object, faces: torch.Tensor, mix: torch.Tensor, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Colour (sRGB) of each point and whether it is opaque."""
    visual = geometry.visual  # type: ignore[attr-defined]
    material = getattr(visual, "material", None)
    factor = getattr(material, "baseColorFactor", None)
    tint = torch.ones(3, device=device)
    if factor is not None:
        plain = np.asarray(factor, dtype=np.float32)[:3]
        tint = torch.from_numpy(plain / (255 if plain.max() > 1 else 1)).to(device)
    picture, uv = getattr(material, "baseColorTexture", None), getattr(visual, "uv", None)
    if picture is None or uv is None:
        return tint.expand(len(faces), 3).clone(), torch.ones_like(faces[:, 0], dtype=torch.bool)
    texture = _tensor(picture.convert("RGBA"), device).permute(2, 0, 1)[None] / 255
    where = (_tensor(uv, device)[faces] * mix).sum(1) % 1.0
    grid = torch.stack([where[:, 0] * 2 - 1, 1 - where[:, 1] * 2], 1).view(1, 1, -1, 2)
    seen = functional.grid_sample(texture, grid, align_corners=False)[0, :, 0].T
    cut = getattr(material, "alphaMode", None) in {"MASK", "BLEND"}
    solid = seen[:, 3] > 0.5 if cut else torch.ones_like(seen[:, 3], dtype=torch.bool)
    return seen[:, :3] * tint ** (1 / 2.2), solid


def _tensor(values: object, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.array(values, dtype=np.float32)).to(device)
