"""A host with several GPUs: one worker process for each, started again when it ends."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.2
FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 30.0
# A process that lived so long did its work; the next one need not wait.
_LONG_LIFE_S = 60.0
_TERMINATE_WITHIN_S = 5.0


class NoDevices(RuntimeError):
    """The devices of this host cannot be listed."""


def visible_devices() -> tuple[str, ...]:
    """The devices that workers can use, asked of a short-lived process: this one holds no torch.

    Raises:
        NoDevices: that process failed; its message is on stderr.
    """
    command = [sys.executable, "-m", "inference", "devices"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if listed.returncode != 0:
        raise NoDevices("The devices of this machine could not be listed; the reason is above.")
    return tuple(listed.stdout.split())


@dataclass(slots=True)
class _Place:
    """One device and the life of the process that works on it."""

    device: str
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    backoff_s: float = FIRST_BACKOFF_S
    may_start_at: float = field(default_factory=time.monotonic)


class Workers:
    """Keeps one process per device alive until it is told to stop.

    Args:
        devices: such as `cuda:0`, `cuda:1`; each process is told its own by `SOFTBOX_DEVICE`.
        command: what each runs.
        environment: what else it is told.
    """

    def __init__(
        self, devices: Sequence[str], command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self._places = [_Place(device) for device in devices]
        self._command = list(command)
        self._environment = dict(environment)
        self._stopping = threading.Event()

    def run(self) -> None:
        """Start the processes and look after them; returns once `stop` was called."""
        try:
            while not self._stopping.wait(_LOOK_EVERY_S):
                for place in self._places:
                    self._look_after(place)
        finally:
            self._end_all()

    def stop(self) -> None:
        """Let `run` end the processes and return; safe in a signal handler."""
        self._stopping.set()

    def _look_after(self, place: _Place) -> None:
        now = time.monotonic()
        if place.process is not None:
            status = place.process.poll()
            if status is None:
                return
            if now - place.started >= _LONG_LIFE_S:
                place.backoff_s = FIRST_BACKOFF_S
            log.error(
                "worker_ended", device=place.device, status=status, again_in_s=place.backoff_s
            )
            place.process = None
            place.may_start_at = now + place.backoff_s
            place.backoff_s = min(place.backoff_s * 2, LONGEST_BACKOFF_S)
        if now >= place.may_start_at:
            place.started = now
            place.process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
                self._command,
                env={**os.environ, **self._environment, "SOFTBOX_DEVICE": place.device},
            )
            log.info("worker_started", device=place.device, pid=place.process.pid)

    def _end_all(self) -> None:
        processes = [place.process for place in self._places if place.process is not None]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(_TERMINATE_WITHIN_S)
            except subprocess.TimeoutExpired:
                # Its rows keep their leases: another worker takes them up.
                process.kill()
                process.wait()
