"""Run the parts of a benchmark and say what came out, as a table and as JSON."""

import json
import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from inference.bench.figures import Figure, as_lines, figures_of
from inference.bench.journeys import (
    FINAL_SIDE_PX,
    MANY_SIDE_PX,
    THROUGHPUT_THREADS,
    Journeys,
    MemoryGrowth,
    Throughput,
    Together,
    repeat,
)
from inference.bench.machine import machine_facts, peak_memory_mib
from inference.bench.rembg_pipeline import REMBG_KNOWS, SideBySide, compare_with_rembg
from inference.bench.timing import Timing
from inference.errors import InferenceError
from inference.protocol import Engine
from inference.styles.style import Style
from inference.synthetic import synthetic_jpeg

if TYPE_CHECKING:
    from inference.bench.network import NetworkReport

log = logging.getLogger(__name__)

Found = TypeVar("Found")

DIFFERENT_PHOTOS = 4


class Part(StrEnum):
    """What can be measured by itself."""

    JOURNEYS = "journeys"
    MANY = "many"
    TOGETHER = "together"
    NETWORK = "network"
    MEMORY = "memory"


_NEED_MANY = {Part.MANY, Part.TOGETHER, Part.MEMORY}
USUAL_PARTS = (Part.JOURNEYS, Part.MANY, Part.TOGETHER, Part.NETWORK)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is measured, and how long.

    `photo` replaces the synthetic one of 12 megapixels; `repeat` is how often each journey runs;
    `many` how many photos go all the way; `together` how many cutouts run at once; `renders` how
    many renders memory is watched over; `rembg` the interpreter of an environment with rembg;
    `goes_on` lets the other parts run when one fails, and notes why it did.
    """

    device: str
    network: str
    style: Style
    parts: tuple[Part, ...] = USUAL_PARTS
    photo: Path | None = None
    repeat: int = 7
    many: int = 50
    together: int = 16
    renders: int = 1000
    threads: int = THROUGHPUT_THREADS
    rembg: Path | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a benchmark measured; plain data for JSON. What was not measured is None."""

    device: str
    machine: Mapping[str, object]
    photo: Mapping[str, object]
    network: str
    style: str
    start_ms: float
    journeys: tuple[Timing, ...]
    stages: tuple[Timing, ...]
    many: Throughput | None
    together: Together | None
    networks: "NetworkReport | None"
    memory_growth: MemoryGrowth | None
    against_rembg: SideBySide | None
    memory_mib: Mapping[str, float]
    failures: Mapping[str, str]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What the engine is held to, met or missed."""
        return figures_of(self)


def run_benchmark(
    build_engine: Callable[[], Engine],
    wishes: Wishes,
    *,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Start an engine, send it what sellers send, and measure; the engine is closed afterwards.

    Args:
        build_engine: makes the engine, not yet warm.
        wishes: what is measured.
        on_progress: told what is measured next.
    """
    with tempfile.TemporaryDirectory(prefix="softbox-bench-") as name:
        folder = Path(name)
        photos = [wishes.photo] if wishes.photo else _drawn(folder, wishes, on_progress)
        on_progress("starting the engine")
        started = time.perf_counter()
        engine = build_engine()
        try:
            engine.warm_up()
            start_ms = (time.perf_counter() - started) * 1000
            journeys = Journeys(engine, wishes.style, photos, folder, wishes.network)
            return _measured(engine, journeys, photos[0], wishes, start_ms, on_progress)
        finally:
            engine.close()


def _drawn(folder: Path, wishes: Wishes, on_progress: Callable[[str], None]) -> list[Path]:
    on_progress("drawing photos of 12 megapixels")
    count = DIFFERENT_PHOTOS if _NEED_MANY & set(wishes.parts) else 1
    photos = [folder / f"photo-{number}.jpg" for number in range(count)]
    for number, path in enumerate(photos):
        path.write_bytes(synthetic_jpeg(seed=7 + number))
    return photos


def _measured(
    engine: Engine,
    journeys: Journeys,
    photo: Path,
    wishes: Wishes,
    start_ms: float,
    on_progress: Callable[[str], None],
) -> Report:
    parts, device = wishes.parts, engine.health().device
    # Everything else needs a cutout, and nothing may come before the first one is timed.
    journeys.cut_out(0)
    attempts = _Attempts(wishes.goes_on, on_progress)
    if Part.JOURNEYS in parts:
        for journey in (
            journeys.cut_out,
            journeys.open_photo,
            journeys.change_look,
            journeys.to_webp,
        ):
            name = journey.__name__.replace("_", " ")
            attempts.make(Part.JOURNEYS, name, partial(repeat, journey, wishes.repeat))
    many = together = growth = networks = rembg = None
    if Part.MANY in parts:
        name = f"{wishes.many} photos, {wishes.threads} at a time"
        many = attempts.make(
            Part.MANY, name, partial(journeys.many_photos, wishes.many, wishes.threads)
        )
    if Part.TOGETHER in parts:
        name = f"{wishes.together} cutouts at once"
        together = attempts.make(
            Part.TOGETHER, name, partial(journeys.cutouts_together, wishes.together)
        )
    if Part.NETWORK in parts:
        networks = attempts.make(
            Part.NETWORK, "the network alone", partial(_network_alone, wishes.network, device)
        )
    if wishes.rembg is not None:
        rembg = attempts.make(
            "rembg",
            "rembg, in turns with ours",
            partial(_side_by_side, wishes.rembg, journeys, photo, wishes),
        )
    if Part.MEMORY in parts:
        name = f"memory over {wishes.renders} renders"
        growth = attempts.make(
            Part.MEMORY, name, partial(journeys.memory_over, wishes.renders, device)
        )
    return Report(
        device=device,
        machine=machine_facts(device),
        photo=journeys.photo_facts(),
        network=wishes.network,
        style=wishes.style.slug,
        start_ms=start_ms,
        journeys=journeys.journeys.timings(),
        stages=journeys.stages.timings(),
        many=many,
        together=together,
        networks=networks,
        memory_growth=growth,
        against_rembg=rembg,
        memory_mib=peak_memory_mib(device),
        failures=attempts.failures,
    )


