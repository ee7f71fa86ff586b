"""Writing decisions down, undoing them, and working out which one stands."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from studio.accounts.selectors import Actor
from studio.core import live
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.renders.models import Render
from studio.renders.selectors import render_of
from studio.renders.wire import render_event, render_json, subject_of_render
from studio.review.models import Claim, Decision, DefectReason
from studio.review.selectors import CHECKLIST, holder_of, policy_of, review_item
from studio.webhooks.models import EventKind
from studio.webhooks.services import record_event

MAX_NOTE_LENGTH = 2000
LONGEST_LOOK_MS = 3_600_000
Region = Sequence[float]


def write_decision(
    *,
    actor: Actor,
    render: Render,
    verdict: str,
    reasons: Sequence[str] = (),
    checklist: Mapping[str, bool] | None = None,
    note: str = "",
    seen_sha256: str = "",
    region: Region | None = None,
    looked_ms: int | None = None,
    basis: str = Decision.Basis.LOOKED,
) -> Decision:
    """Record a reviewer's verdict about exactly the bytes they saw.

    Where the workspace asks for two approvals the first one does not stand by itself; where a
    picture was drawn for a second opinion the second verdict is kept beside the first.
    `region` is where to look, [left, top, right, bottom] in the result's pixels; `looked_ms` is
    for how long the page had it on screen.

    Raises:
        NotAllowed: no reviewer, or their own picture (four eyes).
        Conflict: it was decided before, somebody else has it in hand, or the bytes seen are not
            the picture's.
        Invalid: unknown verdict, reason or checklist point, a region outside the picture, or no
            reason for sending it back.
    """
    actor.require_reviewer()
    render = review_item(actor, render.public_id)
    _require_four_eyes(actor, render)
    if seen_sha256 != render.result_sha256:
        raise Conflict("This is not the picture you were shown. Reload and look again.")
    said = _clean(render, verdict, reasons, checklist or {}, note, region)
    with transaction.atomic():
        # The row's lock puts decisions about one picture in line.
        Render.objects.select_for_update(of=("self",)).get(pk=render.pk)
        is_second = _is_second_opinion(actor, render)
        holder = holder_of(actor, render)
        if holder is not None:
            raise Conflict(f"{holder} has this picture in hand. Go on with the next one.")
        decision = Decision.objects.create(
            workspace=actor.workspace,
            render=render,
            reviewer=actor.user,
            verdict=verdict,
            basis=basis,
            reasons=[reason.code for reason in said.reasons],
            reason_labels=[reason.label for reason in said.reasons],
            fixes=list(dict.fromkeys(reason.fix for reason in said.reasons if reason.fix)),
            region=said.region,
            checklist=said.checklist,
            note=said.note,
            seen_sha256=seen_sha256,
            looked_ms=_clean_time(looked_ms),
            is_second_opinion=is_second,
            asks_second_opinion=_is_drawn_for_second_opinion(actor, render, basis, is_second),
        )
        Claim.objects.filter(render=render, holder=actor.user).delete()
        settle(render)
        decision.refresh_from_db()
        if decision.standing_for_id is not None:
            _tell_other_programs(decision)
    announce(actor, render)
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


def settle(render: Render) -> None:
    """Work out anew which decision stands; to be called under the render's lock.

    Sending back stands at once, the latest first; an approval when enough different people have
    given theirs. Second opinions and undone decisions never stand.
    """
    voided = Decision.objects.filter(voids=OuterRef("pk"))
    valid = list(
        Decision.objects.filter(render=render, is_second_opinion=False)
        .exclude(verdict=Decision.Verdict.UNDO)
        .exclude(Exists(voided))
        .order_by("created_at", "pk")
    )
    sent_back = [each for each in valid if each.verdict != Decision.Verdict.APPROVE]
    approvals = [each for each in valid if each.verdict == Decision.Verdict.APPROVE]
    stands: Decision | None = sent_back[-1] if sent_back else None
    needed = policy_of(render.workspace).approvals_needed
    if stands is None and len({each.reviewer_id for each in approvals}) >= needed:
        stands = approvals[-1]
    Decision.objects.filter(standing_for=render).update(standing_for=None)
    if stands:
        Decision.objects.filter(pk=stands.pk).update(standing_for=render)


def undo_decision(*, actor: Actor, decision: Decision) -> Decision:
    """Take a decision back by a new one that voids it; the picture waits again.

    Raises:
        NotAllowed: it is somebody else's, and the actor is no admin; or the picture is their own.
        Conflict: it was undone before, or the picture is published.
    """
    actor.require_reviewer()
    render = review_item(actor, decision.render.public_id)
    _require_four_eyes(actor, render)
    if decision.reviewer_id != actor.user.pk and not actor.can_administer:
        raise NotAllowed("Only the reviewer who decided, or an admin, can undo this.")
    return void(actor=actor, render=render, decision=decision)


def void(
    *, actor: Actor, render: Render, decision: Decision, basis: str = Decision.Basis.LOOKED
) -> Decision:
    """Write the decision that voids another; who may is the caller's question."""
    if decision.verdict == Decision.Verdict.UNDO:
        raise Conflict("An undo cannot be undone; decide again instead.")
    with transaction.atomic():
        Render.objects.select_for_update(of=("self",)).get(pk=render.pk)
        if Decision.objects.filter(voids=decision).exists():
            raise Conflict("This decision was undone before.")
        # Publications live in the app above this one; the ORM knows them by name.
        if render.publications.filter(withdrawn_at=None).exists():
            raise Conflict("This picture is published. Withdraw it first, then undo.")
        undo = Decision.objects.create(
            workspace=actor.workspace,
            render=render,
            reviewer=actor.user,
            verdict=Decision.Verdict.UNDO,
            basis=basis,
            voids=decision,
            seen_sha256=decision.seen_sha256,
        )
        settle(render)
    announce(actor, render)
    return undo


