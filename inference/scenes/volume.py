"""A product's volume in the scene, read from its outline: no depth is known, so it is inferred.

Each column of the outline stands at the depth of its own contact with the ground, so that all legs
of a chair, both shoes of a pair and the front of a round base stand where they should. Behind that
surface the product is as thick as its outline is wide.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.pixels.arrays import AlphaF32
from inference.pixels.geometry import Stance, find_stance
from inference.plates.camera import Camera

# Layers behind the visible surface, in thicknesses: a convex body is cut more often where it is
# thick.
_LAYERS = (0.0, 0.35, 0.8, 1.3, 1.8)
# A base is not deeper than this share of the product's width, and the thickness neither.
_DEEPEST = 0.9
_THICKEST = 0.30
# What lies flat is this thick at least and at most, as shares of its longer side.
_THINNEST, _FLATTEST = 0.014, 0.09
_TOUCHES = 0.5


@dataclass(frozen=True, slots=True)
class Volume:
    """Points in world cm with the share of light that each stops.

    `points` is (N, 3) float32, `weights` (N,) 0..1; `spacing_cm` is about the distance between
    neighbours on the surface; `centre` and `radius_cm` bound them; `height_cm` and `width_cm`.
    """

    points: torch.Tensor
    weights: torch.Tensor
    spacing_cm: float
    centre: tuple[float, float, float]
    radius_cm: float
    height_cm: float
    width_cm: float
    stance: Stance


def reduced(alpha: torch.Tensor, longest_px: int) -> tuple[torch.Tensor, float]:
    """The alpha of a frame (H, W) at most `longest_px` along the product's longer side.

    Returns:
        The smaller alpha and how many frame pixels one of its pixels is.
    """
    solid = alpha > 0.5
    rows, columns = solid.any(dim=1).nonzero(), solid.any(dim=0).nonzero()
    if rows.numel() == 0:
        return alpha, 1.0
    side = max(int(rows[-1] - rows[0]), int(columns[-1] - columns[0])) + 1
    step = max(1.0, side / longest_px)
    height, width = (max(1, round(length / step)) for length in alpha.shape)
    small = functional.interpolate(alpha[None, None], size=(height, width), mode="area")[0, 0]
    return small, alpha.shape[1] / width


def standing_volume(
    alpha: AlphaF32, step: float, camera: Camera, ground_cm: float, seed: int
) -> Volume | None:
    """The volume of a product that stands on the ground; None when the frame shows none.

    Args:
        alpha: (h, w) float32 0..1, the frame's alpha reduced.
        step: frame pixels per pixel of `alpha`.
        camera: of the frame.
        ground_cm: height of the ground plane.
        seed: of the jitter that hides the lattice.
    """
    stance = find_stance(alpha)
    if stance is None:
        return None
    columns = stance.left + np.arange(stance.low.size)
    touching = stance.contact > _TOUCHES
    feet_px = np.stack([columns + 0.5, stance.low], axis=-1)[touching] * step
    feet = camera.on_plane(feet_px, ground_cm)
    feet_columns = columns[touching][~np.isnan(feet[:, 2])]
    feet = feet[~np.isnan(feet[:, 2])]
    if len(feet) == 0:
        return None
    ends = np.array([[columns[0], stance.base_row], [columns[-1] + 1, stance.base_row]]) * step
    span = camera.on_plane(ends, ground_cm)
    width = float(span[1, 0] - span[0, 0])
    depth = np.maximum(feet[:, 2], feet[:, 2].max() - _DEEPEST * width)
    rows, cols, thickness, weights = _solid(alpha)
    plane = np.interp(cols, feet_columns, depth)
    rays = camera.rays(np.stack([cols + 0.5, rows + 0.5], axis=-1) * step)
    origin = np.array(camera.position_cm)
    front = origin + rays * ((plane - origin[2]) / rays[:, 2])[:, None]
    pixel_cm = width / max(1, columns.size)
    thick = np.minimum(thickness * pixel_cm, _THICKEST * width)
    return _layered(
        front, thick, np.array([0.0, 0.0, -1.0]), weights, pixel_cm, ground_cm, stance, seed
    )


def lying_volume(
    alpha: AlphaF32, step: float, camera: Camera, ground_cm: float, seed: int
) -> Volume | None:
    """The volume of a product that lies on the ground and is seen from above."""
    stance = find_stance(alpha)
    if stance is None:
        return None
    rows, cols, thickness, weights = _solid(alpha)
    flat = camera.on_plane(np.stack([cols + 0.5, rows + 0.5], axis=-1) * step, ground_cm)
    side = float(np.ptp(flat, axis=0).max())
    pixel_cm = float(np.ptp(flat[:, 0])) / max(1.0, float(np.ptp(cols)))
    thick = np.clip(0.7 * thickness * pixel_cm, _THINNEST * side, _FLATTEST * side)
    return _layered(
        flat, thick, np.array([0.0, 1.0, 0.0]), weights, pixel_cm, ground_cm, stance, seed
    )


def hanging_volume(
    alpha: AlphaF32, step: float, camera: Camera, depth_z_cm: float, seed: int
) -> Volume | None:
    """The volume of a product in the air, on the upright plane z = `depth_z_cm`."""
    stance = find_stance(alpha)
    if stance is None:
        return None
    rows, cols, thickness, weights = _solid(alpha)
    rays = camera.rays(np.stack([cols + 0.5, rows + 0.5], axis=-1) * step)
    origin = np.array(camera.position_cm)
    front = origin + rays * ((depth_z_cm - origin[2]) / rays[:, 2])[:, None]
    pixel_cm = float(np.ptp(front[:, 0])) / max(1.0, float(np.ptp(cols)))
    thick = np.minimum(thickness * pixel_cm, _THICKEST * float(np.ptp(front[:, 0])))
    return _layered(
        front, thick, np.array([0.0, 0.0, -1.0]), weights, pixel_cm, -np.inf, stance, seed
    )


def _solid(
    alpha: AlphaF32,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], NDArray[np.float32]]:
    """Rows, columns, distance to the outline in pixels and alpha of all pixels of the product."""
    distance = outline_distance(alpha > 0.5)
    rows, columns = np.nonzero(alpha > 0.25)
    return rows, columns, distance[rows, columns], alpha[rows, columns]


def outline_distance(solid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Distance of every pixel inside to the nearest one outside, in pixels, (H, W); 0 outside.

    Exact along rows, then the lower envelope of parabolas over columns, taken by brute force in
    strips: pictures here are at most a few hundred pixels.

    Source: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", 2012.
    """
    padded = np.pad(solid, 1)
    height, width = padded.shape
    place = np.arange(width)
    before = np.maximum.accumulate(np.where(padded, 0, place), axis=1)
    after = np.minimum.accumulate(np.where(padded, width - 1, place)[:, ::-1], axis=1)[:, ::-1]
    along = np.minimum(place - before, after - place).astype(np.float32) ** 2
    rows = np.arange(height, dtype=np.float32)
    apart = (rows[:, None] - rows) ** 2
    squared = np.empty((height, width), np.float32)
    for row in range(height):
        squared[row] = (along + apart[row][:, None]).min(axis=0)
    return np.sqrt(squared[1:-1, 1:-1]).astype(np.float64)


def _layered(
    front: NDArray[np.float64],
    thick: NDArray[np.float64],
    inwards: NDArray[np.float64],
    weights: NDArray[np.float32],
    pixel_cm: float,
    ground_cm: float,
    stance: Stance,
    seed: int,
) -> Volume:
    layers = [front + inwards * (thick * layer)[:, None] for layer in _LAYERS]
    points = np.concatenate(layers)
    noise = np.random.default_rng(seed).normal(0, 0.25 * pixel_cm, points.shape)
    points += noise * (1.0, 0.3, 1.0)
    points[:, 1] = np.maximum(points[:, 1], ground_cm + 0.01)
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    radius = float(np.linalg.norm(points - centre, axis=1).max())
    x, y, z = map(float, centre)
    return Volume(
        points=torch.from_numpy(points).float(),
        weights=torch.from_numpy(np.tile(weights, len(_LAYERS))).float(),
        spacing_cm=pixel_cm,
        centre=(x, y, z),
        radius_cm=max(radius, 1e-3),
        height_cm=float(high[1] - low[1]),
        width_cm=float(high[0] - low[0]),
        stance=stance,
    )
