"""Rows that are a queue: claimed by compare-and-set, held by a lease, guarded by a fence token.

A worker that claims a row raises its `fence`. Everything it later writes says `WHERE fence = mine`,
so a worker that was thought dead and comes back late cannot overwrite its successor's result
(Kleppmann, "How to do distributed locking", 2016, calls this a fencing token).
"""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone


class State(models.TextChoices):
    """Where a piece of work stands. The last three are for good."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (State.FINISHED, State.FAILED, State.CANCELLED)

# An innocent render may lose an attempt to a neighbour that crashed the engine; five leave room.
MAX_ATTEMPTS = 5


class Priority(models.IntegerChoices):
    """Smaller is sooner. `label` is the name of the Celery queue that carries the bell."""

    INTERACTIVE = 0, "interactive"
    CAMPAIGN = 1, "campaign"
    BULK = 2, "bulk"


class Work(models.Model):
    """A piece of work done by an engine: what every queued row has in common."""

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_index=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.INTERACTIVE)
    attempt = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    timings_ms = models.JSONField(default=dict, blank=True)
    device = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @classmethod
    def claimable(cls, now: datetime) -> models.Q:
        """Rows a worker may take: waiting, or held by a lease that ran out."""
        return models.Q(state=State.QUEUED) | models.Q(state=State.RUNNING, lease_until__lt=now)

    def claim(self, *, lease_s: float) -> bool:
        """Take this row if nobody else has since it was read; one UPDATE decides."""
        now = timezone.now()
        lease_until = now + timedelta(seconds=lease_s)
        moved = (
            type(self)
            ._default_manager.filter(self.claimable(now), pk=self.pk, fence=self.fence)
            .update(
                state=State.RUNNING,
                fence=self.fence + 1,
                attempt=models.F("attempt") + 1,
                lease_until=lease_until,
                started_at=now,
            )
        )
        if moved:
            self.refresh_from_db()
        return bool(moved)

    def renew(self, *, lease_s: float) -> bool:
        """Hold the row for longer; false when another worker has taken it over."""
        lease_until = timezone.now() + timedelta(seconds=lease_s)
        return self._write(lease_until=lease_until)

    def release(self) -> bool:
        """Give the row back to the end of the queue, for another attempt."""
        return self._write(
            state=State.QUEUED, lease_until=None, queued_at=timezone.now(), fence=self.fence + 1
        )

    def end(self, state: State, **fields: object) -> bool:
        """Write the final state and what came of it; false when the fence has moved on."""
        return self._write(state=state, lease_until=None, finished_at=timezone.now(), **fields)

    def _write(self, **fields: object) -> bool:
        moved = (
            type(self)
            ._default_manager.filter(pk=self.pk, fence=self.fence, state=State.RUNNING)
            .update(**fields)
        )
        if moved:
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(moved)
