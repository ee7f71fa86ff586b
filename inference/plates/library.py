"""Find plates, choose the view that fits a photo, and load them at the size asked for."""

import functools
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.errors import PlateInvalid, PlateMissing
from inference.plates.camera import Camera
from inference.plates.files import (
    INFO_NAME,
    read_info,
    read_plate,
    resized_planes,
    write_plate,
)
from inference.plates.format import PlateInfo
from inference.plates.plate import Geometry, Plate, geometry_size

_MEAN = Image.Resampling.BOX
DATA_FOLDER = Path(__file__).parent / "data"
# Thumbs and previews need a sixteenth of the pixels: reading them takes 0.06 s instead of 0.9.
PREVIEW_NAME = "preview"
PLATE_PREVIEW_SIDE_PX = 512


class PlateLibrary:
    """The plates in one folder, one sub-folder each, and a cache of loaded ones.

    Descriptions are read once and kept; arrays are kept up to `budget_bytes`, least recently used
    first out. Safe to share between threads.
    """

    def __init__(self, folder: Path = DATA_FOLDER, *, budget_bytes: int = 512 * 2**20) -> None:
        self._folder = folder
        self._budget_bytes = budget_bytes
        self._loaded: OrderedDict[tuple[str, int], Plate] = OrderedDict()
        self._lock = Lock()

    @functools.cached_property
    def plates(self) -> tuple[PlateInfo, ...]:
        """Every installed plate, by slug.

        Raises:
            PlateInvalid: one of them breaks the schema, or is not named like its folder.
        """
        if not self._folder.is_dir():
            return ()
        plates = tuple(read_info(folder) for folder in plate_folders(self._folder))
        for folder, plate in zip(plate_folders(self._folder), plates, strict=True):
            if plate.slug != folder.name:
                raise PlateInvalid(f"The plate in {folder} is called “{plate.slug}”.")
        return plates

    def scenes(self) -> tuple[str, ...]:
        """Every scene that has a plate, by name."""
        return tuple(sorted({plate.scene for plate in self.plates}))

    def info(self, slug: str) -> PlateInfo:
        """One plate's description.

        Raises:
            PlateMissing: no such plate; the message names those there are.
        """
        for plate in self.plates:
            if plate.slug == slug:
                return plate
        names = ", ".join(plate.slug for plate in self.plates) or "none"
        raise PlateMissing(f"No plate “{slug}” is installed; there are: {names}.")

    def nearest(self, scene: str, pitch_deg: float) -> PlateInfo:
        """The scene's view whose camera pitch is nearest.

        Raises:
            PlateMissing: no such scene.
        """
        views = [plate for plate in self.plates if plate.scene == scene]
        if not views:
            names = ", ".join(self.scenes()) or "none"
            raise PlateMissing(f"No scene “{scene}” is installed; there are: {names}.")
        return min(views, key=lambda plate: abs(plate.camera.pitch_deg - pitch_deg))

    def load(self, slug: str, *, longest_side_px: int | None = None) -> Plate:
        """A plate with its arrays, from the cache where it is there.

        Args:
            slug: its name.
            longest_side_px: of the pictures; at most the stored size, which is the default.

        Raises:
            PlateMissing: no such plate.
            PlateInvalid: its files break the format.
        """
        camera = self.info(slug).camera
        full = max(camera.width_px, camera.height_px)
        side = min(longest_side_px or full, full)
        with self._lock:
            kept = self._loaded.get((slug, side))
            if kept is not None:
                self._loaded.move_to_end((slug, side))
                return kept
        small = self._folder / slug / PREVIEW_NAME
        is_small = side <= PLATE_PREVIEW_SIDE_PX and (small / INFO_NAME).is_file()
        plate = read_plate(small if is_small else self._folder / slug)
        if side < max(plate.info.camera.width_px, plate.info.camera.height_px):
            plate = resized(plate, side)
        with self._lock:
            self._loaded[slug, side] = plate
            while len(self._loaded) > 1 and self._held_bytes() > self._budget_bytes:
                self._loaded.popitem(last=False)
        return plate

    def _held_bytes(self) -> int:
        return sum(plate_bytes(plate) for plate in self._loaded.values())


def plate_folders(folder: Path) -> list[Path]:
    """The plates' folders, by name; one that a bake left half written begins with a dot."""
    found = (path.parent for path in folder.glob(f"*/{INFO_NAME}"))
    return sorted(path for path in found if not path.name.startswith("."))


def write_preview(folder: Path, plate: Plate) -> int:
    """Write the small copy of a plate that thumbs and previews are made from; its size in bytes.

    A plate that is no larger itself needs none.
    """
    camera = plate.info.camera
    if max(camera.width_px, camera.height_px) <= PLATE_PREVIEW_SIDE_PX:
        return 0
    return write_plate(folder / PREVIEW_NAME, resized(plate, PLATE_PREVIEW_SIDE_PX))


def plate_bytes(plate: Plate) -> int:
    """How much memory a plate's arrays take."""
    geometry = plate.geometry
    arrays = (geometry.position, geometry.normal, geometry.surface, geometry.depth)
    pictures = [*plate.pictures.values(), *plate.front.values()]
    return sum(array.nbytes for array in arrays) + sum(picture.nbytes for picture in pictures)


def resized(plate: Plate, longest_side_px: int) -> Plate:
    """The plate at a smaller size; camera, stand point and scale follow.

    Pictures are averaged; geometry takes the nearest stored pixel, since a mean of two surfaces
    lies on neither.
    """
    camera = plate.info.camera
    factor = longest_side_px / max(camera.width_px, camera.height_px)
    width_px = max(1, round(camera.width_px * factor))
    height_px = max(1, round(camera.height_px * factor))
    scaled = camera.scaled(width_px, height_px)
    slot = plate.info.slot
    across, down = width_px / camera.width_px, height_px / camera.height_px
    moved = replace(
        slot,
        point_px=(slot.point_px[0] * across, slot.point_px[1] * down),
        px_per_cm=slot.px_per_cm * across,
    )
    return Plate(
        info=replace(plate.info, camera=scaled, slot=moved),
        pictures={
            n: resized_planes(p, (width_px, height_px), _MEAN) for n, p in plate.pictures.items()
        },
        geometry=_sampled(plate.geometry, scaled),
        front={n: resized_planes(p, (width_px, height_px), _MEAN) for n, p in plate.front.items()},
    )


def _sampled(geometry: Geometry, scaled: Camera) -> Geometry:
    height_px, width_px = geometry_size(scaled.height_px, scaled.width_px)
    coarse_h, coarse_w = geometry.surface.shape
    rows = _nearest_index(height_px, coarse_h)[:, None]
    columns = _nearest_index(width_px, coarse_w)
    return Geometry(
        position=geometry.position[rows, columns],
        normal=geometry.normal[rows, columns],
        surface=geometry.surface[rows, columns],
        depth=geometry.depth[rows, columns],
    )


def _nearest_index(count: int, stored: int) -> NDArray[np.int64]:
    centres = (np.arange(count) + 0.5) * stored / count
    return np.minimum(centres.astype(np.int64), stored - 1)
