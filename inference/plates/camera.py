"""A plate's camera: from scene centimetres to picture pixels and back."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
AnyPoints = Points | NDArray[np.float32]
Row = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera without roll or distortion.

    World: centimetres, right-handed, x right, y up, z towards the viewer. Picture: pixels, the
    origin is the outer corner of the upper left pixel, so that pixel's centre is (0.5, 0.5).

    Attributes:
        width_px: the picture's width.
        height_px: the picture's height.
        matrix: the three rows of P; P · (x, y, z, 1) = (u·w, v·w, w) with w the depth in cm
            along the optical axis, positive in front of the camera.
        position_cm: where the camera stands.
        focal_px: focal length in pixels.
        pitch_deg: how far it looks down; 0 is level, 90 straight down.
        aperture_radius_cm: of the thin lens the pictures were baked with; 0 is all in focus.
        focus_cm: depth of the plane in focus.
    """

    width_px: int
    height_px: int
    matrix: tuple[Row, Row, Row]
    position_cm: tuple[float, float, float]
    focal_px: float
    pitch_deg: float
    aperture_radius_cm: float = 0.0
    focus_cm: float = 0.0

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1:
            raise ValueError(f"a picture of {self.width_px}×{self.height_px} px has no pixels")
        if self.focal_px <= 0:
            raise ValueError(f"the focal length is {self.focal_px:g} px; it must be positive")
        if not -90 <= self.pitch_deg <= 90:
            raise ValueError(f"the pitch is {self.pitch_deg:g}°; it goes from -90° to 90°")
        if abs(np.linalg.det(np.array(self.matrix)[:, :3])) < 1e-9:
            raise ValueError("the camera matrix cannot be inverted")

    def scaled(self, width_px: int, height_px: int) -> Self:
        """The same view in a picture of another size (same aspect)."""
        across, down = width_px / self.width_px, height_px / self.height_px
        first, second, third = (np.array(row) for row in self.matrix)
        rows = (first * across, second * down, third)
        return replace(
            self,
            width_px=width_px,
            height_px=height_px,
            matrix=_rows(np.stack(rows)),
            focal_px=self.focal_px * down,
        )

    def project(self, points_cm: AnyPoints) -> Points:
        """World to picture.

        Args:
            points_cm: (..., 3) float.

        Returns:
            (..., 3) float64: u and v in pixels, and the depth in cm.
        """
        matrix = np.array(self.matrix)
        image = np.asarray(points_cm, np.float64) @ matrix[:, :3].T + matrix[:, 3]
        depth = image[..., 2:]
        return np.concatenate([image[..., :2] / depth, depth], axis=-1)

    def rays(self, pixels: Points) -> Points:
        """The viewing direction of picture points.

        Args:
            pixels: (..., 2) float, u and v in pixels.

        Returns:
            (..., 3) float64, scaled so that `position_cm + depth · ray` has that depth: one unit
            along the optical axis, not of unit length.
        """
        pixels = np.asarray(pixels, np.float64)
        ones = np.ones((*pixels.shape[:-1], 1))
        inverse = np.linalg.inv(np.array(self.matrix)[:, :3])
        return np.concatenate([pixels, ones], axis=-1) @ inverse.T

    def pixel_centres(self) -> Points:
        """(height_px, width_px, 2) float64: u and v of every pixel's centre."""
        rows, columns = np.mgrid[0 : self.height_px, 0 : self.width_px]
        return np.stack([columns + 0.5, rows + 0.5], axis=-1).astype(np.float64)

    def on_plane(self, pixels: Points, height_cm: float) -> Points:
        """Where picture points meet the horizontal plane y = `height_cm`.

        Args:
            pixels: (..., 2) float, u and v in pixels.
            height_cm: the plane's height.

        Returns:
            (..., 3) float64, cm; NaN where the view goes past the plane (at or above the horizon).
        """
        rays = self.rays(pixels)
        rise = height_cm - self.position_cm[1]
        down = np.where(rays[..., 1] == 0, np.nan, rays[..., 1])
        depth = rise / down
        depth = np.where(depth > 0, depth, np.nan)
        return np.array(self.position_cm) + depth[..., None] * rays


def _rows(matrix: Points) -> tuple[Row, Row, Row]:
    first, second, third = ((float(a), float(b), float(c), float(d)) for a, b, c, d in matrix)
    return first, second, third


def look_at(
    *,
    position_cm: tuple[float, float, float],
    target_cm: tuple[float, float, float],
    field_of_view_deg: float,
    width_px: int,
    height_px: int,
    aperture_radius_cm: float = 0.0,
) -> Camera:
    """A camera without roll that looks from one point at another.

    Args:
        position_cm: where it stands.
        target_cm: what lies in the picture's middle and in focus.
        field_of_view_deg: across the picture's width.
        width_px: the picture's width.
        height_px: the picture's height.
        aperture_radius_cm: of the thin lens.
    """
    position = np.array(position_cm, np.float64)
    axis = np.array(target_cm, np.float64) - position
    focus = float(np.linalg.norm(axis))
    axis /= focus
    # Straight down, "up" in the picture is away from the viewer.
    up = np.array([0.0, 0.0, -1.0]) if abs(axis[1]) > 0.9999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(axis, up)
    right /= np.linalg.norm(right)
    below = np.cross(axis, right)
    focal = width_px / 2 / np.tan(np.radians(field_of_view_deg) / 2)
    intrinsics = np.array([[focal, 0, width_px / 2], [0, focal, height_px / 2], [0, 0, 1.0]])
    rotation = np.stack([right, below, axis])
    matrix = intrinsics @ np.concatenate([rotation, -(rotation @ position)[:, None]], axis=1)
    return Camera(
        width_px=width_px,
        height_px=height_px,
        matrix=_rows(matrix),
        position_cm=position_cm,
        focal_px=float(focal),
        # Adding nought turns a level camera's -0 into 0.
        pitch_deg=float(np.degrees(np.arcsin(np.clip(-axis[1], -1, 1)))) + 0.0,
        aperture_radius_cm=aperture_radius_cm,
        focus_cm=focus,
    )
