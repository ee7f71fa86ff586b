"""A plate in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.errors import ShapeMismatch
from inference.pixels.arrays import RgbaF32, RgbF32
from inference.plates.format import GEOMETRY_DIVISOR, PlateInfo

# Where nothing is hit, the position lies this deep: shadows and haze treat it as very far.
NOTHING_DEPTH_CM = 1e5


@dataclass(frozen=True, slots=True)
class Geometry:
    """What the camera sees, at a quarter of the pictures' size (height h, width w).

    Attributes:
        position: (h, w, 3) float32, world cm at each pixel's centre.
        normal: (h, w, 3) float32, unit length, world, towards the camera; quantised to 0.9°.
        surface: (h, w) uint8, a `Surface`.
        depth: (h, w) float32, cm along the optical axis; `NOTHING_DEPTH_CM` where nothing is.
    """

    position: NDArray[np.float32]
    normal: NDArray[np.float32]
    surface: NDArray[np.uint8]
    depth: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate with its arrays. Treat them as read-only: the library shares them.

    Attributes:
        info: the plate's description; its camera is that of `pictures`, also after a resize.
        pictures: group name → (H, W, 3) float32, linear RGB, 0 and up: what that group's light
            alone shows. Their sum, weighted by gain, is the scene.
        geometry: at (ceil(H/4), ceil(W/4)).
        front: group name → (H, W, 4) float32, premultiplied linear RGBA: foreground occluders lit
            by that group; alpha is the same in all. Empty when there are none.
    """

    info: PlateInfo
    pictures: Mapping[str, RgbF32]
    geometry: Geometry
    front: Mapping[str, RgbaF32] = field(default_factory=dict)

    def __post_init__(self) -> None:
        camera = self.info.camera
        size = (camera.height_px, camera.width_px)
        names = {group.name for group in self.info.groups}
        if set(self.pictures) != names:
            raise ShapeMismatch(f"Pictures {sorted(self.pictures)} for groups {sorted(names)}.")
        if self.front and set(self.front) != names:
            raise ShapeMismatch(f"Foregrounds {sorted(self.front)} for groups {sorted(names)}.")
        for name, picture in {**self.pictures, **self.front}.items():
            if picture.shape[:2] != size:
                raise ShapeMismatch(f"Picture {name} is {picture.shape[:2]}; its camera {size}.")
        coarse = geometry_size(*size)
        if self.geometry.surface.shape != coarse:
            raise ShapeMismatch(f"Geometry is {self.geometry.surface.shape}; it must be {coarse}.")

    def mixed(self, gains: Mapping[str, float] | None = None) -> RgbF32:
        """The scene without a product: (H, W, 3) float32, linear RGB, 0 and up, gains applied."""
        total = np.zeros((self.info.camera.height_px, self.info.camera.width_px, 3), np.float32)
        for name, picture in self.pictures.items():
            total += picture * np.float32((gains or {}).get(name, 1.0))
        return total


def geometry_size(height_px: int, width_px: int) -> tuple[int, int]:
    """Height and width of the geometry of pictures of that size."""
    return -(-height_px // GEOMETRY_DIVISOR), -(-width_px // GEOMETRY_DIVISOR)
