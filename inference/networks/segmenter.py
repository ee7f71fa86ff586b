"""Segmenters: a photo in, a coarse matte of the product out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name
from PIL import Image

from inference.batching import Batcher, BatchStatus, Seat
from inference.events import IsCancelled
from inference.networks import birefnet, isnet, softbox_matte, u2net, u2netp
from inference.networks.weights import entry, installed_path
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.requests import Priority
from inference.sessions.onnx_session import OnnxSession
from inference.sessions.transfer import to_device, to_host

# As long as a batch waits for pictures that are on the way: a fifth of one run on a GPU that is
# busy, and nothing beside the photo's decoding.
MAX_WAIT_S = 0.004


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

    def finer(self) -> "Segmenter | None":
        """The same network seeing more pixels, at more cost; None where it has only one size."""
        ...


class RunsBatches(Protocol):
    """What a segmenter needs of a session."""

    @property
    def memory_bytes(self) -> int: ...

    @property
    def max_batch(self) -> int: ...

    @property
    def torch_device(self) -> torch.device: ...

    def run_tensor(self, batch: torch.Tensor) -> torch.Tensor: ...

    def warm_up(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is fed and read."""

    side_px: int
    to_input: Callable[[torch.Tensor], torch.Tensor]
    to_alpha: Callable[[torch.Tensor], torch.Tensor]


RECIPES = {
    module.NAME: Recipe(module.INPUT_SIDE_PX, module.to_input, module.to_alpha)
    for module in (u2netp, u2net, isnet, birefnet, softbox_matte)
}
# The second, larger size of networks that take pictures of any size.
FINE_SIDES_PX = {softbox_matte.NAME: softbox_matte.FINE_SIDE_PX}


