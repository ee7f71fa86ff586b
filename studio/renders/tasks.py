"""Celery's door: each task calls one service."""

from celery import shared_task
from django.db import close_old_connections

from studio.backdrops.services import purge_backdrops
from studio.core.queue import Task
from studio.renders import services


@shared_task(name=Task.RUN_WAITING_WORK)  # type: ignore[untyped-decorator]
def run_waiting_work() -> None:
    """Do whatever is most urgent."""
    close_old_connections()
    services.run_waiting_work()
    close_old_connections()


@shared_task(name=Task.RECOVER_WORK)  # type: ignore[untyped-decorator]
def recover_work() -> None:
    """The reaper's round."""
    services.recover_work()


@shared_task(name=Task.PURGE_TRANSIENT)  # type: ignore[untyped-decorator]
def purge_transient() -> None:
    """Clear away old previews, and backdrops that were deleted a day ago."""
    services.purge_transient()
    purge_backdrops()
