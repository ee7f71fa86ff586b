"""The real engine, in this process: device, networks, stage cache, cutouts and pictures.

Importing this module loads torch. Whoever must not hold torch uses `inference.remote`.
"""

import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from inference.correcting import CORRECTION_PLAN, correct
from inference.cutting import CUTOUT_PLAN, cut_out
from inference.enhance.pipeline import Enhancer
from inference.enhance.plan import enhance_plan
from inference.enhance.request import EnhanceRequest
from inference.errors import EngineDied, EngineOverloaded, OutOfMemory, StageFailed
from inference.events import (
    CutoutFinished,
    EnhanceFinished,
    IsCancelled,
    OnEvent,
    RenderFinished,
)
from inference.inspect.findings import Inspection, InspectionRequest
from inference.inspect.inspector import Context, Inspector, load_inspector
from inference.networks.segmenter import NetworkSegmenter, load_segmenter
from inference.protocol import Engine, EngineHealth
from inference.rendering import Renderer, render_plan
from inference.requests import (
    DEFAULT_NETWORK,
    CorrectionRequest,
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.run import Run
from inference.sessions.device_errors import is_device_lost, is_out_of_memory
from inference.sessions.pool import SessionPool, resolve_device
from inference.stage_cache import StageCache
from inference.stages.framing import Placement
from inference.styles.catalogue import installed_styles
from inference.styles.model import is_model_style
from inference.synthetic import synthetic_jpeg

__all__ = ["Engine", "EngineHealth", "RenderEngine"]

log = logging.getLogger(__name__)

STAGE_CACHE_BYTES = 768 * 2**20
NETWORK_BYTES = 2 * 2**30
# What the runtime takes for its work is about as much again as a network binds.
GPU_SHARE_OF_NETWORKS = 0.25
# More threads than this shorten a picture by little and take cores from the requests beside it.
MOST_THREADS = 8
_DEVICE_LOST = "The device that makes the pictures stopped answering."


def _room_for_networks(device: str) -> int:
    if device == "cpu":
        return NETWORK_BYTES
    return int(torch.cuda.get_device_properties(device).total_memory * GPU_SHARE_OF_NETWORKS)


class RenderEngine:
    """The `Engine` protocol in this process; thread-safe.

    Args:
        device: "auto", "cpu", "cuda" or "cuda:N"; a device that is named is never replaced.
        networks: what `warm_up` loads; other networks load when a request first names them.
        stage_cache_bytes: how much the stages may remember.
        network_bytes: how much the loaded networks may take before the least recently used leaves;
            0 takes 2 GiB of a CPU's memory or a quarter of a GPU's.
        threads: CPU threads of one computation; 0 takes the cores that this process may use.
    """

    def __init__(
        self,
        *,
        device: str = "auto",
        networks: tuple[str, ...] = (DEFAULT_NETWORK,),
        stage_cache_bytes: int = STAGE_CACHE_BYTES,
        network_bytes: int = 0,
        threads: int = 0,
    ) -> None:
        self._device = resolve_device(device)
        self._networks = networks
        self._threads = threads or min(MOST_THREADS, len(os.sched_getaffinity(0)))
        torch.set_num_threads(self._threads)
        self._cache = StageCache(budget_bytes=stage_cache_bytes)
        self._segmenters = SessionPool(
            self._load_segmenter, budget_bytes=network_bytes or _room_for_networks(self._device)
        )
        self._renderer = Renderer(device=self._device, cache=self._cache)
        self._enhancer = Enhancer(device=self._device, cache=self._cache, threads=self._threads)
        self._inspector: Inspector | None = None
        self._inspector_lock = threading.Lock()
        self._is_warm = threading.Event()
        self._is_closed = threading.Event()
        self._is_lost = threading.Event()

    def render(
        self, request: RenderRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> RenderFinished:
        """As `Engine.render`.

        Raises:
            EngineOverloaded: the engine is closed.
            EngineDied: the device is lost; only a new process can use it again.
        """
        self._refuse_if_closed()
        run = Run(render_plan(request), on_event=on_event, is_cancelled=is_cancelled)
        with self._translated_errors():
            return self._renderer.render(request, run)

    def cut_out(
        self, request: CutoutRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """As `Engine.cut_out`.

        Raises:
            WeightsMissing, WeightsCorrupt: the network that the request names cannot be loaded.
            EngineOverloaded, EngineDied: as `render`.
        """
        self._refuse_if_closed()
        run = Run(CUTOUT_PLAN, on_event=on_event, is_cancelled=is_cancelled)
        with self._translated_errors():
            network = self._segmenters.get(request.network)
            with network.on_the_way(request.priority, is_cancelled) as segmenter:
                return cut_out(request, run, segmenter, device=self._device, cache=self._cache)

    def correct(
        self, request: CorrectionRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """As `Engine.correct`.

        Raises:
            EngineOverloaded: the engine is closed.
        """
        self._refuse_if_closed()
        run = Run(CORRECTION_PLAN, on_event=on_event, is_cancelled=is_cancelled)
        with self._translated_errors():
            return correct(request, run, cache=self._cache)

    def enhance(
        self, request: EnhanceRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> EnhanceFinished:
        """As `Engine.enhance`.

        Raises:
            EngineOverloaded, EngineDied: as `render`.
        """
        self._refuse_if_closed()
        run = Run(enhance_plan(request), on_event=on_event, is_cancelled=is_cancelled)
        with self._translated_errors():
            return self._enhancer.enhance(request, run)

    def inspect(self, request: InspectionRequest) -> Inspection:
        """As `Engine.inspect`; the networks load when the first picture is inspected.

        Raises:
            EngineOverloaded, EngineDied: as `render`.
        """
        self._refuse_if_closed()
        told = request.placement
        context = Context(
            channels=request.channels,
            siblings=request.siblings,
            placement=None
            if told is None
            else Placement(told.width, told.height, told.scale, told.offset_x, told.offset_y),
        )
        with self._translated_errors():
            inspector = self._loaded_inspector()
            if is_model_style(request.render.style.slug):
                truth = self._renderer.truth_of(request.render)
                return inspector.inspect_worn(request.render, request.picture, truth, context)
            return inspector.inspect(request.render, request.picture, context)

    def _loaded_inspector(self) -> Inspector:
        with self._inspector_lock:
            if self._inspector is None:
                self._inspector = load_inspector(threads=self._threads, sets=self._renderer)
            return self._inspector

    def health(self) -> EngineHealth:
        """Ready once warm, until closed or until the device is lost."""
        is_closed, is_lost = self._is_closed.is_set(), self._is_lost.is_set()
        is_warm = self._is_warm.is_set()
        detail = "" if is_warm else "The engine is warming up."
        if is_lost:
            detail = _DEVICE_LOST
        return EngineHealth(
            is_ready=is_warm and not is_closed and not is_lost,
            device=self._device,
            networks=self._segmenters.loaded(),
            detail="The engine is closed." if is_closed else detail,
            stage_cache=self._cache.status(),
        )

    def warm_up(self) -> None:
        """Load the networks and make one small picture of every kind of style.

        The first run of a network or of a torch operation costs up to seconds on a GPU.

        Raises:
            WeightsMissing, WeightsCorrupt: a network cannot be loaded.
        """
        with tempfile.TemporaryDirectory(prefix="softbox-warm-up-") as folder:
            for network in self._networks:
                self._segmenters.get(network).warm_up()
                self._make_one_of_each(Path(folder), network)
        self._cache.clear()
        self._is_warm.set()
        log.info("engine ready on %s with %s", self._device, ", ".join(self._networks))

    def close(self) -> None:
        """Refuse what comes next and forget what the stages remember."""
        self._is_closed.set()
        self._cache.clear()

    def _load_segmenter(self, name: str) -> NetworkSegmenter:
        # One run uses so many cores; what is left over can run another beside it. A GPU takes
        # batches in turn.
        cores = len(os.sched_getaffinity(0)) if self._device == "cpu" else 1
        lanes = max(1, cores // self._threads)
        return load_segmenter(name, device=self._device, threads=self._threads, lanes=lanes)

    def _make_one_of_each(self, folder: Path, network: str) -> None:
        data = synthetic_jpeg(640, 480)
        photo_path, alpha_path = folder / "photo.jpg", folder / "alpha.png"
        photo_path.write_bytes(data)
        photo = PhotoSource(photo_path, hashlib.sha256(data).hexdigest())
        cutout = self.cut_out(
            CutoutRequest(photo, network), on_event=lambda _: None, is_cancelled=lambda: False
        )
        alpha_path.write_bytes(cutout.alpha_png)
        digest = hashlib.sha256(cutout.alpha_png).hexdigest()
        source = CutoutSource(alpha_path, digest, cutout.measurements)
        # A style that needs a seller's photo runs the code of the scenes; a garment's first picture
        # waits for the compiled loops, since the picture here shows none.
        ready = [
            style
            for style in installed_styles()
            if not style.needs_place and not is_model_style(style.slug)
        ]
        for style in {style.family: style for style in ready}.values():
            request = RenderRequest(
                photo, source, StyleSpec(style.slug), OutputSpec(640), tier=Tier.FINAL
            )
            self.render(request, on_event=lambda _: None, is_cancelled=lambda: False)

    def _refuse_if_closed(self) -> None:
        if self._is_closed.is_set():
            raise EngineOverloaded("The engine is closed.")

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Turn a full device into `OutOfMemory`, and a disk's error into `StageFailed`."""
        try:
            yield
        except (StageFailed, OutOfMemory) as error:
            if isinstance(error, OutOfMemory) or is_out_of_memory(error.__cause__):
                # What the stages remember lies on the device too; the next attempt needs the room.
                self._cache.clear()
                torch.cuda.empty_cache()
                raise OutOfMemory("The device has not enough memory for this picture.") from error
            if is_device_lost(error.__cause__):
                self._is_lost.set()
                log.exception("the device %s is lost", self._device)
                raise EngineDied(_DEVICE_LOST) from error
            raise
        except OSError as error:
            raise StageFailed("read") from error
