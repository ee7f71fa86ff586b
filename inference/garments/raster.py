"""A depth buffer: which triangle each pixel shows, and where in it. Compiled by numba, on the CPU.

Pictures made of it are antialiased by drawing twice as large as they are shown.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Fragments:
    """What each pixel shows.

    `face` (H, W) int32, -1 where nothing is; `second` and `third` (H, W) float32, the weights of
    the triangle's second and third corner; `depth` (H, W) float32, infinite where nothing is.
    """

    face: I32
    second: F32
    third: F32
    depth: F32

    def spread(self, faces: I32, values: F32) -> F32:
        """Interpolate a value of each vertex, (V, C) float32, to (H, W, C); 0 where nothing is."""
        return _spread(self.face, self.second, self.third, faces, values)


def rasterise(points: F64, faces: I32, *, width: int, height: int) -> Fragments:
    """Draw triangles, nearest in front.

    `points` are (V, 3) float64, column and row in pixels (centres at .5) and depth, rising away;
    `faces` (F, 3) int32.
    """
    face = np.full((height, width), -1, np.int32)
    second = np.zeros((height, width), np.float32)
    third = np.zeros((height, width), np.float32)
    depth = np.full((height, width), np.inf, np.float32)
    _rasterise(np.ascontiguousarray(points), faces, face, second, third, depth)
    return Fragments(face, second, third, depth)


def depth_map(points: F64, faces: I32, *, side: int) -> F32:
    """(side, side) float32 nearest depth of triangles given as in `rasterise`."""
    depth = np.full((side, side), np.inf, np.float32)
    _rasterise_depth(np.ascontiguousarray(points), faces, depth)
    return depth


@njit(cache=True, fastmath=True)
def _rasterise(p: F64, faces: I32, face: I32, second: F32, third: F32, depth: F32) -> None:
    height, width = face.shape
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[c, 0], p[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-12:
            continue
        x0 = max(0, int(np.floor(min(ax, bx, cx) - 0.5)))
        x1 = min(width - 1, int(np.ceil(max(ax, bx, cx))))
        y0 = max(0, int(np.floor(min(ay, by, cy) - 0.5)))
        y1 = min(height - 1, int(np.ceil(max(ay, by, cy))))
        inverse = 1.0 / area
        for y in range(y0, y1 + 1):
            py = y + 0.5
            for x in range(x0, x1 + 1):
                px = x + 0.5
                u = ((px - ax) * (cy - ay) - (cx - ax) * (py - ay)) * inverse
                v = ((bx - ax) * (py - ay) - (px - ax) * (by - ay)) * inverse
                if u < -1e-6 or v < -1e-6 or u + v > 1.000001:
                    continue
                z = p[a, 2] + u * (p[b, 2] - p[a, 2]) + v * (p[c, 2] - p[a, 2])
                if z < depth[y, x]:
                    depth[y, x] = z
                    face[y, x] = f
                    second[y, x] = u
                    third[y, x] = v


@njit(cache=True, fastmath=True)
def _rasterise_depth(p: F64, faces: I32, depth: F32) -> None:
    height, width = depth.shape
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, bx, by, cx, cy = p[a, 0], p[a, 1], p[b, 0], p[b, 1], p[c, 0], p[c, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-12:
            continue
        x0 = max(0, int(np.floor(min(ax, bx, cx) - 0.5)))
        x1 = min(width - 1, int(np.ceil(max(ax, bx, cx))))
        y0 = max(0, int(np.floor(min(ay, by, cy) - 0.5)))
        y1 = min(height - 1, int(np.ceil(max(ay, by, cy))))
        inverse = 1.0 / area
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                u = ((x + 0.5 - ax) * (cy - ay) - (cx - ax) * (y + 0.5 - ay)) * inverse
                v = ((bx - ax) * (y + 0.5 - ay) - (x + 0.5 - ax) * (by - ay)) * inverse
                if u >= -1e-6 and v >= -1e-6 and u + v <= 1.000001:
                    z = p[a, 2] + u * (p[b, 2] - p[a, 2]) + v * (p[c, 2] - p[a, 2])
                    depth[y, x] = min(depth[y, x], z)


@njit(cache=True, fastmath=True)
def _spread(face: I32, second: F32, third: F32, faces: I32, values: F32) -> F32:
    height, width = face.shape
    channels = values.shape[1]
    out = np.zeros((height, width, channels), np.float32)
    for y in range(height):
        for x in range(width):
            f = face[y, x]
            if f < 0:
                continue
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            u, v = second[y, x], third[y, x]
            for k in range(channels):
                start = values[a, k]
                out[y, x, k] = start + u * (values[b, k] - start) + v * (values[c, k] - start)
    return out
