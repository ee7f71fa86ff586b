"""The figures that the engine is held to: the goal, what was measured, met or missed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.bench.journeys import CUTOUT, MANY_SIDE_PX, TO_WEBP, changed_look
from inference.requests import Tier

if TYPE_CHECKING:
    from inference.bench.report import Report


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `measured` is None where it was not, with the reason in `note`.

    `is_met` is None where nothing was measured or nothing is asked of this kind of device. `cpu` is
    the CPU time behind a duration, in the same unit: it tells on a machine that is busy.
    """

    name: str
    unit: str
    goal: float | None
    is_upper_limit: bool
    measured: float | None
    cpu: float | None
    is_met: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of a figure on two CPU cores and on a data-centre GPU."""

    name: str
    unit: str
    cpu_goal: float | None
    gpu_goal: float | None
    part: str
    read: Callable[["Report"], tuple[float | None, float | None]]
    is_upper_limit: bool = True


def _journey(name: str) -> Callable[["Report"], tuple[float | None, float | None]]:
    def read(report: "Report") -> tuple[float | None, float | None]:
        for timing in report.journeys:
            # The very first cutout is measured in any case; it alone is no median.
            if timing.name == name and timing.runs > 1:
                return timing.p50_ms, timing.cpu_p50_ms
        return None, None

    return read


def _many(report: "Report") -> tuple[float | None, float | None]:
    return (None if report.many is None else report.many.per_s), None


def _gain(report: "Report") -> tuple[float | None, float | None]:
    return (None if report.together is None else report.together.gain), None


def _against_rembg(report: "Report") -> tuple[float | None, float | None]:
    found = report.against_rembg
    return (None if found is None else found.rembg_cutout_ms / found.ours_matte_ms), None


def _growth(report: "Report") -> tuple[float | None, float | None]:
    growth = report.memory_growth
    return (None if growth is None else growth.share * 100), None


_WANTED = (
    _Wanted(CUTOUT, "ms", 1000.0, 40.0, "journeys", _journey(CUTOUT)),
    _Wanted(
        changed_look(Tier.PREVIEW),
        "ms",
        250.0,
        15.0,
        "journeys",
        _journey(changed_look(Tier.PREVIEW)),
    ),
    _Wanted(TO_WEBP, "ms", 5000.0, 250.0, "journeys", _journey(TO_WEBP)),
    _Wanted(f"photos to {MANY_SIDE_PX} px finals", "/s", 0.7, 25.0, "many", _many, False),
    _Wanted("cutouts at once against one by one", "×", None, 4.0, "together", _gain, False),
    _Wanted("against rembg's cut-out", "×", 1.0, 1.0, "rembg", _against_rembg, False),
    _Wanted("memory growth", "%", 5.0, 5.0, "memory", _growth),
)


def figures_of(report: "Report") -> tuple[Figure, ...]:
    """Every figure, whether it was measured or not."""
    is_gpu = report.device.startswith("cuda")
    return tuple(_figure(wanted, report, is_gpu=is_gpu) for wanted in _WANTED)


def _figure(wanted: _Wanted, report: "Report", *, is_gpu: bool) -> Figure:
    goal = wanted.gpu_goal if is_gpu else wanted.cpu_goal
    measured, cpu = wanted.read(report)
    note = "" if measured is not None else report.failures.get(wanted.part, "not measured")
    is_met = None
    if goal is not None and measured is not None:
        is_met = measured <= goal if wanted.is_upper_limit else measured >= goal
    return Figure(
        wanted.name, wanted.unit, goal, wanted.is_upper_limit, measured, cpu, is_met, note
    )


def as_lines(figures: tuple[Figure, ...]) -> list[str]:
    """The table for a terminal; Markdown, so that it can be pasted into a document."""
    lines = ["| figure | goal | measured | CPU time | |", "| --- | --- | --- | --- | --- |"]
    for figure in figures:
        sign = "≤" if figure.is_upper_limit else "≥"
        goal = "none" if figure.goal is None else f"{sign} {figure.goal:g} {figure.unit}"
        measured = "" if figure.measured is None else f"{figure.measured:.2f} {figure.unit}"
        cpu = "" if figure.cpu is None else f"{figure.cpu:.0f} {figure.unit}"
        verdict = {True: "met", False: "**missed**", None: figure.note}[figure.is_met]
        lines.append(f"| {figure.name} | {goal} | {measured} | {cpu} | {verdict} |")
    return lines
