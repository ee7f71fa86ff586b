"""Geometry as whole numbers: inverse depth, an octahedral normal, and what each pixel shows.

A plane's inverse depth is an affine function of the pixel, so that `packing` stores it in next to
nothing.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inference.errors import PlateInvalid
from inference.plates.camera import Camera
from inference.plates.format import Surface
from inference.plates.plate import NOTHING_DEPTH_CM, Geometry, geometry_size

Planes = dict[str, NDArray[np.uint32]]

# Inverse depth: 0 is nothing, 1 … steps runs to the nearest depth. With these, a wall three times
# as far as the nearest thing is known to 0.01 cm.
DISPARITY_STEPS = 2**18 - 1
# Plates whose geometry lies in their OpenEXR file counted so; their header does not say it.
DISPARITY_STEPS_IN_EXR = 2**24 - 1
NEAREST, STEPS = "nearest_cm", "steps"
_CHANNELS = ("disparity", "normal.u", "normal.v", "surface")
# An even number of steps, so that straight up and straight ahead are exact.
_NORMAL_STEPS = 254


def geometry_planes(geometry: Geometry) -> tuple[Planes, dict[str, float]]:
    """The geometry's planes by name, and the numbers that belong to them."""
    something = geometry.surface != Surface.NOTHING
    nearest = float(geometry.depth[something].min()) if something.any() else 1.0
    disparity = np.round(DISPARITY_STEPS * nearest / np.maximum(geometry.depth, nearest))
    disparity = np.where(something, np.maximum(disparity, 1), 0)
    octahedral = _to_octahedral(geometry.normal)
    surface = geometry.surface.astype(np.uint32)
    planes = (disparity.astype(np.uint32), octahedral[..., 0], octahedral[..., 1], surface)
    named = dict(zip(_CHANNELS, planes, strict=True))
    return named, {NEAREST: nearest, STEPS: DISPARITY_STEPS}


def geometry_of(
    planes: Mapping[str, NDArray[np.uint32]], facts: Mapping[str, float], camera: Camera
) -> Geometry:
    """What the planes say, seen by the camera of the pictures at full size.

    Raises:
        PlateInvalid: a plane or a fact is missing or makes no sense.
    """
    missing = [name for name in _CHANNELS if name not in planes]
    missing += [name for name in (NEAREST, STEPS) if not facts.get(name, 0) > 0]
    if missing:
        raise PlateInvalid(f"the geometry lacks {' and '.join(missing)}.")
    disparity, u, v, surface = (planes[name] for name in _CHANNELS)
    if surface.max(initial=0) > max(Surface):
        raise PlateInvalid(f"surface {surface.max()} is unknown; the last one is {max(Surface)}.")
    depth = facts[NEAREST] * facts[STEPS] / np.maximum(disparity.astype(np.float64), 1)
    depth = np.where(disparity > 0, depth, NOTHING_DEPTH_CM)
    height_px, width_px = geometry_size(camera.height_px, camera.width_px)
    if depth.shape != (height_px, width_px):
        raise PlateInvalid(f"geometry is {depth.shape}; it must be {(height_px, width_px)}.")
    coarse = camera.scaled(width_px, height_px)
    rays = coarse.rays(coarse.pixel_centres())
    position = np.array(camera.position_cm) + depth[..., None] * rays
    return Geometry(
        position=position.astype(np.float32),
        normal=_from_octahedral(np.stack([u, v], axis=-1)),
        surface=surface.astype(np.uint8),
        depth=depth.astype(np.float32),
    )


def _to_octahedral(normal: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Unit vectors to two whole numbers, 0..254.

    Source: Cigolle et al., "A Survey of Efficient Representations for Independent Unit Vectors",
    JCGT 2014.
    """
    flat = normal / np.maximum(np.abs(normal).sum(-1, keepdims=True), 1e-9)
    # y is the pole: most of a scene looks up or towards the viewer, far from the fold below.
    x, y, z = flat[..., 0], flat[..., 1], flat[..., 2]
    folded_x = (1 - np.abs(z)) * np.where(x >= 0, 1, -1)
    folded_z = (1 - np.abs(x)) * np.where(z >= 0, 1, -1)
    plane = np.stack([np.where(y >= 0, x, folded_x), np.where(y >= 0, z, folded_z)], axis=-1)
    steps = np.round((plane * 0.5 + 0.5) * _NORMAL_STEPS)
    return np.clip(steps, 0, _NORMAL_STEPS).astype(np.uint32)


def _from_octahedral(steps: NDArray[np.uint32]) -> NDArray[np.float32]:
    plane = steps.astype(np.float32) / _NORMAL_STEPS * 2 - 1
    x, z = plane[..., 0], plane[..., 1]
    y = 1 - np.abs(x) - np.abs(z)
    fold = np.maximum(-y, 0)
    x = x - np.where(x >= 0, fold, -fold)
    z = z - np.where(z >= 0, fold, -fold)
    normal = np.stack([x, y, z], axis=-1)
    unit: NDArray[np.float32] = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return unit.astype(np.float32)