def announce(actor: Actor, render: Render) -> None:
    """The seller's open page shows the verdict; each one is newer than the one before."""
    decided = render_of(actor, render.public_id)
    message = render_json(decided)
    message["seq"] = (decided.fence + 1 << 16) + decided.decisions.count()
    subject = subject_of_render(render.public_id)
    transaction.on_commit(lambda: live.store().put_state(subject, message))


def _require_four_eyes(actor: Actor, render: Render) -> None:
    if actor.user.pk in (render.submitted_by_id, render.requested_by_id):
        raise NotAllowed("Somebody else has to decide about a picture you made or sent in.")


def _is_second_opinion(actor: Actor, render: Render) -> bool:
    """Whether this verdict goes beside one that stands; Conflict when it may not be given."""
    earlier = list(render.decisions.exclude(verdict=Decision.Verdict.UNDO).filter(voided_by=None))
    standing = next((each for each in earlier if each.standing_for_id), None)
    is_mine = any(each.reviewer_id == actor.user.pk for each in earlier)
    if standing is None and not is_mine:
        return False
    has_second = any(each.is_second_opinion for each in earlier)
    if standing and standing.asks_second_opinion and not is_mine and not has_second:
        return True
    raise Conflict("This picture was decided already.")


def _is_drawn_for_second_opinion(actor: Actor, render: Render, basis: str, is_second: bool) -> bool:
    """A share of the pictures by their own number, so that nobody can tell which in advance."""
    share = policy_of(actor.workspace).second_opinion_percent
    if is_second or basis != Decision.Basis.LOOKED:
        return False
    drawn = hashlib.sha256(f"second opinion {render.public_id}".encode()).digest()
    return int.from_bytes(drawn[:4]) % 100 < share


@dataclass(frozen=True, slots=True)
class _Said:
    reasons: list[DefectReason]
    checklist: dict[str, bool]
    note: str
    region: list[float] | None


def _clean(
    render: Render,
    verdict: str,
    reasons: Sequence[str],
    checklist: Mapping[str, bool],
    note: str,
    region: Region | None,
) -> _Said:
    verdicts = [value for value in Decision.Verdict.values if value != Decision.Verdict.UNDO]
    if verdict not in verdicts:
        raise Invalid(f"The verdict is one of: {', '.join(verdicts)}.", field="verdict")
    return _Said(
        reasons=_clean_reasons(reasons, is_needed=verdict != Decision.Verdict.APPROVE),
        checklist=_clean_checklist(checklist),
        note=_clean_note(note),
        region=clean_region(render, region),
    )


def _clean_reasons(codes: Sequence[str], *, is_needed: bool) -> list[DefectReason]:
    known = {reason.code: reason for reason in DefectReason.objects.filter(is_active=True)}
    for code in codes:
        if code not in known:
            raise Invalid(f"There is no reason called “{code}”.", field="reasons")
    if is_needed and not codes:
        raise Invalid("Say why, so that the seller knows what to change.", field="reasons")
    return [known[code] for code in dict.fromkeys(codes)]


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


def clean_region(render: Render, region: Region | None) -> list[float] | None:
    """Four numbers inside the picture, left before right and top before bottom.

    Raises:
        Invalid: anything else.
    """
    if region is None:
        return None
    wrong = Invalid(
        f"A region is [left, top, right, bottom] within {render.width} × {render.height} pixels.",
        field="region",
    )
    try:
        left, top, right, bottom = (round(float(edge), 1) for edge in region)
    except (TypeError, ValueError) as error:
        raise wrong from error
    if not (0 <= left < right <= render.width and 0 <= top < bottom <= render.height):
        raise wrong
    return [left, top, right, bottom]


def _clean_time(looked_ms: int | None) -> int | None:
    return None if looked_ms is None else max(0, min(int(looked_ms), LONGEST_LOOK_MS))
