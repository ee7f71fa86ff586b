"""Who has which picture in hand, so that two reviewers never get the same one."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from studio.accounts.selectors import Actor
from studio.renders.models import Render
from studio.review.models import Claim
from studio.review.selectors import (
    QueueFilter,
    results_awaiting_review,
    waiting_among,
    waiting_for,
)

# The page renews at a third of it; a closed laptop frees its pictures after two minutes.
LEASE_S = 120
# The picture on screen and the three after it.
HELD_AT_MOST = 4


def claim(*, actor: Actor, render: Render) -> bool:
    """Take a picture in hand, or renew; false when somebody else has it."""
    return render.pk in claim_each(actor=actor, renders=[render])


def claim_each(*, actor: Actor, renders: Sequence[Render]) -> set[int]:
    """Take pictures in hand, or renew; back come the keys of those that this reviewer has now.

    One UPDATE decides about those that anybody had before, the unique key about the others.
    """
    actor.require_reviewer()
    now = timezone.now()
    until = now + timedelta(seconds=LEASE_S)
    mine_or_free = Q(holder=actor.user) | Q(lease_until__lte=now)
    claims = Claim.objects.filter(render__in=renders)
    updated = claims.filter(mine_or_free).update(holder=actor.user, lease_until=until)
    if updated < len(renders):
        Claim.objects.bulk_create(
            [Claim(render=each, holder=actor.user, lease_until=until) for each in renders],
            ignore_conflicts=True,
        )
    mine = claims.filter(holder=actor.user, lease_until__gt=now)
    return set(mine.values_list("render_id", flat=True))


def release(*, actor: Actor, renders: Sequence[Render] | None = None) -> int:
    """Give pictures back for others: these, or all that this reviewer has in hand."""
    claims = Claim.objects.filter(holder=actor.user, render__workspace=actor.workspace)
    if renders is not None:
        claims = claims.filter(render__in=renders)
    return claims.delete()[0]


def _still_waiting(actor: Actor, keys: set[int]) -> set[int]:
    """Those that nobody decided between our reading of the queue and our claim.

    A decision and the end of its claim are one transaction, so with the claim in hand the answer
    cannot change any more.
    """
    waiting = waiting_for(actor).filter(pk__in=keys)
    return set(waiting.values_list("pk", flat=True))


def hold_items(
    *,
    actor: Actor,
    keep: Sequence[str] = (),
    skip: Sequence[str] = (),
    wanted: QueueFilter | None = None,
    count: int = HELD_AT_MOST,
) -> list[Render]:
    """Renew what the page still shows, take more up to `count`, give everything else back.

    `keep` are the public ids that stay in hand if they still wait, in the page's order; `skip`
    those that are given back and not taken again now. What is taken anew is of the page's filter,
    `wanted`, and `count` is at most `HELD_AT_MOST`. Back comes what is in hand now: the kept
    first, then those taken anew in the queue's order.
    """
    actor.require_reviewer()
    count = min(count, HELD_AT_MOST)
    waiting = {str(each.public_id): each for each in waiting_among(actor, keep)}
    order = [waiting[each] for each in dict.fromkeys(keep) if each in waiting]
    known = {*keep, *skip}
    # A few more than needed: others may take some of them at the same moment.
    for render in results_awaiting_review(actor, limit=count * 5 + len(known), wanted=wanted):
        if str(render.public_id) not in known:
            order.append(render)
    held: list[Render] = []
    while order and len(held) < count:
        tried, order = order[: count - len(held)], order[count - len(held) :]
        mine = _still_waiting(actor, claim_each(actor=actor, renders=tried))
        held += [render for render in tried if render.pk in mine]
    others = Claim.objects.filter(holder=actor.user, render__workspace=actor.workspace)
    others.exclude(render__in=held).delete()
    return held
