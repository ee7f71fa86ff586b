"""Sessions run where they were told to, on any batch, and leave memory in order."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import onnxruntime as ort
import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from inference.errors import DeviceUnavailable, OutOfMemory
from inference.networks.segmenter import NetworkSegmenter
from inference.sessions.device_errors import is_device_lost, is_out_of_memory
from inference.sessions.device_thread import DeviceThread
from inference.sessions.onnx_graph import with_dynamic_batch
from inference.sessions.onnx_session import OnnxSession
from inference.sessions.pool import SessionPool, resolve_device


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + _varint(value >> 7)


def _field(number: int, body: bytes | int) -> bytes:
    if isinstance(body, int):
        return _varint(number << 3) + _varint(body)
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _value(name: bytes, dimensions: tuple[int, ...]) -> bytes:
    shape = b"".join(_field(1, _field(1, dimension)) for dimension in dimensions)
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, shape)))


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """A network of one node, y = relu(x), with the batch fixed to one as exporters leave it."""
    node = _field(1, b"x") + _field(2, b"y") + _field(4, b"Relu")
    graph = (
        _field(1, node)
        + _field(2, b"tiny")
        + _field(11, _value(b"x", (1, 3, 4, 4)))
        + _field(12, _value(b"y", (1, 3, 4, 4)))
    )
    path = tmp_path / "tiny.onnx"
    path.write_bytes(_field(1, 6) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 11)))
    return path


def test_a_network_exported_for_one_runs_on_many(tiny_model: Path) -> None:
    with pytest.raises(InvalidArgument):  # as it was exported
        ort.InferenceSession(tiny_model, providers=["CPUExecutionProvider"]).run(
            None, {"x": np.zeros((5, 3, 4, 4), np.float32)}
        )
    session = OnnxSession(tiny_model, threads=1)
    batch = np.random.default_rng(0).normal(size=(5, 3, 4, 4)).astype(np.float32)
    np.testing.assert_array_equal(session.run(batch), np.maximum(batch, 0))
    assert session.input_size == (4, 4)
    assert session.device == "cpu"


def test_the_real_network_gives_each_picture_of_a_batch_its_own_matte(
    segmenter: NetworkSegmenter,
) -> None:
    batch = torch.rand((2, 3, 576, 576), generator=torch.Generator().manual_seed(1))
    together = segmenter._session.run_tensor(batch)
    alone = torch.cat([segmenter._session.run_tensor(one[None]) for one in batch])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=0)


def test_a_file_that_is_no_network_is_not_edited() -> None:
    with pytest.raises(ValueError, match="not an ONNX file"):
        with_dynamic_batch(b"\xff" * 30)


def test_a_network_of_one_size_is_not_loaded_for_another(tiny_model: Path) -> None:
    assert OnnxSession(tiny_model, size=(4, 4)).input_size == (4, 4)
    with pytest.raises(ValueError, match="4 × 4"):
        OnnxSession(tiny_model, size=(8, 8))


def test_the_finer_look_is_the_same_network_with_more_pixels(segmenter: NetworkSegmenter) -> None:
    picture = np.full((400, 400, 3), 235, dtype=np.uint8)
    y, x = np.mgrid[:400, :400]
    picture[np.hypot(x - 200, y - 200) < 120] = (150, 40, 30)
    with segmenter.on_the_way() as looking:
        finer = looking.finer()
        assert finer is not None
        assert finer.input_side_px > looking.input_side_px
        coarse, fine = looking.coarse_alpha(picture) > 0.5, finer.coarse_alpha(picture) > 0.5
    assert (coarse & fine).sum() / (coarse | fine).sum() > 0.97


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.filterwarnings("ignore")  # the runtime itself warns; we raise
def test_asking_for_a_gpu_that_is_not_there_is_an_error_not_a_cpu_run(tiny_model: Path) -> None:
    with pytest.raises(DeviceUnavailable):
        OnnxSession(tiny_model, device="cuda:0")
    with pytest.raises(DeviceUnavailable, match="0 GPUs"):
        resolve_device("cuda")


@pytest.mark.parametrize("device", ["tpu", "cuda:one", ""])
def test_unknown_devices_are_refused(tiny_model: Path, device: str) -> None:
    with pytest.raises(DeviceUnavailable, match="no device called"):
        resolve_device(device)
    with pytest.raises(DeviceUnavailable, match="no device called"):
        OnnxSession(tiny_model, device=device)


def test_auto_says_what_it_took(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        taken = resolve_device("auto")
    assert taken in ("cpu", "cuda:0")
    assert f"taking {taken}" in caplog.text


@dataclass
class Loaded:
    name: str
    memory_bytes: int = 40


def test_the_pool_loads_once_and_the_least_recently_used_leaves() -> None:
    loads: list[str] = []

    def load(name: str) -> Loaded:
        loads.append(name)
        return Loaded(name)

    pool = SessionPool(load, budget_bytes=100)
    first = pool.get("a")
    pool.get("b")
    assert pool.get("a") is first
    pool.get("c")  # 120 bytes: b was not used for longest
    assert pool.loaded() == ("a", "c")
    pool.get("b")
    assert loads == ["a", "b", "c", "b"]


def test_a_network_larger_than_the_budget_still_runs_alone() -> None:
    pool = SessionPool(lambda name: Loaded(name, 500), budget_bytes=100)
    pool.get("a")
    pool.get("b")
    assert pool.loaded() == ("b",)


def test_threads_that_want_the_same_network_share_one_load() -> None:
    loads: list[str] = []
    is_loading, may_finish = threading.Event(), threading.Event()

    def load(name: str) -> Loaded:
        loads.append(name)
        is_loading.set()
        assert may_finish.wait(5)
        return Loaded(name)

    pool = SessionPool(load, budget_bytes=100)
    threads = [threading.Thread(target=pool.get, args=("a",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert is_loading.wait(5)
    may_finish.set()
    for thread in threads:
        thread.join(5)
    assert loads == ["a"]


def test_a_load_that_failed_is_tried_again() -> None:
    outcomes = [DeviceUnavailable("gone"), None]

    def load(name: str) -> Loaded:
        if (error := outcomes.pop(0)) is not None:
            raise error
        return Loaded(name)

    pool = SessionPool(load, budget_bytes=100)
    with pytest.raises(DeviceUnavailable):
        pool.get("a")
    assert pool.get("a").name == "a"


class NotesThreads(OnnxSession):
    """A session that notes on which thread it is loaded, captured and run."""

    def __init__(self, path: Path, **options: Any) -> None:  # as OnnxSession's
        self.threads: list[tuple[str, int]] = []
        super().__init__(path, **options)

    def _note(self, what: str) -> None:
        self.threads.append((what, threading.get_ident()))

    def _loaded(self, name: str) -> ort.InferenceSession:
        self._note("load")
        return super()._loaded(name)

    def _run_each(self, *, capture: bool) -> None:
        self._note("capture" if capture else "warm up")
        if not capture:
            super()._run_each(capture=False)

    def _run_on_cpu(self, batch: torch.Tensor) -> torch.Tensor:
        self._note("run")
        return super()._run_on_cpu(batch)


def test_a_session_with_a_thread_of_its_own_does_everything_there(tiny_model: Path) -> None:
    session = NotesThreads(tiny_model, threads=1, thread=DeviceThread("device"))
    session._uses_graphs = True
    session.warm_up()
    inputs = [torch.full((1, 3, 4, 4), float(number)) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        outputs = list(pool.map(session.run_tensor, inputs))
    for one, other in zip(inputs, outputs, strict=True):
        torch.testing.assert_close(one, other)
    assert {what for what, _ in session.threads} == {"load", "capture", "warm up", "run"}
    (thread,) = {thread for _, thread in session.threads}
    assert thread != threading.get_ident()


def test_without_one_each_caller_runs_the_session_itself(tiny_model: Path) -> None:
    session = NotesThreads(tiny_model, threads=1)
    session.run_tensor(torch.zeros(1, 3, 4, 4))
    assert session.threads[-1] == ("run", threading.get_ident())


def test_what_fails_on_the_devices_thread_is_raised_to_the_caller_and_the_thread_goes_on() -> None:
    thread = DeviceThread("device")

    def fail() -> NoReturn:
        raise OutOfMemory("There was not enough memory for this picture.")

    with pytest.raises(OutOfMemory):
        thread.call(fail)
    assert thread.call(threading.current_thread).name.startswith("device")
    assert thread.call(torch.is_inference_mode_enabled)
    assert not torch.is_inference_mode_enabled()


def test_a_devices_thread_ends_with_its_session(tiny_model: Path) -> None:
    session = OnnxSession(tiny_model, threads=1, thread=DeviceThread("short-lived"))
    (thread,) = (one for one in threading.enumerate() if one.name.startswith("short-lived"))
    del session
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_a_session_of_one_size_takes_the_pictures_of_a_batch_one_by_one(tiny_model: Path) -> None:
    session = NotesThreads(tiny_model, threads=1, size=(4, 4))
    batch = torch.rand(3, 3, 4, 4)
    torch.testing.assert_close(session.run_tensor(batch), batch)
    assert [what for what, _ in session.threads] == ["load", "run", "run", "run"]


class Cramped(OnnxSession):
    """A session whose device has room for no more than four pictures at once."""

    def _run_parts(self, batch: torch.Tensor) -> torch.Tensor:
        if len(batch) > 4:
            raise OutOfMemory("There was not enough memory for this picture.")
        return super()._run_parts(batch)


def test_batches_for_which_there_is_no_memory_are_given_up(
    tiny_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = Cramped(tiny_model, threads=1)
    session.buckets = (1, 2, 4, 8, 16)
    session.warm_up()
    assert list(session.buckets) == [1, 2, 4]
    assert session.max_batch == 4
    assert "no memory on cpu for batches above 4" in caplog.text
    session.buckets = (8, 16)
    with pytest.raises(OutOfMemory):
        session.warm_up()


class NeverCaptures(OnnxSession):
    """A session whose device refuses to capture a graph."""

    def _capture(self, size: int) -> NoReturn:
        raise RuntimeError("operation not permitted when stream is capturing")


def test_a_graph_that_cannot_be_captured_costs_time_not_the_engine(
    tiny_model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = NeverCaptures(tiny_model, threads=1)
    session._uses_graphs = True
    session.warm_up()
    assert session.graphs == ()
    assert "no CUDA graphs on cpu" in caplog.text
    assert session.run(np.full((1, 3, 4, 4), 2.0, np.float32)).max() == 2.0


@pytest.mark.parametrize(
    ("error", "is_full", "is_lost"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True, False),
        (RuntimeError("CUDA failure 2: out of memory"), True, False),
        (RuntimeError("CUDNN_STATUS_ALLOC_FAILED"), True, False),
        (MemoryError(), True, False),
        (RuntimeError("CUDA error: unspecified launch failure"), False, True),
        (RuntimeError("CUDNN failure 8: EXECUTION_FAILED"), False, True),
        (ValueError("shapes differ"), False, False),
        (None, False, False),
    ],
)
def test_errors_of_a_device_are_told_apart(
    error: BaseException | None, is_full: bool, is_lost: bool
) -> None:
    assert is_out_of_memory(error) is is_full
    assert is_device_lost(error) is is_lost
