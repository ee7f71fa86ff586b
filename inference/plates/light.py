"""A light group's light at the stand point."""

import numpy as np
from numpy.typing import NDArray

from inference.plates.format import LightGroup


def harmonics(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nine real spherical harmonics up to order 2.

    Args:
        normals: (..., 3) float, unit length, world.

    Returns:
        (..., 9) float64.

    Source: Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment
    Maps", SIGGRAPH 2001.
    """
    x, y, z = np.moveaxis(np.asarray(normals, np.float64), -1, 0)
    return np.stack(
        [
            np.full_like(x, 0.282095),
            0.488603 * y,
            0.488603 * z,
            0.488603 * x,
            1.092548 * x * y,
            1.092548 * y * z,
            0.315392 * (3 * z * z - 1),
            1.092548 * x * z,
            0.546274 * (x * x - y * y),
        ],
        axis=-1,
    )


def irradiance(group: LightGroup, normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Irradiance at the stand point, bounces included.

    Args:
        group: the light group.
        normals: (..., 3) float, unit length, world.

    Returns:
        (..., 3) float64, linear RGB, 0 and up: white chalk facing that way shows this over π.
    """
    light: NDArray[np.float64] = np.maximum(harmonics(normals) @ np.array(group.irradiance), 0)
    return light
