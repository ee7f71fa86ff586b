"""Segmenters: a photo in, a coarse matte of the product out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.networks import birefnet, isnet, u2netp
from inference.networks.weights import entry, installed_path
from inference.pixels.arrays import AlphaF32, RgbF32, RgbU8
from inference.sessions.onnx_session import OnnxSession


class Segmenter(Protocol):
    """Finds the product in a picture; real networks and test doubles alike."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def input_side_px(self) -> int:
        """The side of the square that the network sees."""
        ...

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """(H, W, 3) uint8 sRGB in, (H, W) float32 alpha 0..1 of the same size out."""
        ...


class RunsBatches(Protocol):
    """What a segmenter needs of a session."""

    @property
    def memory_bytes(self) -> int: ...

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How one network is fed and read."""

    side_px: int
    to_input: Callable[[RgbF32], NDArray[np.float32]]
    to_alpha: Callable[[NDArray[np.float32]], AlphaF32]


_RECIPES = {
    module.NAME: _Recipe(module.INPUT_SIDE_PX, module.to_input, module.to_alpha)
    for module in (u2netp, isnet, birefnet)
}


class NetworkSegmenter:
    """A segmentation network with its own way of being fed and read."""

    def __init__(self, name: str, version: str, session: RunsBatches) -> None:
        self.name = name
        self.version = version
        self._session = session
        self._recipe = _RECIPES[name]

    @property
    def memory_bytes(self) -> int:
        """For the pool's budget."""
        return self._session.memory_bytes

    @property
    def input_side_px(self) -> int:
        """The side of the square that the network sees."""
        return self._recipe.side_px

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """Stretch the picture to the network's square, run it, and stretch the matte back.

        Args:
            rgb: (H, W, 3) uint8 sRGB.

        Returns:
            (H, W) float32 alpha, 0..1; as coarse as the network's own size.
        """
        side = self._recipe.side_px
        square = Image.fromarray(rgb).resize(
            (side, side), Image.Resampling.BILINEAR, reducing_gap=3.0
        )
        pixels = np.asarray(square, dtype=np.float32) / np.float32(255)
        output = self._session.run(self._recipe.to_input(pixels)[None])
        alpha = Image.fromarray(self._recipe.to_alpha(output[0]))
        height, width = rgb.shape[:2]
        return np.asarray(alpha.resize((width, height), Image.Resampling.BICUBIC)).clip(0.0, 1.0)

    def warm_up(self) -> None:
        """Run once, so that no seller waits for the first run."""
        side = self._recipe.side_px
        self.coarse_alpha(np.zeros((side, side, 3), dtype=np.uint8))


def load_segmenter(name: str, *, device: str = "cpu", threads: int = 0) -> NetworkSegmenter:
    """Load a registered network.

    Raises:
        WeightsMissing: it is not installed, or no network has that name.
        WeightsCorrupt: its file is not the registered one.
        DeviceUnavailable: `device` is not there.
    """
    registered = entry(name)
    session = OnnxSession(installed_path(name), device=device, threads=threads)
    return NetworkSegmenter(name, registered.version, session)