class _Attempts:
    """Runs parts; where it may go on, one that fails costs only its own figures."""

    def __init__(self, goes_on: bool, on_progress: Callable[[str], None]) -> None:
        self._goes_on = goes_on
        self._on_progress = on_progress
        self.failures: dict[str, str] = {}

    def make(self, part: str, name: str, measure: Callable[[], Found]) -> Found | None:
        self._on_progress(name)
        try:
            return measure()
        except InferenceError as error:
            if not self._goes_on:
                raise
            log.exception("%s failed", name)
            self.failures[part] = f"failed: {error}"
            self._on_progress(f"{name} failed: {error}")
            return None


def _network_alone(network: str, device: str) -> "NetworkReport":
    from inference.bench.network import measure_network

    return measure_network(network, device=device)


def _side_by_side(python: Path, journeys: Journeys, photo: Path, wishes: Wishes) -> SideBySide:
    """Both pipelines with a network that both know."""
    network = wishes.network if wishes.network in REMBG_KNOWS else REMBG_KNOWS[0]
    return compare_with_rembg(
        python,
        photo,
        network,
        lambda number: journeys.cutout_ms(number, network),
        runs=wishes.repeat,
    )


def as_json(report: Report) -> str:
    """The report as indented JSON."""
    figures = [asdict(figure) for figure in report.figures]
    return json.dumps(asdict(report) | {"figures": figures}, indent=2) + "\n"


def as_text(report: Report) -> str:
    """The report as tables for a terminal."""
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    photo = report.photo
    lines = [
        f"device {report.device} ({machine})",
        f"network {report.network}, photo {photo['width']} × {photo['height']}, "
        f"style {report.style}, final {FINAL_SIDE_PX} px",
        f"start and warm-up {report.start_ms / 1000:.1f} s",
        "",
    ]
    width = max(len(timing.name) for timing in (*report.journeys, *report.stages))
    for title, timings in (("journey", report.journeys), ("stage", report.stages)):
        heads = f"{'first':>9} {'p50':>9} {'p95':>9} {'CPU p50':>9}"
        lines.append(f"{title:<{width}} {heads}  ms, runs")
        lines += [
            f"{t.name:<{width}} {t.first_ms:>9.1f} {t.p50_ms:>9.1f} {t.p95_ms:>9.1f} "
            f"{'' if t.cpu_p50_ms is None else format(t.cpu_p50_ms, '.1f'):>9}  {t.runs}"
            for t in timings
        ]
        lines.append("")
    lines += _network_lines(report.networks)
    lines += _figure_lines(report)
    memory = ", ".join(f"{name} {mib:.0f} MiB" for name, mib in report.memory_mib.items())
    return "\n".join([*lines, f"memory {memory}", "", *as_lines(report.figures)]) + "\n"


def _network_lines(networks: "NetworkReport | None") -> list[str]:
    if networks is None:
        return []
    lines = [
        f"{networks.network} alone: loading {networks.load_ms:.0f} ms, first run "
        f"{networks.first_run_ms:.0f} ms, warm-up {networks.warm_up_ms:.0f} ms",
        f"{'batch':>5} {'p50 ms':>9} {'pictures/s':>11}",
    ]
    for speed in networks.speeds:
        graph = "  CUDA graph" if speed.graph else ""
        lines.append(f"{speed.batch:>5} {speed.p50_ms:>9.1f} {speed.pictures_per_s:>11.1f}{graph}")
    return [*lines, ""]


def _figure_lines(report: Report) -> list[str]:
    lines = []
    if (many := report.many) is not None:
        lines.append(
            f"photos to {MANY_SIDE_PX} px finals: {many.per_s:.2f} a second, "
            f"{many.spent.cpu_s / many.photos:.2f} s of CPU time each"
        )
    if (together := report.together) is not None:
        lines.append(
            f"{together.requests} cutouts: one by one {together.one_by_one_s:.2f} s, at once "
            f"{together.together_s:.2f} s, {together.gain:.1f} times the throughput"
        )
    if (rembg := report.against_rembg) is not None:
        lines.append(
            f"same photo and network: ours (refined matte) {rembg.ours_matte_ms:.0f} ms, rembg "
            f"(matte) {rembg.rembg_matte_ms:.0f} ms, rembg (cut-out) {rembg.rembg_cutout_ms:.0f} ms"
        )
    if (growth := report.memory_growth) is not None:
        lines.append(
            f"memory over {growth.renders} renders: {growth.settled_mib:.0f} MiB once settled, "
            f"{growth.end_mib:.0f} MiB at the end, {growth.share * 100:+.1f} %"
        )
    return lines
