"""How fast a network alone is, by batch size, without decoding and refining. Loads torch."""

import time
from dataclasses import dataclass

import torch

from inference.bench.timing import percentile
from inference.networks.segmenter import RECIPES
from inference.networks.weights import installed_path
from inference.sessions.onnx_session import OnnxSession

BATCH_SIZES = (1, 4, 8, 16)
_SHORTEST_RUNS = 3
_LONGEST_S = 3.0


@dataclass(frozen=True, slots=True)
class NetworkSpeed:
    """One network at one batch size; `graph` says whether a CUDA graph was replayed."""

    network: str
    batch: int
    p50_ms: float
    pictures_per_s: float
    graph: bool


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """A network on a device: what its start costs and how fast it is then."""

    network: str
    load_ms: float
    warm_up_ms: float
    first_run_ms: float
    speeds: tuple[NetworkSpeed, ...]


def measure_network(name: str, *, device: str, threads: int = 0) -> NetworkReport:
    """Load a registered network, run it cold, warm it up, and time it at each batch size.

    Raises:
        WeightsMissing, WeightsCorrupt, DeviceUnavailable: it cannot be loaded.
    """
    path = installed_path(name)
    started = time.perf_counter()
    side = RECIPES[name].side_px
    session = OnnxSession(path, device=device, threads=threads, size=(side, side))
    load_ms = _since(started)
    started = time.perf_counter()
    _run(session, 1)
    first_run_ms = _since(started)
    started = time.perf_counter()
    session.warm_up()
    warm_up_ms = _since(started)
    speeds = tuple(_speed(name, session, batch) for batch in BATCH_SIZES)
    return NetworkReport(name, load_ms, warm_up_ms, first_run_ms, speeds)


def _speed(name: str, session: OnnxSession, batch: int) -> NetworkSpeed:
    # Sizes above what the device takes at once run as several, as they would in the engine.
    size = min(batch, session.max_batch)
    _run(session, size)
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < _SHORTEST_RUNS or (
        time.perf_counter() - began < _LONGEST_S and len(times) < 50
    ):
        started = time.perf_counter()
        for _ in range(-(-batch // size)):
            _run(session, size)
        times.append(_since(started))
    p50_ms = percentile(times, 50)
    return NetworkSpeed(name, batch, p50_ms, batch / p50_ms * 1000, size in session.graphs)


def _run(session: OnnxSession, batch: int) -> None:
    shape = (batch, 3, *session.input_size)
    session.run_tensor(torch.rand(shape, device=session.torch_device))
    if session.torch_device.type == "cuda":
        torch.cuda.synchronize(session.torch_device)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
