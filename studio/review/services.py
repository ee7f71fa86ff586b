"""Deciding about pictures."""

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from studio.accounts.selectors import Actor
from studio.core import live
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.renders.models import Render
from studio.renders.selectors import render_of
from studio.renders.wire import render_event, render_json, subject_of_render
from studio.review.models import Decision, DefectReason
from studio.review.selectors import CHECKLIST, review_item
from studio.webhooks.models import EventKind
from studio.webhooks.services import record_event

MAX_NOTE_LENGTH = 2000


def decide(
    *,
    actor: Actor,
    render: Render,
    verdict: str,
    reasons: Sequence[str] = (),
    checklist: Mapping[str, bool] | None = None,
    note: str = "",
    seen_sha256: str = "",
) -> Decision:
    """Record a reviewer's verdict about exactly the bytes they saw.

    Raises:
        NotAllowed: no reviewer, or their own picture (four eyes).
        Conflict: it was decided before, or the bytes seen are not the picture's.
        Invalid: unknown verdict, reason or checklist point, or no reason for sending it back.
    """
    actor.require_reviewer()
    render = review_item(actor, render.public_id)
    if actor.user.pk in (render.submitted_by_id, render.requested_by_id):
        raise NotAllowed("Somebody else has to decide about a picture you made or sent in.")
    if seen_sha256 != render.result_sha256:
        raise Conflict("This is not the picture you were shown. Reload and look again.")
    if verdict not in Decision.Verdict.values:
        allowed = ", ".join(Decision.Verdict.values)
        raise Invalid(f"The verdict is one of: {allowed}.", field="verdict")
    codes = _clean_reasons(reasons, is_needed=verdict != Decision.Verdict.APPROVE)
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                workspace=actor.workspace,
                render=render,
                reviewer=actor.user,
                verdict=verdict,
                reasons=codes,
                checklist=_clean_checklist(checklist or {}),
                note=_clean_note(note),
                seen_sha256=seen_sha256,
            )
            _tell_other_programs(decision)
    except IntegrityError as error:
        raise Conflict("This picture was decided already.") from error
    decided = render_of(actor, render.public_id)
    transaction.on_commit(lambda: _announce(decided))
    return decision


def _tell_other_programs(decision: Decision) -> None:
    is_approved = decision.verdict == Decision.Verdict.APPROVE
    record_event(
        workspace=decision.workspace,
        kind=EventKind.APPROVED if is_approved else EventKind.RETURNED,
        subject=str(decision.render.public_id),
        data=render_event(decision.render)
        | {"verdict": decision.verdict, "reasons": decision.reasons, "note": decision.note},
    )


def _announce(render: Render) -> None:
    """The seller's open page shows the verdict; a decided row is newer than its finished state."""
    message = render_json(render)
    message["seq"] = render.fence + 1 << 16
    live.store().put_state(subject_of_render(render.public_id), message)


def _clean_reasons(reasons: Sequence[str], *, is_needed: bool) -> list[str]:
    known = set(DefectReason.objects.filter(is_active=True).values_list("code", flat=True))
    for code in reasons:
        if code not in known:
            raise Invalid(f"There is no reason called “{code}”.", field="reasons")
    if is_needed and not reasons:
        raise Invalid("Say why, so that the seller knows what to change.", field="reasons")
    return list(dict.fromkeys(reasons))


def _clean_checklist(checklist: Mapping[str, bool]) -> dict[str, bool]:
    points = {code for code, _ in CHECKLIST}
    for code in checklist:
        if code not in points:
            raise Invalid(f"There is no checklist point called “{code}”.", field="checklist")
    return {code: bool(value) for code, value in checklist.items()}


def _clean_note(note: str) -> str:
    note = note.strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise Invalid(f"A note has up to {MAX_NOTE_LENGTH} characters.", field="note")
    return note
