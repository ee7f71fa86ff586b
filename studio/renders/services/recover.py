"""What the reaper does: ring again for rows that wait, and clear away what nobody keeps."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.utils import timezone

from inference.requests import Tier
from studio.catalog.models import Cutout, Enhancement
from studio.catalog.services import purge_enhancements
from studio.core.queue import Task, ring
from studio.core.storage import delete
from studio.core.work import ENDED, Priority, State
from studio.renders.models import Render
from studio.renders.services.prefetch import drop_prefetched_if_busy

log = structlog.get_logger(__name__)

# A row that has waited this long may have lost its bell.
_OVERDUE_S = 2.0


def recover_work() -> int:
    """Ring for every row that waits too long or whose worker's lease ran out; return how many."""
    drop_prefetched_if_busy()
    now = timezone.now()
    overdue = now - timedelta(seconds=_OVERDUE_S)
    rung = 0
    for priority in Priority:
        cutouts = Cutout.objects.filter(Cutout.claimable(now), priority=priority)
        renders = Render.objects.filter(
            Render.claimable(now), priority=priority, cutout__state=State.FINISHED
        )
        enhancements = Enhancement.objects.filter(Enhancement.claimable(now), priority=priority)
        waiting = (
            cutouts.filter(queued_at__lt=overdue).count()
            + renders.filter(queued_at__lt=overdue).count()
            + enhancements.filter(queued_at__lt=overdue).count()
        )
        for _ in range(min(waiting, settings.CONFIGURATION.worker_threads)):
            ring(Task.RUN_WAITING_WORK, queue=priority.label)
            rung += 1
    return rung


def purge_transient() -> int:
    """Delete thumbs and previews older than the configuration keeps; return how many.

    Files are content-addressed, so one is deleted only when no other row names it.
    """
    oldest = timezone.now() - timedelta(hours=settings.CONFIGURATION.transient_keep_hours)
    stale = Render.objects.filter(
        tier__lt=Tier.FINAL, state__in=ENDED, finished_at__lt=oldest, batches=None
    )
    purged = 0
    for render in stale[:2000]:
        key = render.result_key
        render.delete()
        purged += 1
        if key and not Render.objects.filter(result_key=key).exists():
            delete(key)
    purged += purge_enhancements(older_than=oldest)
    if purged:
        log.info("transient_renders_purged", count=purged)
    return purged
