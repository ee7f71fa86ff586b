"""Loaded networks, kept within a memory budget; the least recently used one leaves first."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from inference.errors import DeviceUnavailable

log = logging.getLogger(__name__)


class HasMemory(Protocol):
    """Anything whose size the pool can count."""

    @property
    def memory_bytes(self) -> int: ...


Session = TypeVar("Session", bound=HasMemory)


def resolve_device(device: str) -> str:
    """Turn `auto` into the device that is there, and say so in the log; else check and return it.

    Raises:
        DeviceUnavailable: a CUDA device was named and is not there.
    """
    import torch

    if device == "auto":
        taken = "cuda:0" if torch.cuda.is_available() else "cpu"
        log.info("device auto: taking %s", taken)
        return taken
    if device == "cpu":
        return device
    name, _, index = device.partition(":")
    if name != "cuda" or (index and not index.isdecimal()):
        raise DeviceUnavailable(f"There is no device called “{device}”. Known: cpu, cuda, cuda:N.")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if int(index or 0) >= count:
        raise DeviceUnavailable(
            f"The device {device} was asked for; this machine has {count} GPUs."
        )
    return device


def visible_devices() -> tuple[str, ...]:
    """Every device that a worker can have to itself: all GPUs, or the CPU where there is none."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return tuple(f"cuda:{number}" for number in range(count)) or ("cpu",)


class SessionPool(Generic[Session]):
    """Loads each named network once, when it is first wanted.

    Two threads that want the same network wait for one load; a network that is loading does not
    hold up another. A network in use stays alive after it left the pool: the caller holds it.
    """

    def __init__(self, load: Callable[[str], Session], *, budget_bytes: int) -> None:
        self._load = load
        self._budget_bytes = budget_bytes
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._loading: dict[str, threading.Lock] = {}

    def get(self, name: str) -> Session:
        """The session of that name, loading it if need be.

        Raises:
            Whatever the loader raises; the next call tries again.
        """
        with self._lock:
            if (session := self._sessions.get(name)) is not None:
                self._sessions.move_to_end(name)
                return session
            turn = self._loading.setdefault(name, threading.Lock())
        with turn:
            with self._lock:
                if (session := self._sessions.get(name)) is not None:
                    self._sessions.move_to_end(name)
                    return session
            session = self._load(name)
            with self._lock:
                self._sessions[name] = session
                self._make_room(keep=name)
            return session

    def loaded(self) -> tuple[str, ...]:
        """Names of the loaded sessions, least recently used first."""
        with self._lock:
            return tuple(self._sessions)

    def _make_room(self, *, keep: str) -> None:
        used = sum(session.memory_bytes for session in self._sessions.values())
        for name in tuple(self._sessions):
            if used <= self._budget_bytes or name == keep:
                break
            used -= self._sessions.pop(name).memory_bytes
            log.info("network %s left memory to make room for %s", name, keep)
