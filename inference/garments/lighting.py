"""Light of a photo studio on meshes: a large key lamp, a fill, a bright room, and what shades them.

Each lamp is a bundle of directions; from each, a depth map says what it reaches. So the key's
shadow has a penumbra, folds and armpits are darker, and the floor gets the figure's shadow.

Source: Williams, "Casting curved shadows on curved surfaces", 1978 (depth maps); Landis,
"Production-ready global illumination", 2002 (ambient occlusion).
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.garments.raster import depth_map

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

_MAP_SIDE_PX = 320
# A point looks for light this far off its own surface, so that it does not shade itself.
_OFFSET_M = 0.006
_BIAS_M = 0.008
# What a white room and floor send back into shade.
_BOUNCE = 0.12
FLOOR_SIDE, FLOOR_HALF_M = 112, 1.4


@dataclass(frozen=True, slots=True)
class Rig:
    """Where the lamps stand: `directions` (D, 3) unit vectors to them, `power` (D,) of each."""

    directions: F64
    power: F64


def studio_rig(
    *, side: float = -1.0, softness: float = 0.5, contrast: float = 0.5, detail: float = 1.0
) -> Rig:
    """A key lamp from one side and above, a weaker fill from the other, and the room.

    Args:
        side: -1 for a key at the viewer's left, 1 for the right.
        softness: 0..1, how large the key lamp is.
        contrast: 0..1, how much stronger it is than the rest.
        detail: 0..1, the share of directions in which the lamps are sampled.
    """
    lamps = [
        (
            _cone(side * 42.0, 40.0, 5.0 + 18.0 * softness, round(12 * detail)),
            0.62 + 0.9 * contrast,
        ),
        (_cone(-side * 55.0, 22.0, 22.0, round(6 * detail)), 0.34 - 0.16 * contrast),
        (_dome(round(22 * detail)), 0.95 - 0.6 * contrast),
    ]
    directions = np.concatenate([each for each, _ in lamps])
    power = np.concatenate([np.full(len(each), total / len(each)) for each, total in lamps])
    return Rig(directions, power)


def _cone(azimuth: float, height: float, half_deg: float, count: int) -> F64:
    """Directions evenly spread over a disc of sky; azimuth 0 is the camera's side."""
    golden = math.pi * (3 - math.sqrt(5))
    step = np.arange(count)
    off = half_deg * np.sqrt((step + 0.5) / count)
    a = np.radians(azimuth + off * np.cos(golden * step))
    e = np.radians(height + off * np.sin(golden * step))
    return np.stack([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)], axis=1)


def _dome(count: int) -> F64:
    golden = math.pi * (3 - math.sqrt(5))
    step = np.arange(count)
    up = np.linspace(0.98, -0.45, count)
    level = np.sqrt(1 - up**2)
    return np.stack([level * np.sin(golden * step), up, level * np.cos(golden * step)], axis=1)


@dataclass(frozen=True, slots=True)
class Lit:
    """Light on a scene.

    `outer` and `inner` (V,) float32 on both sides of each vertex, where an unshaded wall facing
    the camera has about 1; `floor` (S, S) float32, 0..1 of what an unshaded floor gets, over
    ±`FLOOR_HALF_M` in x and z.
    """

    outer: F32
    inner: F32
    floor: F32


def light(vertices: F64, normals: F64, faces: I32, rig: Rig, *, shows_floor: bool = True) -> Lit:
    """Light a scene of triangles that stands on the floor (y = 0).

    `vertices` and `normals` are (V, 3), `faces` (F, 3); normals point out of the outer side.
    """
    outer, inner = np.zeros(len(vertices)), np.zeros(len(vertices))
    cells = (np.arange(FLOOR_SIDE) + 0.5) / FLOOR_SIDE * 2 * FLOOR_HALF_M - FLOOR_HALF_M
    x, z = np.meshgrid(cells, cells)
    ground = np.stack([x.ravel(), np.full(x.size, 0.001), z.ravel()], axis=1)
    floor, most = np.zeros(len(ground)), 0.0
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    centre = (low + high) / 2
    half = float(np.linalg.norm(high - low) / 2) + 0.05
    for direction, power in zip(rig.directions, rig.power, strict=True):
        frame = _frame(direction)
        scale = _MAP_SIDE_PX / (2 * half)
        mapped = _seen_from(vertices, centre, frame, scale)
        depths = depth_map(mapped, faces, side=_MAP_SIDE_PX)
        for sign, sums in ((1.0, outer), (-1.0, inner)):
            facing = sign * (normals @ direction)
            asked = _seen_from(vertices + sign * _OFFSET_M * normals, centre, frame, scale)
            sums += power * np.maximum(facing, 0) * _reached(asked, depths, _BIAS_M)
        if shows_floor and direction[1] > 0.05:
            asked = _seen_from(ground, centre, frame, scale)
            floor += power * direction[1] * _reached(asked, depths, 0.0)
            most += power * direction[1]
    shade = floor / max(most, 1e-9) if shows_floor else np.ones(len(ground))
    bounce = _BOUNCE * float(rig.power.sum())
    # Light that has been round the room once reaches what the lamps half reach.
    outer, inner = (each + bounce * (0.35 + 0.65 * np.minimum(each, 1)) for each in (outer, inner))
    return Lit(
        outer.astype(np.float32),
        inner.astype(np.float32),
        shade.reshape(FLOOR_SIDE, FLOOR_SIDE).astype(np.float32),
    )


def _frame(direction: F64) -> F64:
    """(3, 3) rows: right, down and away of a view from `direction`."""
    helper = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.95 else np.array([1.0, 0.0, 0.0])
    right = np.cross(helper, direction)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(right, direction), -direction])


def _seen_from(points: F64, centre: F64, frame: F64, scale: float) -> F64:
    seen = (points - centre) @ frame.T
    seen[:, :2] = seen[:, :2] * scale + _MAP_SIDE_PX / 2
    return np.ascontiguousarray(seen)


@njit(cache=True, fastmath=True)
def _reached(asked: F64, depths: F32, bias: float) -> F64:
    """(N,) share of the four nearest cells of the map that do not lie before a point."""
    side = len(depths)
    out = np.ones(len(asked))
    for i in range(len(asked)):
        x, y = asked[i, 0] - 0.5, asked[i, 1] - 0.5
        left, top = int(np.floor(x)), int(np.floor(y))
        if left < 0 or top < 0 or left + 1 >= side or top + 1 >= side:
            continue
        u, v = x - left, y - top
        total = 0.0
        for row in range(2):
            for column in range(2):
                part = (u if column else 1 - u) * (v if row else 1 - v)
                if depths[top + row, left + column] >= asked[i, 2] - bias:
                    total += part
        out[i] = total
    return out
