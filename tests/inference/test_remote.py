"""The engine in a child process: it dies, it is cancelled, it is busy, and nobody notices late."""

import hashlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import inference.errors
from inference.errors import (
    EngineDied,
    EngineOverloaded,
    InferenceError,
    ParameterInvalid,
    PhotoUnreadable,
    RenderCancelled,
    StageFailed,
)
from inference.events import CutoutFinished, Event, StageStarted
from inference.protocol import EngineHealth
from inference.remote import RemoteEngine
from inference.requests import CutoutRequest, PhotoSource, Priority
from inference.synthetic import synthetic_jpeg

FAKE = "inference.testing:FakeEngine"
TROUBLED = "tests.inference.troubled_engines"

Start = Callable[..., RemoteEngine]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts engines and closes them after the test."""
    engines: list[RemoteEngine] = []

    def begin(
        factory: str = FAKE,
        *,
        threads: int = 3,
        start_timeout_s: float = 20.0,
        most_waiting: int = 64,
        **options: object,
    ) -> RemoteEngine:
        engine = RemoteEngine(
            factory,
            options,
            threads=threads,
            start_timeout_s=start_timeout_s,
            most_waiting=most_waiting,
        )
        engines.append(engine)
        return engine

    yield begin
    for engine in engines:
        engine.close()


def photo_of_width(folder: Path, width: int) -> CutoutRequest:
    path = folder / f"{width}.jpg"
    path.write_bytes(synthetic_jpeg(width, 48))
    return CutoutRequest(PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest()))


@pytest.fixture
def request_of_64(tmp_path: Path) -> CutoutRequest:
    return photo_of_width(tmp_path, 64)


def cut_out(engine: RemoteEngine, request: CutoutRequest) -> CutoutFinished:
    return engine.cut_out(request, on_event=lambda _: None, is_cancelled=lambda: False)


def is_running(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody collects does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def kill_while_in_a_stage(engine: RemoteEngine, request: CutoutRequest) -> float:
    """Kill the child in the request's first stage; return the seconds until the error came."""
    killed_at = 0.0

    def on_event(_: Event) -> None:
        nonlocal killed_at
        killed_at = time.perf_counter()
        os.kill(engine.process_id or 0, signal.SIGKILL)

    with pytest.raises(EngineDied):
        engine.cut_out(request, on_event=on_event, is_cancelled=lambda: False)
    return time.perf_counter() - killed_at


# --- death ------------------------------------------------------------------------------------


