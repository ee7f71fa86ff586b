"""Dynamic batching: requests that come together run together, and a lone one never waits.

There is no thread of its own. Threads that wait for a result take turns at leading: the leader
takes the most urgent waiting items, runs them, and hands everyone theirs.

A batch leaves when it is full, when its oldest item has waited long enough, or at once when nobody
else is on the way. For the last rule a thread says that it is coming (`on_the_way`) before it
prepares its item.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from inference.errors import OutOfMemory, RenderCancelled
from inference.events import IsCancelled
from inference.requests import Priority

Item = TypeVar("Item")
Result = TypeVar("Result")

# How often a waiting thread asks whether its result is still wanted.
POLL_S = 0.05
_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


@dataclass(slots=True, eq=False)
class _Entry(Generic[Item]):
    """One item and, later, its result or its error."""

    item: Item
    rank: int
    number: int
    arrived: float
    is_done: bool = False
    is_answered: bool = False
    result: object = None
    error: Exception | None = None


@dataclass(slots=True, eq=False)
class Seat(Generic[Item, Result]):
    """One request's place: it says that an item is coming, and hands it in."""

    _batcher: "Batcher[Item, Result]"
    _priority: Priority
    _is_cancelled: IsCancelled
    _is_announced: bool = False

    def announce(self) -> None:
        """Say that an item is being prepared; saying it twice counts once."""
        if not self._is_announced:
            self._is_announced = True
            self._batcher._announce(1)

    def withdraw(self) -> None:
        """Say that none is coming after all."""
        if self._is_announced:
            self._is_announced = False
            self._batcher._announce(-1)

    def submit(self, item: Item) -> Result:
        """Hand an item in and wait for its result.

        Raises:
            RenderCancelled: nobody wants it any more, and it had not left yet.
            OutOfMemory: the device had no room even for this item alone, twice.
            Exception: whatever running this item alone raised.
        """
        was_announced, self._is_announced = self._is_announced, False
        return self._batcher._submit(item, self._priority, self._is_cancelled, was_announced)


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What a batcher has done so far: batches and items, and the largest batch."""

    batches: int = 0
    items: int = 0
    largest: int = 0


@dataclass(slots=True)
class _Figures:
    batches: int = 0
    items: int = 0
    largest: int = 0

    def add(self, size: int) -> None:
        self.batches += 1
        self.items += size
        self.largest = max(self.largest, size)


@dataclass(slots=True)
class _Queue(Generic[Item]):
    """What waits, under the batcher's lock."""

    waiting: list[_Entry[Item]] = field(default_factory=list)
    coming: int = 0
    running: int = 0
    submitted: int = 0


