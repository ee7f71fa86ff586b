"""One request under way: it numbers events, times stages and asks for cancellation between them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from inference.errors import InferenceError, OutOfMemory, RenderCancelled, StageFailed
from inference.events import EncodedImage, Event, IsCancelled, OnEvent, PreviewReady, StageStarted
from inference.requests import Tier


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A step that a plan will take: which tier it belongs to, what the seller reads, what it costs.

    `weight_ms` is the step's usual time, measured on two CPU cores; only the ratios matter.
    """

    name: str
    tier: Tier
    label: str
    weight_ms: float


class Run:
    """Walks a plan's stages in order and tells the caller what happens.

    A stage must be entered in the planned order; entering one that is not next is a programming
    error.
    """

    def __init__(
        self, plan: Sequence[PlannedStage], *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> None:
        self._plan = tuple(plan)
        self._on_event = on_event
        self._is_cancelled = is_cancelled
        self._started = time.perf_counter()
        self._seq = 0
        self._next = 0
        self.timings_ms: dict[str, float] = {}

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000

    def next_seq(self) -> int:
        """The number of the event about to be sent, from 1."""
        self._seq += 1
        return self._seq

    def check_cancelled(self) -> None:
        """Raise `RenderCancelled` when the caller no longer wants the picture."""
        if self._is_cancelled():
            raise RenderCancelled("The render was cancelled.")

    @contextmanager
    def stage(self, name: str, tier: Tier) -> Iterator[None]:
        """Run the body as the next planned stage.

        Raises:
            RenderCancelled: asked before the stage began.
            StageFailed: the body raised something that is not an `InferenceError`.
        """
        self.check_cancelled()
        position = self._take(name, tier)
        planned = self._plan[position]
        peers = [index for index, other in enumerate(self._plan) if other.tier == tier]
        total_ms = sum(other.weight_ms for other in self._plan) or 1.0
        behind_ms = sum(other.weight_ms for other in self._plan[:position])
        self._on_event(
            StageStarted(
                seq=self.next_seq(),
                tier=tier,
                elapsed_ms=self.elapsed_ms,
                stage=name,
                label=planned.label,
                index=peers.index(position) + 1,
                total=len(peers),
                share_done=behind_ms / total_ms,
            )
        )
        started = time.perf_counter()
        try:
            yield
        except InferenceError:
            raise
        except MemoryError as error:
            raise OutOfMemory("There was not enough memory for this picture.") from error
        except Exception as error:
            raise StageFailed(name) from error
        key = f"{tier.name.lower()}.{name}"
        self.timings_ms[key] = (time.perf_counter() - started) * 1000

    def preview(self, tier: Tier, image: EncodedImage) -> None:
        """Send a picture worth looking at."""
        self.check_cancelled()
        self.send(
            PreviewReady(seq=self.next_seq(), tier=tier, elapsed_ms=self.elapsed_ms, image=image)
        )

    def send(self, event: Event) -> None:
        """Hand any event to the caller."""
        self._on_event(event)

    def _take(self, name: str, tier: Tier) -> int:
        planned = self._plan[self._next]
        if (planned.name, planned.tier) != (name, tier):
            message = f"stage {name} of {tier.name} is not next; {planned.name} is"
            raise AssertionError(message)
        self._next += 1
        return self._next - 1
