"""Durations that were measured several times, and what to say about them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timing:
    """One thing measured several times, in milliseconds; `first_ms` is the first, coldest run.

    `cpu_p50_ms` is what all threads of this process spent on it, whatever else kept the machine
    busy: on two idle cores the wall's time lies between half of it and all of it. None where only
    the wall's time is known.
    """

    name: str
    first_ms: float
    p50_ms: float
    p95_ms: float
    cpu_p50_ms: float | None
    runs: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall's clock, and of all threads of this process."""

    wall_s: float
    cpu_s: float


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """What has passed so far."""
        return Spent(time.perf_counter() - self._wall, time.process_time() - self._cpu)


@dataclass(slots=True)
class Samples:
    """Durations by name, in the order they were first seen."""

    by_name: dict[str, list[float]] = field(default_factory=dict)
    cpu_by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, duration_ms: float, cpu_ms: float | None = None) -> None:
        """Note one run."""
        self.by_name.setdefault(name, []).append(duration_ms)
        if cpu_ms is not None:
            self.cpu_by_name.setdefault(name, []).append(cpu_ms)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long the block takes."""
        watch = Stopwatch()
        yield
        spent = watch.spent()
        self.add(name, spent.wall_s * 1000, spent.cpu_s * 1000)

    def timings(self) -> tuple[Timing, ...]:
        """Everything noted, as medians and percentiles."""
        return tuple(
            Timing(
                name,
                values[0],
                percentile(values, 50),
                percentile(values, 95),
                percentile(self.cpu_by_name[name], 50) if name in self.cpu_by_name else None,
                len(values),
            )
            for name, values in self.by_name.items()
        )


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile: always one of the values that were measured."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]
