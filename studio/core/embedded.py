"""Everything a cluster runs elsewhere, inside the web process: Celery threads, reaper, engine."""

import threading
import time

import structlog
from celery import Celery
from celery.worker import WorkController
from django.conf import settings
from django.db import close_old_connections

from studio.celery import QUEUES, app
from studio.core.engine import engine
from studio.core.queue import Task, ring

log = structlog.get_logger(__name__)

_REAP_EVERY_S = 1.0
_PURGE_EVERY_S = 600.0


class CeleryThread:
    """A Celery worker in a daemon thread, started again if it dies: its death is silent."""

    def __init__(self, celery_app: Celery, *, threads: int) -> None:
        self._app = celery_app
        self._threads = threads
        self._stopping = threading.Event()
        self._worker: WorkController | None = None
        self._thread = threading.Thread(target=self._run, name="celery", daemon=True)
        self.restarts = 0

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive() and self._worker is not None

    def stop(self, *, timeout_s: float) -> None:
        """Stop taking work; what is running is left to its lease."""
        self._stopping.set()
        worker = self._worker
        if worker is not None:
            # `terminate` does not wait for running tasks: the lease brings them back.
            threading.Thread(target=worker.terminate, daemon=True).start()
        self._thread.join(timeout=timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            # WorkController installs no signal handlers; `celery.apps.worker.Worker` does.
            self._worker = self._app.WorkController(
                pool="threads",
                concurrency=self._threads,
                queues=list(QUEUES),
                without_heartbeat=True,
                without_mingle=True,
                without_gossip=True,
            )
            try:
                self._worker.start()
            except Exception:
                # Whatever killed it, the studio must go on taking work.
                log.exception("celery_thread_died")
            self._worker = None
            if not self._stopping.is_set():
                self.restarts += 1
                time.sleep(0.5)


class Reaper:
    """Rings again for rows that wait, and purges old previews."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reaper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        purged_at = time.monotonic()
        while not self._stopping.wait(_REAP_EVERY_S):
            self._ring(Task.RECOVER_WORK)
            self._ring(Task.WAKE_WEBHOOKS)
            if time.monotonic() - purged_at > _PURGE_EVERY_S:
                purged_at = time.monotonic()
                self._ring(Task.PURGE_TRANSIENT)
                self._ring(Task.PURGE_WEBHOOKS)
            close_old_connections()

    def _ring(self, task: Task) -> None:
        try:
            app.tasks[task]()
        except Exception:
            # One failed round must not end the reaper; the next is a second away.
            log.exception("reaper_failed", task=str(task))


class EmbeddedServices:
    """The engine, the Celery threads and the reaper of the embedded profile."""

    def __init__(self) -> None:
        self.celery = CeleryThread(app, threads=settings.CONFIGURATION.worker_threads)
        self.reaper = Reaper()

    def start(self) -> None:
        """Start all; returns at once, while the engine warms up in its own process."""
        app.loader.import_default_modules()
        app.finalize()
        threading.Thread(target=self._warm_up, name="engine-start", daemon=True).start()
        self.celery.start()
        self.reaper.start()

    def stop(self, *, timeout_s: float = 3.0) -> None:
        """Stop all within about `timeout_s`; unfinished rows are taken up at the next start."""
        self.reaper.stop()
        closing = threading.Thread(target=engine().close, daemon=True)
        closing.start()
        self.celery.stop(timeout_s=timeout_s / 2)
        closing.join(timeout=timeout_s / 2)

    def _warm_up(self) -> None:
        try:
            engine().warm_up()
        except Exception:
            # Readiness stays false and /healthz says why; the studio itself is up.
            log.exception("engine_did_not_start")
            return
        ring(Task.RUN_WAITING_WORK)
