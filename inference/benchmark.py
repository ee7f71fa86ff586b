"""How fast the engine is on this machine: `python -m inference bench`.

Every repetition gets its own content key, so that the stage cache helps only where a seller's own
clicks would let it help: when one look of one photo is changed.
"""

import hashlib
import json
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from inference.events import CutoutFinished, Event, PreviewReady, RenderFinished
from inference.protocol import Engine
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    ParameterValue,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.styles.parameters import Control
from inference.styles.style import Style
from inference.synthetic import synthetic_jpeg

FINAL_SIDE_PX = 2048
# As many as the engine process works on at once by default.
THROUGHPUT_THREADS = 3
_NUMBERS = (Control.SLIDER, Control.LAMP)


@dataclass(frozen=True, slots=True)
class Timing:
    """One thing measured several times, in milliseconds; `first_ms` is the first, coldest run."""

    name: str
    first_ms: float
    p50_ms: float
    p95_ms: float
    runs: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a benchmark measured; plain data for JSON."""

    device: str
    machine: Mapping[str, object]
    photo: Mapping[str, object]
    style: str
    start_ms: float
    journeys: tuple[Timing, ...]
    stages: tuple[Timing, ...]
    pictures_per_minute: float
    memory_mib: Mapping[str, float]


@dataclass(slots=True)
class _Samples:
    """Durations by name, in the order they were first seen."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, duration_ms: float) -> None:
        self.by_name.setdefault(name, []).append(duration_ms)

    def timings(self) -> tuple[Timing, ...]:
        return tuple(
            Timing(name, values[0], percentile(values, 50), percentile(values, 95), len(values))
            for name, values in self.by_name.items()
        )


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile: always one of the values that were measured."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def run_benchmark(
    build_engine: Callable[[], Engine],
    style: Style,
    *,
    photo: Path | None = None,
    repeat: int = 7,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Start an engine, send it what a seller sends, and measure; the engine is closed afterwards.

    Args:
        build_engine: makes the engine, not yet warm.
        style: the look of every picture.
        photo: the photo to use; without one, a synthetic photo of 12 megapixels is drawn.
        repeat: how often everything is measured.
        on_progress: told what is measured next.
    """
    with tempfile.TemporaryDirectory(prefix="softbox-bench-") as name:
        folder = Path(name)
        if photo is None:
            on_progress("drawing a photo of 12 megapixels")
            photo = folder / "photo.jpg"
            photo.write_bytes(synthetic_jpeg())
        on_progress("starting the engine")
        started = time.perf_counter()
        engine = build_engine()
        try:
            engine.warm_up()
            start_ms = (time.perf_counter() - started) * 1000
            bench = _Bench(engine, style, photo, folder)
            for journey in (bench.cut_out, bench.open_photo, bench.change_look):
                on_progress(journey.__name__.replace("_", " "))
                for number in range(repeat):
                    journey(number)
            on_progress("throughput")
            pictures_per_minute = bench.throughput(repeat)
            device = engine.health().device
        finally:
            engine.close()
        return Report(
            device=device,
            machine=_machine(device),
            photo=bench.photo_facts(),
            style=style.slug,
            start_ms=start_ms,
            journeys=bench.journeys.timings(),
            stages=bench.stages.timings(),
            pictures_per_minute=pictures_per_minute,
            memory_mib=_memory_mib(device),
        )


class _Bench:
    """What a seller does, as timed journeys."""

    def __init__(self, engine: Engine, style: Style, photo: Path, folder: Path) -> None:
        self._engine = engine
        self._style = style
        self._photo = PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest())
        self._folder = folder
        self._cutout: CutoutSource | None = None
        self.journeys = _Samples()
        self.stages = _Samples()

    def cut_out(self, number: int) -> None:
        """A new photo: from its file to the refined alpha."""
        request = CutoutRequest(self._as_new_photo(f"cutout {number}"))
        with self._timed("cutout, photo to refined alpha"):
            finished = self._engine.cut_out(
                request, on_event=lambda _: None, is_cancelled=lambda: False
            )
        self._note_stages("cutout", finished)
        if self._cutout is None:
            alpha_path = self._folder / "alpha.png"
            alpha_path.write_bytes(finished.alpha_png)
            digest = hashlib.sha256(finished.alpha_png).hexdigest()
            self._cutout = CutoutSource(alpha_path, digest, finished.measurements)

    def open_photo(self, number: int) -> None:
        """A photo seen for the first time: all three tiers."""
        request = replace(
            self._request(number), photo=self._as_new_photo(f"open {number}"), tier=Tier.FINAL
        )
        started = time.perf_counter()

        def on_event(event: Event) -> None:
            if isinstance(event, PreviewReady | RenderFinished):
                name = f"new photo, to its {event.tier.name.lower()}"
                self.journeys.add(name, (time.perf_counter() - started) * 1000)

        finished = self._engine.render(request, on_event=on_event, is_cancelled=lambda: False)
        self._note_stages("render", finished)

    def change_look(self, number: int) -> None:
        """A slider moves on a photo that is open: the preview, then the final picture."""
        for tier in (Tier.THUMB, Tier.PREVIEW, Tier.FINAL):
            request = replace(self._request(number + 1), tier=tier, only_tier=True)
            with self._timed(f"changed look, {tier.name.lower()}"):
                self._engine.render(request, on_event=lambda _: None, is_cancelled=lambda: False)

    def throughput(self, repeat: int) -> float:
        """Final pictures per minute when several are under way."""
        requests = [
            replace(
                self._request(number), photo=self._as_new_photo(f"many {number}"), only_tier=True
            )
            for number in range(max(repeat, 2 * THROUGHPUT_THREADS))
        ]

        def make(request: RenderRequest) -> None:
            self._engine.render(request, on_event=lambda _: None, is_cancelled=lambda: False)

        started = time.perf_counter()
        with ThreadPoolExecutor(THROUGHPUT_THREADS) as pool:
            list(pool.map(make, requests))
        return len(requests) / (time.perf_counter() - started) * 60

    def photo_facts(self) -> dict[str, object]:
        """Size of the photo in pixels and bytes."""
        assert self._cutout is not None
        measured = self._cutout.measurements
        return {
            "width": measured.width,
            "height": measured.height,
            "bytes": self._photo.path.stat().st_size,
        }

    def _as_new_photo(self, salt: str) -> PhotoSource:
        key = hashlib.sha256(f"{self._photo.sha256} {salt}".encode()).hexdigest()
        return replace(self._photo, sha256=key)

    def _request(self, number: int) -> RenderRequest:
        assert self._cutout is not None
        return RenderRequest(
            photo=self._photo,
            cutout=self._cutout,
            style=StyleSpec(self._style.slug, _look(self._style, number)),
            output=OutputSpec(FINAL_SIDE_PX),
            seed=number,
        )

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.journeys.add(name, (time.perf_counter() - started) * 1000)

    def _note_stages(self, journey: str, finished: CutoutFinished | RenderFinished) -> None:
        for name, duration_ms in finished.timings_ms.items():
            self.stages.add(f"{journey} {name}", duration_ms)


def _look(style: Style, number: int) -> dict[str, ParameterValue]:
    """Move the style's first slider to another place each time."""
    for parameter in style.parameters:
        if parameter.control in _NUMBERS:
            share = (number * 0.37) % 1.0
            span = parameter.maximum - parameter.minimum
            return {parameter.name: parameter.minimum + share * span}
    return {}


