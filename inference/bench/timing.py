"""Durations that were measured several times, and what to say about them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timing:
    """One thing measured several times, in milliseconds; `first_ms` is the first, coldest run."""

    name: str
    first_ms: float
    p50_ms: float
    p95_ms: float
    runs: int


@dataclass(slots=True)
class Samples:
    """Durations by name, in the order they were first seen."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, duration_ms: float) -> None:
        """Note one run."""
        self.by_name.setdefault(name, []).append(duration_ms)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long the block takes."""
        started = time.perf_counter()
        yield
        self.add(name, (time.perf_counter() - started) * 1000)

    def timings(self) -> tuple[Timing, ...]:
        """Everything noted, as medians and percentiles."""
        return tuple(
            Timing(name, values[0], percentile(values, 50), percentile(values, 95), len(values))
            for name, values in self.by_name.items()
        )


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile: always one of the values that were measured."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]
