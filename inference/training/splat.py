"""A small renderer: surfaces as millions of points, drawn on the GPU with exact coverage.

Points are thrown into a frame twice the asked size, the nearest surface wins, and the frame is
averaged down: the alpha is a true coverage. Light is a handful of soft boxes; what matters here is
shape and texture, for the picture is relit, blurred and compressed again later.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

_OVERSAMPLED = 2
_FAR = 1e9
_THICKNESS = 0.02  # of the object's size; points this close behind the front are the same surface


@dataclass(frozen=True, slots=True)
class Surface:
    """Points of an object that fits in a ball of radius 0.5, y up.

    `points` and `normals` are (P, 3) float32, `colours` (P, 3) float32 sRGB 0..1, `gloss` (P, 1).
    """

    points: torch.Tensor
    normals: torch.Tensor
    colours: torch.Tensor
    gloss: torch.Tensor


def joined(parts: list[Surface]) -> Surface:
    """All parts as one object, moved and scaled into the ball."""
    points = torch.cat([part.points for part in parts])
    low, high = points.amin(0), points.amax(0)
    size = (high - low).norm().clamp(min=1e-6)
    return Surface(
        (points - (low + high) / 2) / size,
        functional.normalize(torch.cat([part.normals for part in parts]), dim=1),
        torch.cat([part.colours for part in parts]),
        torch.cat([part.gloss for part in parts]),
    )


def drawn(surface: Surface, side_px: int, generator: torch.Generator) -> torch.Tensor:
    """One view from a random side, tightly framed: (4, side, side) float32 RGBA, straight alpha."""
    view, eye = _view(surface.points.device, generator)
    moved = surface.points @ view.T
    depth = eye - moved[:, 2]
    flat = moved[:, :2] / depth[:, None]
    low, high = flat.amin(0), flat.amax(0)
    span = (high - low).amax()
    frame = side_px * _OVERSAMPLED
    scale = (frame - 8) / span
    at = ((flat - (low + high) / 2) * scale + frame / 2).clamp(0, frame - 1).long()
    cell = (frame - 1 - at[:, 1]) * frame + at[:, 0]
    front = torch.full((frame * frame,), _FAR, device=depth.device)
    front.scatter_reduce_(0, cell, depth, "amin")
    nearest = -functional.max_pool2d(-front.view(1, 1, frame, frame), 3, 1, 1).view(-1)
    seen = depth <= nearest[cell] + _THICKNESS
    lit = _lit(surface, view, seen, generator)
    total = torch.zeros(frame * frame, 4, device=depth.device)
    total.index_add_(0, cell[seen], torch.cat([lit, torch.ones_like(lit[:, :1])], 1))
    return _resolved(total.T.reshape(1, 4, frame, frame))[0]


def _resolved(total: torch.Tensor) -> torch.Tensor:
    """Average colours, close pinholes between points, and shrink to true coverage."""
    hit = (total[:, 3:] > 0).float()
    mean = total[:, :3] / total[:, 3:].clamp(min=1)
    weight = functional.avg_pool2d(hit, 5, 1, 2)
    spread = functional.avg_pool2d(mean * hit, 5, 1, 2) / weight.clamp(min=1e-6)
    colour = torch.where(hit > 0, mean, spread)
    closed = -functional.max_pool2d(-functional.max_pool2d(hit, 5, 1, 2), 5, 1, 2)
    alpha = functional.avg_pool2d(closed, _OVERSAMPLED)
    colour = functional.avg_pool2d(colour * closed, _OVERSAMPLED) / alpha.clamp(min=1e-3)
    return torch.cat([colour.clamp(0, 1), alpha], 1)


def _view(device: torch.device, generator: torch.Generator) -> tuple[torch.Tensor, float]:
    turn, lift, roll, far = torch.rand(4, generator=generator).tolist()
    azimuth = turn * 2 * math.pi
    elevation = math.radians(-4 + 55 * lift**1.6)
    tilt = math.radians(roll * 10 - 5)
    about_y = _rotation(azimuth, 0, 2)
    about_x = _rotation(elevation, 1, 2)
    about_z = _rotation(tilt, 0, 1)
    return (about_z @ about_x @ about_y).to(device), 1.4 + 2.6 * far


def _rotation(angle: float, first: int, second: int) -> torch.Tensor:
    matrix = torch.eye(3)
    matrix[first, first] = matrix[second, second] = math.cos(angle)
    matrix[first, second], matrix[second, first] = -math.sin(angle), math.sin(angle)
    return matrix


def _lit(
    surface: Surface, view: torch.Tensor, seen: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Diffuse and glossy light of soft boxes, as sRGB of the points that are seen."""
    device = view.device
    normals = surface.normals[seen] @ view.T
    normals = torch.where(normals[:, 2:] < 0, -normals, normals)
    albedo = surface.colours[seen].clamp(0, 1) ** 2.2
    reflected = 2 * normals[:, 2:] * normals
    reflected[:, 2] -= 1
    sky, floor = torch.rand(2, generator=generator).tolist()
    light = (0.25 + 0.35 * sky) + (0.05 + 0.3 * floor) * normals[:, 1:2]
    shine = torch.zeros_like(light)
    for _ in range(4):
        towards = torch.randn(3, generator=generator)
        towards[1] = towards[1].abs() + 0.3
        towards[2] = towards[2].abs()
        towards = functional.normalize(towards, dim=0).to(device)
        power, sharp = torch.rand(2, generator=generator).tolist()
        light = light + (0.1 + 0.6 * power) * (normals @ towards)[:, None].clamp(min=0)
        lobe = 4 + 120 * sharp**2
        shine = shine + torch.exp(lobe * ((reflected @ towards)[:, None] - 1)) * (0.3 + power)
    rim = (1 - normals[:, 2:].clamp(0, 1)) ** 4
    gloss = surface.gloss[seen]
    linear = albedo * light + shine * gloss * (0.08 + 0.6 * rim)
    exposure = 0.5 / linear.mean().clamp(min=0.12)
    shown: torch.Tensor = (linear * exposure.clamp(max=1.3)).clamp(0, 1) ** (1 / 2.2)
    return shown
