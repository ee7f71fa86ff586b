"""Loaded plates as tensors on a device, kept by plate and size."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

from inference.plates.format import PlateInfo
from inference.plates.library import PlateLibrary

DEFAULT_BUDGET_BYTES = 1536 * 2**20


@dataclass(frozen=True, slots=True)
class DevicePlate:
    """A plate's arrays on a device. Treat them as read-only: they are shared.

    Attributes:
        info: as of the size loaded.
        pictures: (G, 3, H, W) float32, linear RGB, in the order of `info.groups`.
        front: (G, 4, H, W) float32, premultiplied linear RGBA, or None.
        position: (3, h, w) float32, world cm.
        normal: (3, h, w) float32, unit.
        surface: (h, w) uint8, a `Surface`.
        depth: (h, w) float32, cm along the optical axis.
    """

    info: PlateInfo
    pictures: torch.Tensor
    front: torch.Tensor | None
    position: torch.Tensor
    normal: torch.Tensor
    surface: torch.Tensor
    depth: torch.Tensor

    @property
    def nbytes(self) -> int:
        """Memory taken on the device."""
        tensors = [self.pictures, self.position, self.normal, self.surface, self.depth]
        if self.front is not None:
            tensors.append(self.front)
        return sum(tensor.nbytes for tensor in tensors)


class DevicePlates:
    """Plates on one device, least recently used out first. Safe to share between threads."""

    def __init__(
        self,
        library: PlateLibrary,
        device: torch.device | str,
        *,
        budget_bytes: int = DEFAULT_BUDGET_BYTES,
    ) -> None:
        self._library = library
        self._device = torch.device(device)
        self._budget_bytes = budget_bytes
        self._kept: OrderedDict[tuple[str, int], DevicePlate] = OrderedDict()
        self._lock = Lock()

    def get(self, slug: str, *, longest_side_px: int | None = None) -> DevicePlate:
        """A plate at a size, from the cache where it is there.

        Args:
            slug: its name.
            longest_side_px: of the pictures; at most the stored size, which is the default.

        Raises:
            PlateMissing: no such plate.
            PlateInvalid: its files break the format.
        """
        camera = self._library.info(slug).camera
        full = max(camera.width_px, camera.height_px)
        key = (slug, min(longest_side_px or full, full))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            plate = self._upload(*key)
            self._kept[key] = plate
            while len(self._kept) > 1 and self.held_bytes > self._budget_bytes:
                self._kept.popitem(last=False)
            return plate

    @property
    def held_bytes(self) -> int:
        """Memory that the kept plates take on the device."""
        return sum(plate.nbytes for plate in self._kept.values())

    def _upload(self, slug: str, longest_side_px: int) -> DevicePlate:
        plate = self._library.load(slug, longest_side_px=longest_side_px)
        names = [group.name for group in plate.info.groups]
        front = None
        if plate.front:
            front = self._planar(np.stack([plate.front[name] for name in names]))
        geometry = plate.geometry
        return DevicePlate(
            info=plate.info,
            pictures=self._planar(np.stack([plate.pictures[name] for name in names])),
            front=front,
            position=self._planar(geometry.position),
            normal=self._planar(geometry.normal),
            surface=torch.from_numpy(geometry.surface).to(self._device),
            depth=torch.from_numpy(geometry.depth).to(self._device),
        )

    def _planar(self, array: NDArray[np.float32]) -> torch.Tensor:
        """Channels last to channels before rows and columns, on the device."""
        moved = np.ascontiguousarray(np.moveaxis(array, -1, -3))
        return torch.from_numpy(moved).to(self._device)