def _machine(device: str) -> dict[str, object]:
    machine: dict[str, object] = {
        "cpus": len(os.sched_getaffinity(0)),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }
    if device.startswith("cuda"):
        import torch

        machine["gpu"] = torch.cuda.get_device_name(device)
    return machine


def _memory_mib(device: str) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The kernel counts in KiB on Linux and in bytes on macOS.
    memory = {"process peak": peak / 2**20 if sys.platform == "darwin" else peak / 2**10}
    if device.startswith("cuda"):
        import torch

        memory["device peak"] = torch.cuda.max_memory_allocated(device) / 2**20
    return memory


def as_json(report: Report) -> str:
    """The report as indented JSON."""
    return json.dumps(asdict(report), indent=2) + "\n"


def as_text(report: Report) -> str:
    """The report as a table for a terminal."""
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    photo = report.photo
    lines = [
        f"device {report.device} ({machine})",
        f"photo {photo['width']} × {photo['height']}, style {report.style}, "
        f"final {FINAL_SIDE_PX} px",
        f"start and warm-up {report.start_ms / 1000:.1f} s",
        "",
    ]
    width = max(len(timing.name) for timing in (*report.journeys, *report.stages))
    for title, timings in (("journey", report.journeys), ("stage", report.stages)):
        lines.append(f"{title:<{width}} {'first':>9} {'p50':>9} {'p95':>9}  ms, runs")
        lines += [
            f"{t.name:<{width}} {t.first_ms:>9.1f} {t.p50_ms:>9.1f} {t.p95_ms:>9.1f}  {t.runs}"
            for t in timings
        ]
        lines.append("")
    memory = ", ".join(f"{name} {mib:.0f} MiB" for name, mib in report.memory_mib.items())
    lines.append(f"throughput {report.pictures_per_minute:.1f} final pictures a minute")
    lines.append(f"memory {memory}")
    return "\n".join(lines) + "\n"