class NetworkSegmenter:
    """A segmentation network with its own way of being fed and read, shared by all threads.

    Args:
        name: a registered network.
        version: of its weights.
        session: runs it.
        lanes: batches that may run at the same time; more than one pays only on CPUs with more
            cores than one run can use.
        max_wait_s: how long a picture waits for others that are on the way.
        side_px: of the square that the session takes, if not the recipe's own.
        load_finer: loads the same network at its larger size; called once, when that is wanted.
    """

    def __init__(
        self,
        name: str,
        version: str,
        session: RunsBatches,
        *,
        lanes: int = 1,
        max_wait_s: float = MAX_WAIT_S,
        side_px: int | None = None,
        load_finer: "Callable[[], NetworkSegmenter] | None" = None,
    ) -> None:
        self.name = name
        self.version = version
        self.device = session.torch_device
        self.input_side_px = side_px or RECIPES[name].side_px
        self._session = session
        self._recipe = RECIPES[name]
        self._load_finer = load_finer
        self._finer: NetworkSegmenter | None = None
        self._finer_lock = Lock()
        self._batcher: Batcher[torch.Tensor, torch.Tensor] = Batcher(
            self._run_batch,
            max_batch=session.max_batch,
            max_wait_s=max_wait_s,
            lanes=lanes,
            make_room=self._make_room,
        )

    @property
    def memory_bytes(self) -> int:
        """For the pool's budget; the larger size counts as if it were loaded."""
        return self._session.memory_bytes * (1 if self._load_finer is None else 2)

    @property
    def batches(self) -> BatchStatus:
        """How many batches and pictures the network has run."""
        return self._batcher.status()

    @contextmanager
    def on_the_way(
        self,
        priority: Priority = Priority.INTERACTIVE,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Iterator["RequestSegmenter"]:
        """This network for one request, which counts as on the way until its first picture."""
        with self._batcher.on_the_way(priority, is_cancelled) as seat:
            yield RequestSegmenter(self, seat, priority, is_cancelled)

    def finer(self) -> "NetworkSegmenter | None":
        """The same network at its larger size, loaded when it is first asked for."""
        with self._finer_lock:
            if self._finer is None and self._load_finer is not None:
                self._finer = self._load_finer()
            return self._finer

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """As `RequestSegmenter.coarse_alpha`, for a caller that is no request."""
        with self.on_the_way() as looking:
            return looking.coarse_alpha(rgb)

    def coarse_alpha_tensor(self, rgb: torch.Tensor) -> torch.Tensor:
        """As `RequestSegmenter.coarse_alpha_tensor`, for a caller that is no request."""
        with self.on_the_way() as looking:
            return looking.coarse_alpha_tensor(rgb)

    def warm_up(self) -> None:
        """Run every batch size once, so that no seller waits for a first run.

        Raises:
            OutOfMemory: there is no room even for one picture.
        """
        self._session.warm_up()
        side = self.input_side_px
        self.coarse_alpha(np.zeros((side, side, 3), dtype=np.uint8))
        finer = self.finer()
        # A first run costs much on a GPU; on a CPU nothing but its own long time.
        if finer is not None and self.device.type == "cuda":
            finer.warm_up()

    def _input_of(self, rgb: torch.Tensor) -> torch.Tensor:
        return self._recipe.to_input(shrunk(rgb, self.input_side_px))

    def _run_batch(self, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        outputs = self._session.run_tensor(torch.stack(list(inputs)))
        return [self._recipe.to_alpha(output) for output in outputs]

    def _make_room(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


class RequestSegmenter:
    """A network as one request sees it: with the request's priority and its wish to be cancelled.

    Every look is announced before the picture is made ready for it, so that the network knows who
    is coming.
    """

    def __init__(
        self,
        network: NetworkSegmenter,
        seat: Seat[torch.Tensor, torch.Tensor],
        priority: Priority,
        is_cancelled: IsCancelled,
    ) -> None:
        self.name = network.name
        self.version = network.version
        self.input_side_px = network.input_side_px
        self._network = network
        self._seat = seat
        self._priority = priority
        self._is_cancelled = is_cancelled

    def finer(self) -> "FinerSegmenter | None":
        """The network at its larger size, for the same request."""
        finer = self._network.finer()
        return None if finer is None else FinerSegmenter(finer, self._priority, self._is_cancelled)

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """Stretch the picture to the network's square, run it, and stretch the matte back.

        Args:
            rgb: (H, W, 3) uint8 sRGB.

        Returns:
            (H, W) float32 alpha, 0..1; as coarse as the network's own size.

        Raises:
            RenderCancelled: the request is not wanted any more.
            OutOfMemory: the device had no room for this picture.
        """
        self._seat.announce()
        picture = to_device(np.ascontiguousarray(rgb), self._network.device).permute(2, 0, 1)
        alpha = to_host(self.coarse_alpha_tensor(picture))
        return np.asarray(alpha, dtype=np.float32)

    @torch.inference_mode()
    def coarse_alpha_tensor(self, rgb: torch.Tensor) -> torch.Tensor:
        """The same for a picture that is on the network's device and whose matte stays there.

        Args:
            rgb: (3, H, W) uint8 sRGB; quickest when its channels lie together in memory.

        Returns:
            (H, W) float32 alpha, 0..1. Raises as `coarse_alpha`.
        """
        self._seat.announce()
        alpha = self._seat.submit(self._network._input_of(rgb))
        return stretched(alpha, rgb.shape[1], rgb.shape[2])


class FinerSegmenter:
    """A network's larger size as one request sees it; nobody waits for a look that may not come."""

    def __init__(
        self, network: NetworkSegmenter, priority: Priority, is_cancelled: IsCancelled
    ) -> None:
        self.name = network.name
        self.version = network.version
        self.input_side_px = network.input_side_px
        self._network = network
        self._priority = priority
        self._is_cancelled = is_cancelled

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        """As `RequestSegmenter.coarse_alpha`."""
        with self._network.on_the_way(self._priority, self._is_cancelled) as looking:
            return looking.coarse_alpha(rgb)

    def finer(self) -> None:
        """There is no size above this one."""


def shrunk(rgb: torch.Tensor, side: int) -> torch.Tensor:
    """(3, H, W) uint8 at (3, side, side), float32 0..1."""
    # On the CPU bytes are resized twenty times faster than floats; CUDA resizes floats only.
    source = rgb if rgb.device.type == "cpu" else rgb.float()
    square = F.interpolate(source[None], size=(side, side), mode="bilinear", antialias=True)[0]
    return square.float() / 255


def stretched(alpha: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """(S, S) float32 at (height, width), by the same cubic on every device, 0..1."""
    if alpha.device.type == "cpu":  # Pillow is five times faster than torch here, to 1e-4 the same
        image = Image.fromarray(alpha.numpy()).resize((width, height), Image.Resampling.BICUBIC)
        return torch.from_numpy(np.array(image)).clamp_(0, 1)
    large = F.interpolate(alpha[None, None], size=(height, width), mode="bicubic", antialias=True)[
        0, 0
    ]
    return large.clamp_(0, 1)


def load_segmenter(
    name: str, *, device: str = "cpu", threads: int = 0, lanes: int = 1
) -> NetworkSegmenter:
    """Load a registered network.

    Raises:
        WeightsMissing: it is not installed, or no network has that name.
        WeightsCorrupt: its file is not the registered one.
        DeviceUnavailable: `device` is not there.
    """
    registered = entry(name)
    path = installed_path(name)

    def load(side_px: int, load_finer: Callable[[], NetworkSegmenter] | None) -> NetworkSegmenter:
        session = OnnxSession(path, device=device, threads=threads, size=(side_px, side_px))
        return NetworkSegmenter(
            name,
            registered.version,
            session,
            lanes=lanes,
            side_px=side_px,
            load_finer=load_finer,
        )

    fine_side_px = FINE_SIDES_PX.get(name)
    load_finer = None if fine_side_px is None else partial(load, fine_side_px, None)
    return load(RECIPES[name].side_px, load_finer)
