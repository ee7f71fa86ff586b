"""Celery's door: each task calls one service."""

from celery import shared_task
from django.db import close_old_connections

from studio.core.queue import Task
from studio.webhooks import services


@shared_task(name=Task.DELIVER_WEBHOOKS)  # type: ignore[untyped-decorator]
def deliver_webhooks() -> None:
    """Send what is due."""
    close_old_connections()
    services.deliver_due()
    close_old_connections()


@shared_task(name=Task.WAKE_WEBHOOKS)  # type: ignore[untyped-decorator]
def wake_webhooks() -> None:
    """The reaper's round."""
    services.wake_deliveries()


@shared_task(name=Task.PURGE_WEBHOOKS)  # type: ignore[untyped-decorator]
def purge_webhooks() -> None:
    """Clear the log of what is long past."""
    services.purge_deliveries()
