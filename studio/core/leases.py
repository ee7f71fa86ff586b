"""One thread renews the leases of everything this process is working on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from studio.core.work import Work

log = structlog.get_logger(__name__)


class LeaseKeeper:
    """Renews held leases at a third of their length; sleeps while nothing is held."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], Work] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def held(self, work: Work) -> Iterator[None]:
        """Keep the lease of a claimed row alive while the block runs."""
        key = (type(work).__name__, work.pk)
        with self._changed:
            self._held[key] = work
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._held.pop(key, None)

    def _run(self) -> None:
        lease_s = settings.CONFIGURATION.lease_s
        while True:
            with self._changed:
                while not self._held:
                    self._changed.wait()
            time.sleep(lease_s / 3)
            with self._changed:
                held = tuple(self._held.values())
            for work in held:
                self._renew(work, lease_s)
            if held:
                close_old_connections()

    def _renew(self, work: Work, lease_s: float) -> None:
        try:
            work.renew(lease_s=lease_s)
        except DatabaseError as error:
            # The next turn tries again; if the lease runs out first, the fence protects the row.
            log.warning("lease_not_renewed", work=str(work.pk), reason=str(error))


LEASES = LeaseKeeper()
