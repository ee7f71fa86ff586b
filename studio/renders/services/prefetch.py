"""Pictures made before anybody asks: thumbs of a new photo in the styles its workspace uses most.

They wait behind everything else, and are the first to go when there is more to do than hands.
"""

from collections import Counter

import structlog
from django.conf import settings
from django.utils import timezone

from inference.requests import Tier
from studio.accounts.models import Role, Workspace
from studio.accounts.selectors import Actor
from studio.catalog.models import Cutout
from studio.core.work import Priority, State
from studio.renders.models import Render
from studio.renders.selectors import fit_of
from studio.renders.services.submit import RenderOrder, order_render
from studio.styles.selectors import available_styles

log = structlog.get_logger(__name__)

# How far back "uses most" looks, in pictures somebody wanted.
_RECENT_RENDERS = 200


def prefetch_thumbs(cutout: Cutout) -> list[Render]:
    """Queue the thumbs that the photo's page will show first; none while the queue is busy."""
    if not settings.CONFIGURATION.prefetch_styles or is_queue_busy():
        return []
    photo = cutout.photo
    # Whoever uploaded the photo will be the one to open it.
    actor = Actor(user=photo.uploaded_by, workspace=photo.workspace, role=Role.SELLER)
    return [
        order_render(
            actor=actor,
            order=RenderOrder(
                photo=photo,
                style=slug,
                tier=Tier.THUMB,
                priority=Priority.BULK,
                is_speculative=True,
            ),
        )[0]
        for slug in _suiting(cutout, most_used_styles(photo.workspace))
    ]


def _suiting(cutout: Cutout, slugs: list[str]) -> list[str]:
    reasons = fit_of(cutout.photo, cutout, available_styles())
    return [slug for slug in slugs if not reasons[slug]]


def most_used_styles(workspace: Workspace) -> list[str]:
    """Slugs of the styles used most lately, filled up with the first of the catalogue.

    Thumbs do not count: a page asks for one in every style.
    """
    recent = (
        Render.objects.filter(workspace=workspace, tier__gte=Tier.PREVIEW)
        .order_by("-pk")
        .values_list("style__slug", flat=True)[:_RECENT_RENDERS]
    )
    available = [style.slug for style in available_styles()]
    used = [slug for slug, _ in Counter(recent).most_common() if slug in available]
    return list(dict.fromkeys([*used, *available]))[: settings.CONFIGURATION.prefetch_styles]


def is_queue_busy() -> bool:
    """Whether more wanted work is waiting than this machine's hands can take at once."""
    waiting = Render.objects.filter(state=State.QUEUED, is_speculative=False).count()
    cutouts = Cutout.objects.filter(state=State.QUEUED).count()
    return waiting + cutouts > settings.CONFIGURATION.worker_threads


def drop_prefetched_if_busy() -> int:
    """Take back what was queued on a guess when the queue is busy; return how many."""
    guessed = Render.objects.filter(state=State.QUEUED, is_speculative=True)
    if not guessed.exists() or not is_queue_busy():
        return 0
    now = timezone.now()
    dropped = guessed.update(state=State.CANCELLED, cancel_requested_at=now, finished_at=now)
    log.info("prefetched_thumbs_dropped", count=dropped)
    return dropped
