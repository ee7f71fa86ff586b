"""A workspace's rules of review, and what follows from them without a person."""

import hashlib
from collections.abc import Sequence

from django.utils import timezone

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor, actor_of
from studio.core.errors import Conflict, Invalid, NotAllowed, StudioError
from studio.core.storage import read_bytes
from studio.core.work import State
from studio.renders.models import Render
from studio.review.acceptance import AQLS
from studio.review.models import Decision, Inspection, ReviewPolicy
from studio.review.selectors import CHECKLIST
from studio.review.services.decisions import void, write_decision
from studio.styles.models import Style


def save_policy(
    *,
    actor: Actor,
    approvals_needed: int,
    second_opinion_percent: int,
    due_hours: int,
    aql: str,
    auto_styles: Sequence[str],
) -> ReviewPolicy:
    """Change how the workspace reviews; decisions made before stand as they are.

    Whoever switches auto-approval on answers for what it approves: their name goes on record.

    Raises:
        NotAllowed: no admin.
        Invalid: a number out of range, an unknown AQL or style.
    """
    if not actor.can_administer:
        raise NotAllowed("Only admins of this workspace change how it reviews.")
    _require_range("approvals_needed", approvals_needed, 1, 2)
    _require_range("second_opinion_percent", second_opinion_percent, 0, 100)
    _require_range("due_hours", due_hours, 1, 720)
    if aql and aql not in AQLS:
        raise Invalid(f"The AQL is one of: {', '.join(AQLS)}.", field="aql")
    known = set(Style.objects.filter(slug__in=auto_styles).values_list("slug", flat=True))
    for slug in auto_styles:
        if slug not in known:
            raise Invalid(f"There is no style called “{slug}”.", field="auto_styles")
    policy, _ = ReviewPolicy.objects.update_or_create(
        workspace=actor.workspace,
        defaults={
            "approvals_needed": approvals_needed,
            "second_opinion_percent": second_opinion_percent,
            "due_hours": due_hours,
            "aql": aql,
            "auto_styles": sorted(known),
            "auto_set_by": actor.user if known else None,
            "changed_at": timezone.now(),
        },
    )
    return policy


def _require_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Invalid(f"Choose a number from {least} to {most}.", field=name)


def approve_by_rule() -> list[Decision]:
    """Approve what waits in a style that a workspace named, where every check passed.

    A workspace without named styles has none of this. The picture of the admin who set the rule
    is left to somebody else, and so is everything once that person is no admin any more.
    """
    done = []
    for policy in ReviewPolicy.objects.exclude(auto_styles=[]).exclude(auto_set_by=None):
        membership = (
            Membership.objects.filter(user=policy.auto_set_by, workspace=policy.workspace)
            .select_related("user", "workspace")
            .first()
        )
        if membership is None or not actor_of(membership).can_administer:
            continue
        renders = Render.objects.filter(
            workspace=policy.workspace,
            style__slug__in=policy.auto_styles,
            state=State.FINISHED,
            submitted_at__isnull=False,
            decision=None,
            decisions=None,
            inspection__outcome=Inspection.Outcome.PASS,
        ).select_related("inspection")
        for render in renders:
            decision = _approve(actor_of(membership), render)
            if decision:
                done.append(decision)
    return done


def _approve(actor: Actor, render: Render) -> Decision | None:
    if not render.inspection.has_passed_everything:
        return None
    try:
        return write_decision(
            actor=actor,
            render=render,
            verdict=Decision.Verdict.APPROVE,
            checklist={code: True for code, _ in CHECKLIST},
            seen_sha256=render.result_sha256,
            basis=Decision.Basis.RULE,
        )
    except StudioError:
        # Somebody has it in hand, decided it, or it is the admin's own: people go on with it.
        return None


def require_approval(*, actor: Actor, render: Render) -> Decision:
    """The approval that stands for exactly the stored bytes; anything changed cancels it.

    Raises:
        Conflict: it is not approved, or the stored bytes are no longer those that were approved;
            then the approval is cancelled on record and the picture waits for review again.
    """
    decision: Decision | None = getattr(render, "decision", None)
    if decision is None or decision.verdict != Decision.Verdict.APPROVE:
        raise Conflict("Only an approved picture can be published.")
    stored = hashlib.sha256(read_bytes(render.result_key)).hexdigest()
    if stored != decision.seen_sha256 or render.result_sha256 != decision.seen_sha256:
        void(actor=actor, render=render, decision=decision, basis=Decision.Basis.BYTES)
        raise Conflict("The stored picture is not the one that was approved; it is unapproved now.")
    return decision
