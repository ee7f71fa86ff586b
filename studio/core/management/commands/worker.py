"""`manage.py worker`: a GPU worker of a cluster."""

import os
import threading
from argparse import ArgumentParser

import structlog
from celery.apps.worker import Worker
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio.celery import QUEUES, app
from studio.core.embedded import Reaper
from studio.core.engine import engine

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0


def _leave_a_lost_device(is_ending: threading.Event) -> None:
    """End this process once its engine is not ready any more.

    A broken CUDA context stays broken in the process that holds it, so this one would only take
    rows and fail them. Whoever started it starts another; the rows' leases lapse meanwhile.
    """
    while not is_ending.wait(_LOOK_EVERY_S):
        health = engine().health()
        if not health.is_ready:
            log.error("worker_leaves", reason=health.detail)
            os._exit(1)


class Command(BaseCommand):
    help = "Do the queue's work in this process; start one per GPU."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default=",".join(QUEUES))

    def handle(self, *, queues: str, **options: object) -> None:
        configuration = settings.CONFIGURATION
        if not configuration.is_cluster:
            raise CommandError("A worker needs REDIS_URL; without it, `manage.py up` does it all.")
        if configuration.engine == "none":
            raise CommandError("SOFTBOX_ENGINE=none says that this process has no engine.")
        self.stdout.write("Warming the engine up …")
        engine().warm_up()
        self.stdout.write(f"Ready on {engine().health().device}.")
        self.stdout.flush()
        worker = Worker(
            app=app,
            pool="threads",
            concurrency=configuration.worker_threads,
            queues=queues,
            loglevel="WARNING",
            without_mingle=True,
            without_gossip=True,
        )
        # Each worker looks after overdue rows itself; ringing twice is harmless, and there is no
        # separate beat process to forget.
        reaper = Reaper()
        reaper.start()
        is_ending = threading.Event()
        if configuration.engine == "local":
            threading.Thread(
                target=_leave_a_lost_device, args=(is_ending,), name="device-watch", daemon=True
            ).start()
        worker.start()
        is_ending.set()
        reaper.stop()
        engine().close()
