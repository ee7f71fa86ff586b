"""A host with several GPUs: one process each, told its device, started again, ended together."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from django.core.management import CommandError, call_command

from inference.testing import FakeEngine
from studio.core.management.commands import worker
from studio.core.workers import Workers, visible_devices

# Notes its device and its number in the folder, and works until it is ended.
_WORKER = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
device = os.environ["SOFTBOX_DEVICE"].replace(":", "-")
(folder / f"{device}.{os.getpid()}").write_text(os.environ["SOFTBOX_ENGINE"])
time.sleep(60)
"""


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_each_gpu_has_its_worker_and_a_killed_one_comes_back(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-c", _WORKER, str(tmp_path)]
    workers = Workers(("cuda:0", "cuda:1"), command, {"SOFTBOX_ENGINE": "local"})
    thread = threading.Thread(target=workers.run)
    thread.start()
    try:
        until(lambda: len(list(tmp_path.iterdir())) == 2)
        first, second = sorted(tmp_path.iterdir())
        assert (first.stem, second.stem) == ("cuda-0", "cuda-1")
        until(lambda: first.read_text() == "local")
        os.kill(int(second.suffix[1:]), signal.SIGKILL)
        until(lambda: len(list(tmp_path.glob("cuda-1.*"))) == 2)
        assert len(list(tmp_path.glob("cuda-0.*"))) == 1
    finally:
        workers.stop()
        thread.join(20)
    assert not thread.is_alive()
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.suffix[1:]), 0)


def test_the_devices_are_those_that_torch_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert visible_devices() == ("cpu",)


def test_without_a_cluster_there_is_nothing_for_workers_to_do() -> None:
    with pytest.raises(CommandError, match=r"manage\.py up"):
        call_command("workers", "--device", "cuda:0")


def test_a_worker_whose_device_is_lost_ends_so_that_another_can_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = FakeEngine()
    lost.close()

    def leave(status: int) -> NoReturn:
        raise SystemExit(status)

    monkeypatch.setattr(worker, "engine", lambda: lost)
    monkeypatch.setattr(worker, "_LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(os, "_exit", leave)
    with pytest.raises(SystemExit):
        worker._leave_a_lost_device(threading.Event())

    is_ending = threading.Event()
    is_ending.set()
    worker._leave_a_lost_device(is_ending)  # an orderly end is no loss
