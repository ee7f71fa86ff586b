"""The one door to Celery: tasks are sent by name, so services stay below tasks."""

from enum import StrEnum
from functools import partial

from django.db import transaction

from studio.celery import app


class Task(StrEnum):
    """Every task there is; a test asserts that each is registered."""

    RUN_WAITING_WORK = "renders.run_waiting_work"
    RECOVER_WORK = "renders.recover_work"
    PURGE_TRANSIENT = "renders.purge_transient"
    DELIVER_WEBHOOKS = "webhooks.deliver_due"
    WAKE_WEBHOOKS = "webhooks.wake_deliveries"
    PURGE_WEBHOOKS = "webhooks.purge_deliveries"
    APPROVE_BY_RULE = "review.approve_by_rule"


def ring(task: Task, *, queue: str = "interactive") -> None:
    """Send `task` now. Losing it is harmless: the reaper rings again for rows that wait."""
    app.send_task(task, queue=queue)


def ring_on_commit(task: Task, *, queue: str = "interactive") -> None:
    """Send `task` once the open transaction commits; never if it rolls back."""
    transaction.on_commit(partial(ring, task, queue=queue))
