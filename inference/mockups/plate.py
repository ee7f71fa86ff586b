"""A print plate in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.errors import ShapeMismatch
from inference.mockups.format import PrintInfo
from inference.pixels.arrays import AlphaF32, BoolMask, RgbF32

FlatMap = tuple[NDArray[np.float32], BoolMask]


@dataclass(frozen=True, slots=True)
class PrintPlate:
    """A print plate with its arrays. Treat them as read-only: the library shares them.

    Attributes:
        info: its description; its camera and window are those of these arrays.
        white: (H, W, 3) float32, linear RGB, 0 and up: the whole picture, the object undyed.
        black: (h, w, 3) float32: within the window, the object dyed black; never above white.
        foil: (h, w, 3) float32: within the window, the faces stamped in bright metal; or None.
        cover: (h, w, 4) float32, 0..1: within the window, what of a pixel faces 0 to 2 cover, and
            what all of the dyed object covers.
        ground: (H, W) float32, 0..1: the surroundings that may be tinted; or None.
        maps: of each mapped face, (hm, wm, 2) float32 (s, t) over the whole picture at half its
            size, and (hm, wm) bool where it is seen.
    """

    info: PrintInfo
    white: RgbF32
    black: RgbF32
    cover: NDArray[np.float32]
    foil: RgbF32 | None = None
    ground: AlphaF32 | None = None
    maps: Mapping[str, FlatMap] = field(default_factory=dict)

    def __post_init__(self) -> None:
        camera, slot = self.info.camera, self.info.slot
        left, top, right, bottom = slot.window_px
        whole = (camera.height_px, camera.width_px)
        inside = (bottom - top, right - left)
        wanted = {
            "white": (self.white, whole),
            "black": (self.black, inside),
            "cover": (self.cover, inside),
            "foil": (self.foil, inside),
            "ground": (self.ground, whole),
        }
        for name, (array, size) in wanted.items():
            if array is not None and array.shape[:2] != size:
                raise ShapeMismatch(f"The picture {name} is {array.shape[:2]}; it must be {size}.")
        if slot.has_foil != (self.foil is not None):
            raise ShapeMismatch("The plate's foil picture and its description do not agree.")
        if slot.can_tint and self.ground is None:
            raise ShapeMismatch("The plate may be tinted, but says not where.")
        mapped = {face.name for face in slot.faces if face.is_mapped}
        if set(self.maps) != mapped:
            raise ShapeMismatch(f"Maps of {sorted(self.maps)} for faces {sorted(mapped)}.")

    @property
    def size_bytes(self) -> int:
        """Memory that its arrays take."""
        arrays = [self.white, self.black, self.cover, self.foil, self.ground]
        held = sum(array.nbytes for array in arrays if array is not None)
        return held + sum(flat.nbytes + seen.nbytes for flat, seen in self.maps.values())