class Batcher(Generic[Item, Result]):
    """Runs items in batches for any number of threads.

    Args:
        run: takes 1..max_batch items and returns as many results, in their order; called by
            one thread at a time per lane.
        max_batch: a batch of so many leaves at once.
        max_wait_s: how long an item waits for others that are on the way.
        lanes: batches that may run at the same time.
        make_room: called after `OutOfMemory`, before a smaller batch is tried.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        max_batch: int,
        max_wait_s: float,
        lanes: int = 1,
        make_room: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._max_batch = max_batch
        self._max_wait_s = max_wait_s
        self._lanes = lanes
        self._make_room = make_room
        self._changed = threading.Condition()
        self._queue: _Queue[Item] = _Queue()
        self._figures = _Figures()

    @contextmanager
    def on_the_way(
        self,
        priority: Priority = Priority.INTERACTIVE,
        is_cancelled: IsCancelled = lambda: False,
    ) -> Iterator[Seat[Item, Result]]:
        """Announce an item for the block; without one by its end, nobody waits for it longer."""
        seat: Seat[Item, Result] = Seat(self, priority, is_cancelled)
        seat.announce()
        try:
            yield seat
        finally:
            seat.withdraw()

    def status(self) -> BatchStatus:
        """What has been run so far."""
        with self._changed:
            return BatchStatus(self._figures.batches, self._figures.items, self._figures.largest)

    def _announce(self, change: int) -> None:
        with self._changed:
            self._queue.coming += change
            if change < 0:
                self._changed.notify_all()

    def _submit(
        self, item: Item, priority: Priority, is_cancelled: IsCancelled, was_announced: bool
    ) -> Result:
        with self._changed:
            queue = self._queue
            queue.coming -= was_announced
            queue.submitted += 1
            entry = _Entry(item, _RANKS[priority], queue.submitted, time.monotonic())
            queue.waiting.append(entry)
            self._changed.notify_all()
        while not entry.is_done:
            if batch := self._wait_for_turn(entry, is_cancelled):
                self._lead(batch)
        if entry.error is not None:
            raise entry.error
        return cast("Result", entry.result)

    def _wait_for_turn(self, entry: _Entry[Item], is_cancelled: IsCancelled) -> list[_Entry[Item]]:
        """Wait until this item is done (nothing is returned) or a batch is this thread's to run."""
        ask_at = time.monotonic()
        while True:
            if time.monotonic() >= ask_at:
                # Not under the lock: the answer may come from a database.
                if is_cancelled() and self._leave(entry):
                    raise RenderCancelled("The render was cancelled.")
                ask_at = time.monotonic() + POLL_S
            with self._changed:
                if entry.is_done:
                    return []
                left_s = self._until_departure_s()
                if left_s <= 0:
                    return self._depart()
                self._changed.wait(min(left_s, POLL_S))

    def _leave(self, entry: _Entry[Item]) -> bool:
        """Take a waiting item back; False once it has left with a batch."""
        with self._changed:
            if entry not in self._queue.waiting:
                return False
            self._queue.waiting.remove(entry)
            self._changed.notify_all()
            return True

    def _until_departure_s(self) -> float:
        """How long until the next batch leaves; `POLL_S` where only others can change that."""
        queue = self._queue
        if not queue.waiting or queue.running >= self._lanes:
            return POLL_S
        if len(queue.waiting) >= self._max_batch or queue.coming == 0:
            return 0.0
        oldest = min(entry.arrived for entry in queue.waiting)
        return oldest + self._max_wait_s - time.monotonic()

    def _depart(self) -> list[_Entry[Item]]:
        queue = self._queue
        queue.waiting.sort(key=lambda entry: (entry.rank, entry.number))
        batch = queue.waiting[: self._max_batch]
        del queue.waiting[: self._max_batch]
        queue.running += 1
        self._figures.add(len(batch))
        return batch

    def _lead(self, batch: list[_Entry[Item]]) -> None:
        try:
            self._run_apart(batch, is_retry=False)
        finally:
            with self._changed:
                for entry in batch:
                    if not entry.is_answered:
                        entry.error = RuntimeError("the thread that ran this batch was stopped")
                    entry.is_done = True
                self._queue.running -= 1
                self._changed.notify_all()

    def _run_apart(self, batch: list[_Entry[Item]], *, is_retry: bool) -> None:
        """Run a batch; where it fails, run its halves, so that only the bad items fail."""
        try:
            results = self._run([entry.item for entry in batch])
            if len(results) != len(batch):
                raise ValueError(f"{len(batch)} items gave {len(results)} results")
        except Exception as error:  # noqa: BLE001 - handed to the threads that wait for it
            self._after_failure(batch, error, is_retry=is_retry)
            return
        for entry, result in zip(batch, results, strict=True):
            entry.result, entry.is_answered = result, True

    def _after_failure(
        self, batch: list[_Entry[Item]], error: Exception, *, is_retry: bool
    ) -> None:
        is_full = isinstance(error, OutOfMemory)
        if is_full:
            self._make_room()
        if len(batch) > 1:
            middle = len(batch) // 2
            self._run_apart(batch[:middle], is_retry=False)
            self._run_apart(batch[middle:], is_retry=False)
        elif is_full and not is_retry:
            self._run_apart(batch, is_retry=True)
        else:
            batch[0].error, batch[0].is_answered = error, True
