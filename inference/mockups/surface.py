"""From pixels to a face's flat coordinates, exactly where a face is flat or round."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.mockups.format import Cylinder, Face, Plane
from inference.mockups.plate import FlatMap
from inference.plates.camera import Camera

Points = torch.Tensor  # (N, 2) float64
# Cloth's coordinates are continued so many map pixels past its seen edge, for interpolation.
_CONTINUED_PX = 3


class Surface:
    """One face under one camera, on one device."""

    def __init__(
        self, face: Face, camera: Camera, flat_map: FlatMap | None, device: torch.device
    ) -> None:
        self._face = face
        self._device = device
        self._origin = self._tensor(camera.position_cm)
        matrix = np.linalg.inv(np.array(camera.matrix)[:, :3])
        self._to_ray = torch.from_numpy(matrix.T.copy()).to(device)
        self._size = (camera.width_px, camera.height_px)
        self._map: torch.Tensor | None = None
        if face.is_mapped:
            assert flat_map is not None
            continued = continued_map(*flat_map)
            self._map = torch.from_numpy(continued).permute(2, 0, 1)[None].to(device).double()

    def flat(self, pixels: Points) -> Points:
        """(N, 2) s and t at picture points (u, v in pixels of the camera's picture).

        Points that miss the face get the coordinates of its unbounded continuation.
        """
        if self._map is not None:
            return self._from_map(pixels)
        ones = pixels.new_ones((len(pixels), 1))
        rays = torch.cat([pixels, ones], dim=1) @ self._to_ray
        if self._face.plane is not None:
            return self._on_plane(self._face.plane, rays)
        assert self._face.cylinder is not None
        return self._on_cylinder(self._face.cylinder, rays)

    def _on_plane(self, plane: Plane, rays: torch.Tensor) -> Points:
        corner, across, down = (
            self._tensor(v) for v in (plane.corner_cm, plane.across_cm, plane.down_cm)
        )
        normal = torch.linalg.cross(across, down)
        depth = ((corner - self._origin) @ normal) / (rays @ normal)
        on = self._origin + depth[:, None] * rays - corner
        return torch.stack([on @ across / (across @ across), on @ down / (down @ down)], dim=1)

    def _on_cylinder(self, cylinder: Cylinder, rays: torch.Tensor) -> Points:
        centre, down, front = (
            self._tensor(v) for v in (cylinder.centre_cm, cylinder.down_cm, cylinder.front)
        )
        length = torch.linalg.vector_norm(down)
        axis = down / length
        side = torch.linalg.cross(front, axis)
        start = self._origin - centre
        start_across = start - (start @ axis) * axis
        rays_across = rays - (rays @ axis)[:, None] * axis
        a = (rays_across**2).sum(dim=1)
        b = rays_across @ start_across
        c = start_across @ start_across - cylinder.radius_cm**2
        # A point just past the outline takes the coordinates of the outline.
        root = torch.sqrt((b * b - a * c).clamp(min=0))
        depth = (-b - root) / a
        on = start + depth[:, None] * rays
        turn = torch.rad2deg(torch.atan2(on @ side, on @ front))
        return torch.stack([0.5 + turn / cylinder.span_deg, on @ axis / length], dim=1)

    def _from_map(self, pixels: Points) -> Points:
        assert self._map is not None
        size = pixels.new_tensor(self._size)
        grid = (pixels / size * 2 - 1)[None, None]
        # Bilinear: straight lines stay exactly straight; torch's bicubic bends even a plane.
        return functional.grid_sample(
            self._map, grid, mode="bilinear", padding_mode="border", align_corners=False
        )[0, :, 0].T

    def _tensor(self, values: tuple[float, float, float]) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float64, device=self._device)


def continued_map(coordinates: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The map with its unseen rim filled in straight continuation of what is seen.

    Args:
        coordinates: (h, w, 2) s and t.
        seen: (h, w) where they are known.
    """
    flat = coordinates.astype(np.float64)
    known = seen.copy()
    for _ in range(_CONTINUED_PX):
        total, count = np.zeros_like(flat), np.zeros(known.shape)
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            near, near_known = _moved(flat, dy, dx), _moved(known, dy, dx)
            far, far_known = _moved(flat, 2 * dy, 2 * dx), _moved(known, 2 * dy, 2 * dx)
            use = near_known & far_known
            total += np.where(use[..., None], 2 * near - far, 0)
            count += use
        new = ~known & (count > 0)
        flat[new] = total[new] / count[new][:, None]
        known |= new
    return flat


def _moved(array: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """The array moved down and right; what comes in from outside is zero."""
    out = np.zeros_like(array)
    height, width = array.shape[:2]
    out[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)] = array[
        max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)
    ]
    return out
