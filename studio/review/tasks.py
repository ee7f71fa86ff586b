"""Celery's door: each task calls one service."""

from celery import shared_task
from django.db import close_old_connections

from studio.core.queue import Task
from studio.review import services


@shared_task(name=Task.APPROVE_BY_RULE)  # type: ignore[untyped-decorator]
def approve_by_rule() -> None:
    """Approve what a workspace's rule covers; losing this task leaves it to people."""
    close_old_connections()
    services.approve_by_rule()
    close_old_connections()