def test_a_killed_child_fails_its_request_at_once_and_the_next_request_works(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(stage_delay_s=0.3)
    engine.warm_up()
    first_pid = engine.process_id
    assert kill_while_in_a_stage(engine, request_of_64) < 0.25

    assert cut_out(engine, request_of_64).width == 64
    assert engine.process_id != first_pid
    assert engine.health().restarts == 1


def test_health_is_not_ready_between_the_death_and_the_next_life(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(stage_delay_s=0.3)
    engine.warm_up()
    assert engine.health().is_ready
    kill_while_in_a_stage(engine, request_of_64)
    assert not engine.health().is_ready
    assert wait_until(lambda: engine.health().is_ready)


def test_every_request_that_the_child_held_learns_of_its_death(
    start: Start, tmp_path: Path
) -> None:
    engine = start(stage_delay_s=0.5, threads=2)
    engine.warm_up()
    requests = [photo_of_width(tmp_path, 60 + number) for number in range(5)]
    with ThreadPoolExecutor(5) as pool:
        futures = [pool.submit(cut_out, engine, request) for request in requests]
        time.sleep(0.2)
        os.kill(engine.process_id or 0, signal.SIGKILL)
        errors = [future.exception(timeout=1) for future in futures]
    assert [type(error) for error in errors] == [EngineDied] * 5
    assert len({id(error) for error in errors}) == 5


def test_the_child_does_not_outlive_a_parent_killed_by_force() -> None:
    code = (
        "import sys, time\n"
        "from inference.remote import RemoteEngine\n"
        f"engine = RemoteEngine({FAKE!r})\n"
        "engine.warm_up()\n"
        "sys.stdout.write(f'{engine.process_id}\\n')\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as parent:
        assert parent.stdout is not None
        child_pid = int(parent.stdout.readline())
        assert is_running(child_pid)
        parent.kill()
    assert wait_until(lambda: not is_running(child_pid), timeout_s=2)


def test_the_child_ignores_the_terminals_interrupt(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start()
    engine.warm_up()
    pid = engine.process_id or 0
    os.kill(pid, signal.SIGINT)
    assert cut_out(engine, request_of_64).width == 64
    assert engine.process_id == pid


def test_a_start_that_cannot_succeed_is_said_to_the_first_who_asks(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(f"{TROUBLED}:RefusesToStart")
    with pytest.raises(inference.errors.WeightsMissing, match="command that fetches"):
        cut_out(engine, request_of_64)
    health = engine.health()
    assert not health.is_ready
    assert health.detail == "Run the command that fetches them."


def test_a_child_that_keeps_dying_at_start_is_started_ever_less_often(start: Start) -> None:
    engine = start("no.such.module:Engine")
    assert wait_until(lambda: engine.health().restarts >= 2)
    seen_at = time.monotonic()
    assert wait_until(lambda: engine.health().restarts >= 3)
    # 0.2 s, then 0.4 s, then 0.8 s: the third wait, plus the time Python needs to start.
    assert time.monotonic() - seen_at > 0.35


def test_a_request_waits_for_a_starting_engine_only_so_long(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(start_timeout_s=0.2, start_delay_s=30.0)
    with pytest.raises(EngineOverloaded, match="not ready"):
        cut_out(engine, request_of_64)
    assert engine.health() == EngineHealth(
        is_ready=False, device="", detail="The engine is starting."
    )


def test_close_ends_the_child_and_refuses_what_comes_later(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start()
    engine.warm_up()
    pid = engine.process_id or 0
    began = time.perf_counter()
    engine.close()
    assert time.perf_counter() - began < 2
    assert not is_running(pid)
    assert engine.health().detail == "The engine is closed."
    with pytest.raises(EngineOverloaded, match="closed"):
        cut_out(engine, request_of_64)


def test_close_kills_a_child_that_does_not_end(start: Start) -> None:
    engine = start(f"{TROUBLED}:NeverStopsClosing", returns_a_lock=False)
    engine.warm_up()
    pid = engine.process_id or 0
    began = time.perf_counter()
    engine.close()
    assert 1.9 < time.perf_counter() - began < 4
    assert not is_running(pid)


# --- cancellation -----------------------------------------------------------------------------


def test_a_cancelled_request_returns_while_its_stage_still_runs(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(stage_delay_s=1.0)
    engine.warm_up()
    events: list[Event] = []
    began = time.perf_counter()
    with pytest.raises(RenderCancelled):
        engine.cut_out(
            request_of_64,
            on_event=events.append,
            is_cancelled=lambda: time.perf_counter() - began > 0.2,
        )
    assert time.perf_counter() - began < 0.6
    assert [type(event) for event in events] == [StageStarted]


def test_the_child_stops_working_for_a_cancelled_request(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(stage_delay_s=0.3, threads=1)
    engine.warm_up()
    heard = threading.Event()
    with pytest.raises(RenderCancelled):
        engine.cut_out(request_of_64, on_event=lambda _: heard.set(), is_cancelled=heard.is_set)
    # One thread and five stages of 0.3 s: only a child that stopped early can finish so soon.
    began = time.perf_counter()
    cut_out(engine, request_of_64)
    assert time.perf_counter() - began < 2 * 5 * 0.3 - 0.3


def test_an_event_handler_that_fails_ends_its_request_only(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start()

    def on_event(_: Event) -> None:
        raise KeyError("the caller's own fault")

    with pytest.raises(KeyError):
        engine.cut_out(request_of_64, on_event=on_event, is_cancelled=lambda: False)
    assert cut_out(engine, request_of_64).width == 64


# --- many at once -----------------------------------------------------------------------------


def test_concurrent_requests_are_never_mixed(start: Start, tmp_path: Path) -> None:
    engine = start(stage_delay_s=0.002, threads=4)
    engine.warm_up()
    requests = {width: photo_of_width(tmp_path, width) for width in range(40, 64)}

    def ask(width: int) -> tuple[int, list[int], list[int]]:
        events: list[Event] = []
        threads: set[int] = set()

        def on_event(event: Event) -> None:
            events.append(event)
            threads.add(threading.get_ident())

        result = engine.cut_out(requests[width], on_event=on_event, is_cancelled=lambda: False)
        assert events[-1] is result
        assert threads == {threading.get_ident()}
        return result.width, [event.seq for event in events], [result.measurements.width]

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, requests))
    assert [width for width, _, _ in answers] == list(requests)
    assert all(seqs == [1, 2, 3, 4, 5, 6, 7] for _, seqs, _ in answers)


def test_an_interactive_request_overtakes_a_waiting_bulk_request(
    start: Start, tmp_path: Path
) -> None:
    engine = start(stage_delay_s=0.05, threads=1)
    engine.warm_up()
    order: list[str] = []

    def ask(name: str, priority: Priority) -> None:
        photo = photo_of_width(tmp_path, 50 + len(name)).photo
        cut_out(engine, CutoutRequest(photo, priority=priority))
        order.append(name)

    with ThreadPoolExecutor(3) as pool:
        pool.submit(ask, "running", Priority.BULK)
        time.sleep(0.08)
        pool.submit(ask, "bulk", Priority.BULK)
        time.sleep(0.02)
        pool.submit(ask, "interactive", Priority.INTERACTIVE)
    assert order == ["running", "interactive", "bulk"]


def test_more_requests_than_may_wait_are_refused(start: Start, tmp_path: Path) -> None:
    engine = start(stage_delay_s=0.1, threads=1, most_waiting=2)
    engine.warm_up()
    requests = [photo_of_width(tmp_path, 60 + number) for number in range(3)]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(cut_out, engine, request) for request in requests[:2]]
        time.sleep(0.1)
        with pytest.raises(EngineOverloaded, match="waiting"):
            cut_out(engine, requests[2])
        assert [future.result(5).width for future in futures] == [60, 61]


# --- errors across the pipe -------------------------------------------------------------------


def family(root: type[InferenceError] = InferenceError) -> list[type[InferenceError]]:
    children = [cls for cls in root.__subclasses__() if cls.__module__ == "inference.errors"]
    return [root, *(cls for child in children for cls in family(child))]


def example_of(cls: type[InferenceError]) -> InferenceError:
    if cls is ParameterInvalid:
        return ParameterInvalid("light", "Light goes from 0 to 1.")
    if cls is StageFailed:
        return StageFailed("compose")
    return cls("A sentence for a seller.")


@pytest.mark.parametrize("cls", family(), ids=lambda cls: cls.__name__)
def test_every_error_of_the_family_survives_pickling(cls: type[InferenceError]) -> None:
    error = example_of(cls)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is cls
    assert (str(copy), vars(copy), copy.code) == (str(error), vars(error), error.code)


def test_the_family_has_as_many_errors_as_the_module_defines() -> None:
    defined = [
        name
        for name, value in vars(inference.errors).items()
        if isinstance(value, type) and issubclass(value, InferenceError)
    ]
    assert len(family()) == len(defined) >= 16


def test_an_error_of_the_family_arrives_as_itself(
    start: Start, request_of_64: CutoutRequest, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    with pytest.raises(PhotoUnreadable):
        cut_out(start(), CutoutRequest(PhotoSource(broken, "0" * 64)))


def test_an_unexpected_error_becomes_stage_failed_and_tells_no_secret(
    start: Start, request_of_64: CutoutRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = start(f"{TROUBLED}:BreaksOutsideOfStages", returns_a_lock=False)
    with pytest.raises(StageFailed) as caught:
        cut_out(engine, request_of_64)
    assert "/srv/photos" not in str(caught.value)
    engine.close()
    assert "ZeroDivisionError: a secret path" in capfd.readouterr().err


def test_an_answer_that_cannot_be_pickled_fails_its_request_and_no_thread_is_lost(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(f"{TROUBLED}:BreaksOutsideOfStages", threads=1, returns_a_lock=True)
    for _ in range(2):
        with pytest.raises(StageFailed):
            cut_out(engine, request_of_64)


def test_an_answer_that_cannot_be_read_costs_the_child_its_life_and_no_more(
    start: Start, request_of_64: CutoutRequest
) -> None:
    engine = start(f"{TROUBLED}:AnswersUnreadably", returns_a_lock=False)
    for _ in range(2):
        with pytest.raises(EngineDied):
            cut_out(engine, request_of_64)


def test_the_parent_side_loads_no_network_library() -> None:
    code = (
        "import sys, inference, inference.remote\n"
        "heavy = {'torch', 'onnxruntime', 'numpy', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path.cwd())


def test_an_engine_that_lost_its_device_is_started_again(start: Start, tmp_path: Path) -> None:
    engine = start(f"{TROUBLED}:LosesItsDevice", returns_a_lock=False)
    engine.warm_up()
    first = engine.process_id
    with pytest.raises(EngineDied, match="stopped"):
        engine.cut_out(
            photo_of_width(tmp_path, 64), on_event=lambda _: None, is_cancelled=lambda: False
        )
    assert wait_until(lambda: engine.health().restarts == 1 and engine.health().is_ready)
    assert engine.process_id != first
