"""Judging a batch by a sample of it."""

import random
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, StudioError
from studio.renders.models import Batch, Render
from studio.review.acceptance import sampling_plan
from studio.review.models import Decision, DefectReason, Lot, LotItem
from studio.review.selectors import policy_of, waiting_for
from studio.review.services.decisions import write_decision


def draw_lot(*, actor: Actor, batch: Batch, seed: int | None = None) -> Lot:
    """Draw the sample of what waits of a batch; the rest waits for the sample's outcome.

    The draw is made from a stored seed, so it can be repeated and shown to have been fair.

    Raises:
        NotAllowed: no reviewer.
        Conflict: sampling is off, fewer than two pictures wait, or a sample is being looked at.
    """
    actor.require_reviewer()
    policy = policy_of(actor.workspace)
    if not policy.aql:
        raise Conflict("Sampling is off; an admin can switch it on in the review settings.")
    waiting = list(waiting_for(actor).filter(batches=batch).order_by("pk"))
    held = any(getattr(render, "inspection", None) and _is_held(render) for render in waiting)
    if held:
        raise Conflict("A picture of this batch is held by the content check: look at all of it.")
    if len(waiting) < 2:
        raise Conflict("Fewer than two pictures of this batch wait; look at each.")
    plan = sampling_plan(lot_size=len(waiting), aql=policy.aql)
    seed = secrets.randbits(48) if seed is None else seed
    drawn = set(_draw(seed, len(waiting), plan.sample_size))
    try:
        with transaction.atomic():
            lot = Lot.objects.create(
                workspace=actor.workspace,
                batch=batch,
                drawn_by=actor.user,
                aql=policy.aql,
                letter=plan.letter,
                accept=plan.accept,
                reject=plan.reject,
                seed=seed,
            )
            LotItem.objects.bulk_create(
                LotItem(lot=lot, render=render, is_drawn=number in drawn)
                for number, render in enumerate(waiting)
            )
    except IntegrityError as error:
        raise Conflict("A sample of this batch is being looked at already.") from error
    return lot


def _draw(seed: int, lot_size: int, sample_size: int) -> list[int]:
    """Repeatable on purpose: whoever has the seed can show that the draw was fair."""
    return random.Random(seed).sample(range(lot_size), sample_size)  # noqa: S311


def judge_lots_of(*, actor: Actor, render: Render) -> list[Lot]:
    """Accept or refuse the open lots that this picture was drawn into, once that is certain.

    A critical defect, or as many bad pictures as the plan's rejection number, refuses the lot:
    then every other picture of it is looked at. An accepted lot's other pictures are approved.
    """
    open_lots = Lot.objects.filter(state=Lot.State.OPEN, items__render=render, items__is_drawn=True)
    return [lot for lot in open_lots if _judge(actor, lot)]


def _judge(actor: Actor, lot: Lot) -> bool:
    standing = list(
        Decision.objects.filter(
            standing_for__lot_items__lot=lot, standing_for__lot_items__is_drawn=True
        )
    )
    bad = [each for each in standing if each.verdict != Decision.Verdict.APPROVE]
    codes = {code for each in bad for code in each.reasons}
    critical = DefectReason.objects.filter(code__in=codes, severity="critical").exists()
    if critical or len(bad) >= lot.reject:
        return _close(lot, Lot.State.REJECTED)
    if len(standing) < lot.items.filter(is_drawn=True).count():
        return False
    if not _close(lot, Lot.State.ACCEPTED):
        return False
    for render in Render.objects.filter(lot_items__lot=lot, lot_items__is_drawn=False):
        _approve_with_the_lot(actor, render)
    return True


def _close(lot: Lot, state: Lot.State) -> bool:
    """Only one of two reviewers who decide the last pictures at once closes the lot."""
    lot.state = state
    return bool(
        Lot.objects.filter(pk=lot.pk, state=Lot.State.OPEN).update(
            state=state, closed_at=timezone.now()
        )
    )


def _approve_with_the_lot(actor: Actor, render: Render) -> None:
    """A picture that may not be approved now stays in the queue, to be looked at."""
    inspection = getattr(render, "inspection", None)
    if inspection is not None and inspection.outcome in ("fail", "hold"):
        return
    try:
        write_decision(
            actor=actor,
            render=render,
            verdict=Decision.Verdict.APPROVE,
            seen_sha256=render.result_sha256,
            basis=Decision.Basis.SAMPLE,
        )
    except StudioError:
        return


def _is_held(render: Render) -> bool:
    return bool(render.inspection.outcome == "hold")
