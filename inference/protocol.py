"""The door of `inference/`: what every engine can do, whichever process does it.

Importing this module loads no network library, so the web side may name these types.
"""

from dataclasses import dataclass
from typing import Protocol

from inference.enhance.request import EnhanceRequest
from inference.events import (
    CutoutFinished,
    EnhanceFinished,
    IsCancelled,
    OnEvent,
    RenderFinished,
)
from inference.inspect.findings import Inspection, InspectionRequest
from inference.requests import CorrectionRequest, CutoutRequest, RenderRequest
from inference.stage_cache import CacheStatus


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """Whether an engine takes requests now, and what it runs on.

    `device` is the device chosen ("cpu", "cuda:0") and empty while none is; `networks` names those
    that are loaded; `detail` says in one sentence why the engine is not ready, or is empty.
    `restarts` counts how often the engine process died and was started again.
    """

    is_ready: bool
    device: str
    networks: tuple[str, ...] = ()
    detail: str = ""
    restarts: int = 0
    stage_cache: CacheStatus | None = None


class Engine(Protocol):
    """Turns photos into cutouts and pictures. Every method may be called from any thread."""

    def render(
        self, request: RenderRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> RenderFinished:
        """Make one picture, telling `on_event` in the calling thread what happens.

        Raises:
            StyleUnknown, ParameterInvalid: the request asks for what no style can do.
            RenderCancelled: `is_cancelled` said yes; no event follows.
            InferenceError: any other member of the family.
        """
        ...

    def cut_out(
        self, request: CutoutRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """Find the product in one photo; events and errors as for `render`."""
        ...

    def correct(
        self, request: CorrectionRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """Apply a person's corrections to a cutout; events and errors as for `render`."""
        ...

    def enhance(
        self, request: EnhanceRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> EnhanceFinished:
        """Make another, better photo of a photo; events and errors as for `render`.

        Raises:
            NothingHelps: every step was refused; the message says why.
            WeightsMissing, WeightsCorrupt: a network that it takes is not installed.
            DeviceUnavailable: the network asked for needs a GPU and there is none.
        """
        ...

    def inspect(self, request: InspectionRequest) -> Inspection:
        """Run every automatic check on a finished picture; no events.

        Raises:
            WeightsMissing, WeightsCorrupt: a network of the inspection cannot be loaded.
            InferenceError: any other member of the family.
        """
        ...

    def health(self) -> EngineHealth:
        """What the engine is and whether it takes requests; answers at once."""
        ...

    def warm_up(self) -> None:
        """Load what the first request needs; returns when the engine is ready."""
        ...

    def close(self) -> None:
        """Give everything back. Requests under way fail; later ones are refused."""
        ...
