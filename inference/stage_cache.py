"""What a stage computed once and may use again: the least recently used results leave first."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

T = TypeVar("T")


def cache_key(*parts: str) -> str:
    """The sha256 (hex) of `parts`; each is length-prefixed, so ("ab", "c") is not ("a", "bc")."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


@dataclass(slots=True)
class _Pending:
    """A value that one thread computes while others wait for it."""

    done: threading.Event = field(default_factory=threading.Event)
    value: object = None
    has_value: bool = False


@dataclass(frozen=True, slots=True)
class CacheStatus:
    """A cache's figures at one moment; `hits` includes threads that waited for another's value."""

    hits: int
    misses: int
    entries: int
    used_bytes: int
    budget_bytes: int


class StageCache:
    """Thread-safe results by content key, bounded by their bytes.

    Values are shared between threads: whoever reads one must not write into it. A value larger
    than the whole budget is returned but not kept.
    """

    def __init__(self, *, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[object, int]] = OrderedDict()
        self._pending: dict[str, _Pending] = {}
        self._used_bytes = 0
        self._hits = 0
        self._misses = 0

    @property
    def hits(self) -> int:
        return self._hits

    @property
    def misses(self) -> int:
        return self._misses

    def status(self) -> CacheStatus:
        """The figures that health pages and benchmarks show."""
        with self._lock:
            return CacheStatus(
                hits=self._hits,
                misses=self._misses,
                entries=len(self._kept),
                used_bytes=self._used_bytes,
                budget_bytes=self._budget_bytes,
            )

    def get_or_compute(self, key: str, compute: Callable[[], T], size_of: Callable[[T], int]) -> T:
        """Return the value of `key`, computing it when nobody has.

        Threads that ask for a key under way wait for it. If its computation raises, that thread
        gets the error and one of the waiting threads computes instead: a cancelled request must
        not take another one's result with it.
        """
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    self._hits += 1
                    return cast("T", self._kept[key][0])
                pending = self._pending.get(key)
                if pending is None:
                    mine = self._pending[key] = _Pending()
                    self._misses += 1
                    break
            pending.done.wait()
            if pending.has_value:
                with self._lock:
                    self._hits += 1
                return cast("T", pending.value)
        return self._compute(key, mine, compute, size_of)

    def clear(self) -> None:
        """Forget every kept value; computations under way go on and are kept when they end."""
        with self._lock:
            self._kept.clear()
            self._used_bytes = 0

    def _compute(
        self, key: str, mine: _Pending, compute: Callable[[], T], size_of: Callable[[T], int]
    ) -> T:
        try:
            value = compute()
            size = size_of(value)
            mine.value, mine.has_value = value, True
            with self._lock:
                self._keep(key, value, size)
        finally:
            with self._lock:
                del self._pending[key]
            mine.done.set()
        return value

    def _keep(self, key: str, value: object, size: int) -> None:
        if size > self._budget_bytes:
            return
        self._kept[key] = (value, size)
        self._used_bytes += size
        while self._used_bytes > self._budget_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self._used_bytes -= freed
