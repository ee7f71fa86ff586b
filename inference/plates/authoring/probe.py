"""From a cube of radiance around the stand point to light samples and irradiance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.plates.format import LightSample, Vec3
from inference.plates.light import harmonics

PROBE_SIDE_PX = 24
# (forward, up) of each face, in the order +x, -x, +y, -y, +z, -z.
FACES: tuple[tuple[tuple[float, float, float], list[float]], ...] = (
    ((1, 0, 0), [0, 1, 0]),
    ((-1, 0, 0), [0, 1, 0]),
    ((0, 1, 0), [0, 0, 1]),
    ((0, -1, 0), [0, 0, 1]),
    ((0, 0, 1), [0, 1, 0]),
    ((0, 0, -1), [0, 1, 0]),
)
# Convolution of radiance with the cosine lobe, per order 0, 1, 2.
_LOBE = np.array([np.pi, *[2 * np.pi / 3] * 3, *[np.pi / 4] * 5])


def cube_rays(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit directions (6, side, side, 3) and solid angles (6, side, side) of the faces' pixels."""
    step = (np.arange(side) + 0.5) / side * 2 - 1
    across, down = np.meshgrid(step, step)
    rays = []
    for forward, up in FACES:
        ahead, above = np.array(forward, np.float64), np.array(up, np.float64)
        right = np.cross(ahead, above)
        rays.append(ahead + across[..., None] * right - down[..., None] * above)
    stacked = np.stack(rays)
    length = np.linalg.norm(stacked, axis=-1)
    solid = (2 / side) ** 2 / length**3
    return stacked / length[..., None], solid


def irradiance_harmonics(
    rays: NDArray[np.float64], power: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(9, 3) irradiance coefficients of light from `rays` (N, 3) with power (N, 3)."""
    coefficients: NDArray[np.float64] = (harmonics(rays).T @ power) * _LOBE[:, None]
    return coefficients


def direction_samples(faces: Sequence[NDArray[np.float32]], count: int) -> list[LightSample]:
    """Light from above the ground as patches: equal-area cells around a spiral."""
    radiance = np.stack(faces).astype(np.float64)
    rays, solid = cube_rays(radiance.shape[1])
    is_above = rays[..., 1] > 0
    flat_rays = rays[is_above]
    power = (radiance * solid[..., None])[is_above]
    index = np.arange(count) + 0.5
    y = index / count
    turn = np.pi * (1 + 5**0.5) * index
    across = np.sqrt(1 - y * y)
    centres = np.stack([across * np.cos(turn), y, across * np.sin(turn)], axis=1)
    cell = np.argmax(flat_rays @ centres.T, axis=1)
    half_angle = float(np.degrees(np.arccos(1 - 1 / count)))
    samples: list[LightSample] = []
    for number in np.random.default_rng(0).permutation(count):
        inside = cell == number
        if not inside.any():
            continue
        total = power[inside].sum(axis=0)
        weights = power[inside].mean(axis=1)
        if weights.sum() <= 0:
            continue
        way = (flat_rays[inside] * weights[:, None]).sum(axis=0)
        way /= np.linalg.norm(way)
        x, upward, z = map(float, way)
        red, green, blue = map(float, total)
        samples.append((x, upward, z, half_angle, red, green, blue))
    return samples


def as_vectors(coefficients: NDArray[np.float64]) -> tuple[Vec3, ...]:
    """(9, 3) as nested tuples."""
    return tuple((float(r), float(g), float(b)) for r, g, b in coefficients)
