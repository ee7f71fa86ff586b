"""A face as a coarse grid of picture points, computed without torch: the page drags by it."""

import numpy as np
from numpy.typing import NDArray

from inference.mockups.format import Cylinder, Face, Plane, PrintInfo

# Round faces bend: a column every twenty degrees or so keeps edges within a few pixels.
_COLUMNS = {True: 17, False: 2}
_ROWS = 3


def face_grid(info: PrintInfo, index: int) -> NDArray[np.float64]:
    """(rows, columns, 2) where points of a face lie, as shares of the picture's width and height.

    Rows run over t, columns over s. A round face is given all around: cells that are turned away
    run from right to left. Of a face of cloth it is the grid that its plate stores.
    """
    face = info.slot.faces[index]
    if face.is_mapped:
        return np.array(face.grid, np.float64)
    s = np.linspace(0, 1, _COLUMNS[face.cylinder is not None])
    t = np.linspace(0, 1, _ROWS)
    points = on_object(face, np.stack(np.meshgrid(s, t), axis=-1))
    seen = info.camera.project(points)[..., :2]
    shares: NDArray[np.float64] = seen / np.array([info.camera.width_px, info.camera.height_px])
    return shares


def on_object(face: Face, flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """World points (..., 3), cm, of flat coordinates (..., 2) on a flat or round face."""
    s, t = flat[..., :1], flat[..., 1:]
    if face.plane is not None:
        return _on_plane(face.plane, s, t)
    assert face.cylinder is not None
    return _on_cylinder(face.cylinder, s, t)


def _on_plane(plane: Plane, s: NDArray[np.float64], t: NDArray[np.float64]) -> NDArray[np.float64]:
    corner, across, down = (np.array(v) for v in (plane.corner_cm, plane.across_cm, plane.down_cm))
    point: NDArray[np.float64] = corner + s * across + t * down
    return point


def _on_cylinder(
    cylinder: Cylinder, s: NDArray[np.float64], t: NDArray[np.float64]
) -> NDArray[np.float64]:
    down, front = np.array(cylinder.down_cm), np.array(cylinder.front)
    side = np.cross(front, down / np.linalg.norm(down))
    turn = np.radians((s - 0.5) * cylinder.span_deg)
    around = np.cos(turn) * front + np.sin(turn) * side
    point: NDArray[np.float64] = (
        np.array(cylinder.centre_cm) + t * down + cylinder.radius_cm * around
    )
    return point
