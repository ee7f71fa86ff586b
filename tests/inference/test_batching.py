"""The batcher: nothing lost, nothing doubled, nothing mixed, nobody waits for nothing."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.batching import Batcher
from inference.errors import OutOfMemory, RenderCancelled
from inference.requests import Priority

# No test waits so long; a batcher that waits for it hangs the test visibly.
FOREVER_S = 30.0


class Recorder:
    """Answers `item * 2`, remembers every batch, and can be held at a gate."""

    def __init__(self, room: int = 1000, bad: frozenset[int] = frozenset()) -> None:
        self.batches: list[list[int]] = []
        self.room = room
        self.bad = bad
        self.gate = threading.Event()
        self.gate.set()
        self.has_begun = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.has_begun.set()
        assert self.gate.wait(5)
        if len(items) > self.room:
            raise OutOfMemory(f"{len(items)} do not fit")
        if self.bad & set(items):
            raise ValueError(f"bad: {sorted(self.bad & set(items))}")
        return [item * 2 for item in items]


def ask(batcher: Batcher[int, int], item: int, priority: Priority = Priority.INTERACTIVE) -> int:
    with batcher.on_the_way(priority) as seat:
        return seat.submit(item)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def held(batcher: Batcher[int, int], run: Recorder, pool: ThreadPoolExecutor) -> None:
    """Keep the device busy with item 0, so that whatever comes next waits together."""
    run.gate.clear()
    pool.submit(ask, batcher, 0)
    assert run.has_begun.wait(5)


@settings(max_examples=30, deadline=None)
@given(
    items=st.lists(st.integers(0, 10_000), min_size=1, max_size=24, unique=True),
    max_batch=st.integers(1, 7),
    lanes=st.integers(1, 3),
    wait_ms=st.integers(0, 3),
    bad_share=st.integers(2, 30),
)
def test_every_item_gets_its_own_result_once(
    items: list[int], max_batch: int, lanes: int, wait_ms: int, bad_share: int
) -> None:
    bad = frozenset(item for item in items if item % bad_share == 1)
    run = Recorder(room=max(1, max_batch - 1), bad=bad)
    batcher: Batcher[int, int] = Batcher(
        run, max_batch=max_batch, max_wait_s=wait_ms / 1000, lanes=lanes
    )
    with ThreadPoolExecutor(len(items)) as pool:
        asked = {item: pool.submit(ask, batcher, item) for item in items}
        for item, future in asked.items():
            if item in bad:
                with pytest.raises(ValueError, match=rf"bad: \[{item}\]"):
                    future.result(5)
            else:
                assert future.result(5) == item * 2
    assert all(1 <= len(batch) <= max_batch for batch in run.batches)
    status = batcher.status()
    assert status.items == len(items)
    assert status.largest <= max_batch


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Priority)), st.integers(1, 1000)),
        min_size=2,
        max_size=12,
        unique_by=lambda one: one[1],
    )
)
def test_the_most_urgent_leave_first_and_equals_in_the_order_they_came(
    wishes: list[tuple[Priority, int]],
) -> None:
    run = Recorder()
    batcher: Batcher[int, int] = Batcher(run, max_batch=2, max_wait_s=FOREVER_S)
    with ThreadPoolExecutor(len(wishes) + 1) as pool:
        held(batcher, run, pool)
        for number, (priority, item) in enumerate(wishes, start=1):
            pool.submit(ask, batcher, item, priority)
            wait_until(lambda: len(batcher._queue.waiting) == number)  # noqa: B023
        run.gate.set()
    ranks = list(Priority)
    wanted = [item for _, item in sorted(wishes, key=lambda wish: ranks.index(wish[0]))]
    assert [item for batch in run.batches[1:] for item in batch] == wanted


def test_a_lone_item_does_not_wait() -> None:
    batcher: Batcher[int, int] = Batcher(Recorder(), max_batch=8, max_wait_s=FOREVER_S)
    started = time.monotonic()
    assert ask(batcher, 4) == 8
    assert time.monotonic() - started < FOREVER_S / 10


def test_those_who_announced_themselves_are_waited_for_and_leave_together() -> None:
    run = Recorder()
    batcher: Batcher[int, int] = Batcher(run, max_batch=8, max_wait_s=FOREVER_S)
    with ThreadPoolExecutor(3) as pool, ExitStack() as announced:
        seats = [announced.enter_context(batcher.on_the_way()) for _ in range(3)]
        early = [pool.submit(seat.submit, item) for item, seat in enumerate(seats[:2], start=1)]
        wait_until(lambda: len(batcher._queue.waiting) == 2)
        assert run.batches == []
        assert seats[2].submit(3) == 6
        assert [future.result(5) for future in early] == [2, 4]
    assert [sorted(batch) for batch in run.batches] == [[1, 2, 3]]


def test_a_full_batch_leaves_although_others_are_on_the_way() -> None:
    run = Recorder()
    batcher: Batcher[int, int] = Batcher(run, max_batch=2, max_wait_s=FOREVER_S)
    with ThreadPoolExecutor(2) as pool, batcher.on_the_way():
        assert sorted(pool.map(lambda item: ask(batcher, item), [1, 2])) == [2, 4]
    assert [sorted(batch) for batch in run.batches] == [[1, 2]]


def test_who_turns_back_is_no_longer_waited_for() -> None:
    run = Recorder()
    batcher: Batcher[int, int] = Batcher(run, max_batch=8, max_wait_s=FOREVER_S)
    with ThreadPoolExecutor(1) as pool:
        with batcher.on_the_way() as other:
            future = pool.submit(ask, batcher, 5)
            wait_until(lambda: len(batcher._queue.waiting) == 1)
            other.withdraw()
            assert future.result(5) == 10
        assert batcher._queue.coming == 0


def test_nobody_waits_longer_than_the_limit_for_someone_who_never_comes() -> None:
    batcher: Batcher[int, int] = Batcher(Recorder(), max_batch=8, max_wait_s=0.05)
    with batcher.on_the_way():
        started = time.monotonic()
        assert ask(batcher, 6) == 12
        assert 0.04 <= time.monotonic() - started < 5


def test_a_second_look_announces_itself_again() -> None:
    batcher: Batcher[int, int] = Batcher(Recorder(), max_batch=8, max_wait_s=FOREVER_S)
    with batcher.on_the_way() as seat:
        assert seat.submit(1) == 2
        assert batcher._queue.coming == 0
        seat.announce()
        seat.announce()
        assert batcher._queue.coming == 1
        assert seat.submit(2) == 4
    assert batcher._queue.coming == 0


def test_one_bad_item_fails_alone() -> None:
    run = Recorder(bad=frozenset({3}))
    batcher: Batcher[int, int] = Batcher(run, max_batch=8, max_wait_s=FOREVER_S)
    with ThreadPoolExecutor(7) as pool:
        held(batcher, run, pool)
        futures = {item: pool.submit(ask, batcher, item) for item in range(1, 7)}
        wait_until(lambda: len(batcher._queue.waiting) == 6)
        run.gate.set()
        with pytest.raises(ValueError, match=r"bad: \[3\]"):
            futures.pop(3).result(5)
        assert {item: future.result(5) for item, future in futures.items()} == {
            item: item * 2 for item in futures
        }


def test_a_batch_that_does_not_fit_is_split_after_room_was_made() -> None:
    run, relieved = Recorder(room=2), []
    batcher: Batcher[int, int] = Batcher(
        run, max_batch=8, max_wait_s=FOREVER_S, make_room=lambda: relieved.append(True)
    )
    with ThreadPoolExecutor(5) as pool:
        held(batcher, run, pool)
        futures = [pool.submit(ask, batcher, item) for item in range(1, 5)]
        wait_until(lambda: len(batcher._queue.waiting) == 4)
        run.gate.set()
        assert [future.result(5) for future in futures] == [2, 4, 6, 8]
    assert [len(batch) for batch in run.batches] == [1, 4, 2, 2]
    assert relieved == [True]


def test_an_item_that_never_fits_is_tried_twice_and_fails_with_its_reason() -> None:
    run = Recorder(room=0)
    batcher: Batcher[int, int] = Batcher(run, max_batch=8, max_wait_s=FOREVER_S)
    with pytest.raises(OutOfMemory, match="1 do not fit"):
        ask(batcher, 7)
    assert run.batches == [[7], [7]]
    run.room = 1
    assert ask(batcher, 8) == 16  # the batcher itself is none the worse


def test_a_cancelled_item_leaves_the_queue_and_the_others_stay() -> None:
    run, is_cancelled = Recorder(), threading.Event()
    batcher: Batcher[int, int] = Batcher(run, max_batch=8, max_wait_s=FOREVER_S)

    def ask_and_give_up() -> int:
        with batcher.on_the_way(Priority.INTERACTIVE, is_cancelled.is_set) as seat:
            return seat.submit(1)

    with ThreadPoolExecutor(3) as pool:
        held(batcher, run, pool)
        unwanted, wanted = pool.submit(ask_and_give_up), pool.submit(ask, batcher, 2)
        wait_until(lambda: len(batcher._queue.waiting) == 2)
        is_cancelled.set()
        with pytest.raises(RenderCancelled):
            unwanted.result(5)
        run.gate.set()
        assert wanted.result(5) == 4
    assert run.batches == [[0], [2]]


def test_a_run_that_returns_too_few_results_fails_instead_of_mixing_them() -> None:
    batcher: Batcher[int, int] = Batcher(lambda _: [], max_batch=2, max_wait_s=0)
    with pytest.raises(ValueError, match="1 items gave 0 results"):
        ask(batcher, 1)


def test_when_the_leading_thread_is_stopped_the_others_hear_of_it() -> None:
    class Stopped(BaseException):
        pass

    def run(items: Sequence[int]) -> list[int]:
        raise Stopped

    batcher: Batcher[int, int] = Batcher(run, max_batch=2, max_wait_s=FOREVER_S)
    outcomes: list[str] = []

    def ask_and_note(item: int) -> None:
        try:
            ask(batcher, item)
        except BaseException as error:
            outcomes.append(type(error).__name__)
            if not isinstance(error, Stopped | RuntimeError):
                raise

    with batcher.on_the_way(), ThreadPoolExecutor(2) as pool:
        list(pool.map(ask_and_note, [1, 2]))
    assert sorted(outcomes) == ["RuntimeError", "Stopped"]
