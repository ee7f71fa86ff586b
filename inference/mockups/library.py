"""Find print plates and load them whole or small. Imports no torch: the web side lists styles."""

import functools
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from PIL import Image

from inference.errors import PlateInvalid, PlateMissing
from inference.mockups.files import INFO_NAME, read_info, read_plate, write_plate
from inference.mockups.format import PrintInfo
from inference.mockups.plate import PrintPlate
from inference.plates.files import resized_planes

DATA_FOLDER = Path(__file__).parent / "data"
PREVIEW_NAME = "preview"
# Thumbs and previews are made of a copy of this size.
PREVIEW_SIDE_PX = 512
_MARGIN_PX = 3


class MockupLibrary:
    """The print plates in one folder, one sub-folder each; safe to share between threads.

    Descriptions are read once and kept; arrays are kept up to `budget_bytes`, least recently used
    first out.
    """

    def __init__(self, folder: Path = DATA_FOLDER, *, budget_bytes: int = 384 * 2**20) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        self._loaded: OrderedDict[tuple[str, bool], PrintPlate] = OrderedDict()
        self._lock = Lock()

    @functools.cached_property
    def plates(self) -> tuple[PrintInfo, ...]:
        """Every installed plate, in the sellers' order.

        Raises:
            PlateInvalid: one of them breaks the schema, or is not named like its folder.
        """
        plates = []
        for folder in plate_folders(self._folder):
            plate = read_info(folder)
            if plate.slug != folder.name:
                raise PlateInvalid(f"The plate in {folder} is called “{plate.slug}”.")
            plates.append(plate)
        return tuple(sorted(plates, key=lambda plate: (plate.order, plate.slug)))

    def mockups(self) -> tuple[str, ...]:
        """Every mockup that has a plate, in the sellers' order."""
        return tuple(dict.fromkeys(plate.mockup for plate in self.plates))

    def views(self, mockup: str) -> tuple[PrintInfo, ...]:
        """The plates of one mockup; none when there is no such mockup."""
        return tuple(plate for plate in self.plates if plate.mockup == mockup)

    def load(self, slug: str, *, is_small: bool = False) -> PrintPlate:
        """A plate with its arrays, from the cache where it is there.

        Args:
            slug: its name.
            is_small: whether the copy of `PREVIEW_SIDE_PX` will do.

        Raises:
            PlateMissing: no such plate; the message names those there are.
            PlateInvalid: its files break the format.
        """
        if slug not in {plate.slug for plate in self.plates}:
            names = ", ".join(plate.slug for plate in self.plates) or "none"
            raise PlateMissing(f"No print plate “{slug}” is installed; there are: {names}.")
        key = (slug, is_small)
        with self._lock:
            kept = self._loaded.get(key)
            if kept is not None:
                self._loaded.move_to_end(key)
                return kept
        small = self._folder / slug / PREVIEW_NAME
        has_small = is_small and (small / INFO_NAME).is_file()
        plate = read_plate(small if has_small else self._folder / slug)
        with self._lock:
            self._loaded[key] = plate
            while len(self._loaded) > 1 and self._held_bytes() > self._budget_bytes:
                self._loaded.popitem(last=False)
        return plate

    def _held_bytes(self) -> int:
        return sum(plate.size_bytes for plate in self._loaded.values())


def plate_folders(folder: Path) -> list[Path]:
    """The plates' folders, by name; one that a bake left half written begins with a dot."""
    found = (path.parent for path in folder.glob(f"*/{INFO_NAME}"))
    return sorted(path for path in found if not path.name.startswith("."))


def write_with_preview(folder: Path, plate: PrintPlate) -> int:
    """Write a plate and, where it is larger, its small copy; their size in bytes."""
    size = write_plate(folder, plate)
    camera = plate.info.camera
    if max(camera.width_px, camera.height_px) > PREVIEW_SIDE_PX:
        size += write_plate(folder / PREVIEW_NAME, reduced(plate, PREVIEW_SIDE_PX))
    return size


def reduced(plate: PrintPlate, side_px: int) -> PrintPlate:
    """The plate at a smaller size, pictures and coverage averaged; camera and window follow."""
    camera, slot = plate.info.camera, plate.info.slot
    factor = side_px / max(camera.width_px, camera.height_px)
    size = (max(1, round(camera.width_px * factor)), max(1, round(camera.height_px * factor)))
    left, top, right, bottom = slot.window_px
    inside = np.s_[top:bottom, left:right]
    window = (
        max(0, int(left * factor) - _MARGIN_PX),
        max(0, int(top * factor) - _MARGIN_PX),
        min(size[0], int(np.ceil(right * factor)) + _MARGIN_PX),
        min(size[1], int(np.ceil(bottom * factor)) + _MARGIN_PX),
    )
    cut = np.s_[window[1] : window[3], window[0] : window[2]]

    def shrunk(planes: np.ndarray) -> np.ndarray:
        return resized_planes(planes, size, Image.Resampling.BOX)

    def whole(planes: np.ndarray, around: np.ndarray) -> np.ndarray:
        full = around.copy()
        full[inside] = planes
        return shrunk(full)[cut]

    nothing = np.zeros((camera.height_px, camera.width_px, 4), np.float32)
    moved = replace(
        slot,
        window_px=window,
        focus_px=(slot.focus_px[0] * factor, slot.focus_px[1] * factor),
    )
    return PrintPlate(
        info=replace(plate.info, camera=camera.scaled(*size), slot=moved),
        white=shrunk(plate.white),
        black=whole(plate.black, plate.white),
        cover=whole(plate.cover, nothing),
        foil=None if plate.foil is None else whole(plate.foil, plate.white),
        ground=None if plate.ground is None else shrunk(plate.ground[..., None])[..., 0],
        # Already coarse, and sampled by position: the small copy keeps the same map.
        maps=plate.maps,
    )
