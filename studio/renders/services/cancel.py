"""Taking work back."""

from django.db.models import Q
from django.utils import timezone

from inference.requests import Tier
from studio.accounts.selectors import Actor
from studio.core import live
from studio.core.errors import Conflict
from studio.core.queue import Task, ring_on_commit
from studio.core.work import Priority, State
from studio.renders.models import Batch, Render
from studio.renders.selectors import render_of, renders_of
from studio.renders.wire import render_json, subject_of_render

_UNFINISHED = (State.QUEUED, State.RUNNING)


def cancel_render(*, actor: Actor, render: Render) -> Render:
    """Ask for a render to stop; a waiting one ends now, a running one between two stages.

    Raises:
        Conflict: it has ended already.
    """
    actor.require_seller()
    if not _request_cancel(Q(pk=render.pk)):
        raise Conflict("This render has ended already.")
    return announce(render_of(actor, render.public_id))


def cancel_batch(*, actor: Actor, batch: Batch) -> int:
    """Stop what is unfinished of a batch, keep what is finished; return how many were stopped."""
    actor.require_seller()
    unfinished = list(renders_of(actor).filter(batches=batch, state__in=_UNFINISHED))
    for render in unfinished:
        _request_cancel(Q(pk=render.pk))
        announce(render_of(actor, render.public_id))
    return len(unfinished)


def cancel_superseded(*, actor: Actor, public_id: str, by_key: str) -> None:
    """Stop the asking person's own earlier preview; a picture somebody keeps is never stopped."""
    mine = renders_of(actor).filter(
        requested_by=actor.user, tier__lt=Tier.FINAL, batches=None, state__in=_UNFINISHED
    )
    render = mine.filter(public_id=public_id).exclude(cache_key=by_key).first()
    if render is not None and _request_cancel(Q(pk=render.pk)):
        announce(render_of(actor, render.public_id))


def retry_render(*, actor: Actor, render: Render) -> Render:
    """Queue a failed or cancelled render again.

    Raises:
        Conflict: it did not fail, or the same picture exists meanwhile.
    """
    actor.require_seller()
    twin = Render.objects.filter(
        photo=render.photo,
        cache_key=render.cache_key,
        state__in=(*_UNFINISHED, State.FINISHED),
    )
    if twin.exists():
        raise Conflict("The same picture has been asked for again meanwhile.")
    moved = Render.objects.filter(pk=render.pk, state__in=(State.FAILED, State.CANCELLED)).update(
        state=State.QUEUED,
        error_code="",
        error_message="",
        cancel_requested_at=None,
        queued_at=timezone.now(),
        finished_at=None,
        attempt=0,
        fence=render.fence + 1,
    )
    if not moved:
        raise Conflict("Only a failed or cancelled render can be tried again.")
    ring_on_commit(Task.RUN_WAITING_WORK, queue=Priority(render.priority).label)
    return announce(render_of(actor, render.public_id))


def announce(render: Render) -> Render:
    """Tell whoever watches what is now in the row."""
    live.store().put_state(subject_of_render(render.public_id), render_json(render))
    return render


def _request_cancel(which: Q) -> bool:
    now = timezone.now()
    ended = Render.objects.filter(which, state=State.QUEUED).update(
        state=State.CANCELLED, cancel_requested_at=now, finished_at=now
    )
    asked = Render.objects.filter(which, state=State.RUNNING).update(cancel_requested_at=now)
    return bool(ended or asked)
