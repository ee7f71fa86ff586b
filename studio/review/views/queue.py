"""The review page: one picture at a time, and everything that waits beside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.catalog.wire import Json
from studio.core.errors import Conflict, Invalid, NotAllowed, StudioError
from studio.renders.models import Render
from studio.review import selectors, services
from studio.review.models import Decision, DefectReason, ReviewKeys
from studio.review.selectors import CHECKLIST, CHECKS_FILTERS, DEFAULT_KEYS, QueueFilter
from studio.review.wire import findings_by_point, item_json

_DONE = {
    Decision.Verdict.APPROVE: "Approved",
    Decision.Verdict.RETURN: "Returned to the seller",
    Decision.Verdict.REJECT: "Rejected",
}
# What the empty page shows of the last decisions.
_RECENT = 8
# The worst verdict of a checklist point's findings, and what people see of it.
_MARKS = {"pass": "✓", "unchecked": "–", "warn": "!", "fail": "✕", "hold": "✋︎"}


@dataclass(frozen=True, slots=True)
class _Filled:
    """What a reviewer had filled in when the server refused it."""

    reasons: Sequence[str] = ()
    checklist: Sequence[str] | None = None
    note: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Point:
    """A line of the checklist: ticked where every check of it passed."""

    code: str
    label: str
    is_ticked: bool
    verdict: str
    mark: str
    sentence: str


@require_GET
@with_actor
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The first picture that waits, or what was decided when nothing waits."""
    actor.require_reviewer()
    wanted = QueueFilter.from_query(request.GET.dict())
    held = services.hold_items(actor=actor, wanted=wanted)
    if not held:
        context = {
            **_frame(actor, wanted, selectors.keys_of(actor.user)),
            "decisions": selectors.decisions_of(actor, limit=_RECENT),
            "last": _last_json(actor),
        }
        return render_page(request, "review/empty.html", context)
    return _show(request, actor, held[0], wanted=wanted)


@require_GET
@with_actor
def item(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """One picture, waiting or decided."""
    shown = selectors.review_item(actor, render)
    wanted = QueueFilter.from_query(request.GET.dict())
    services.hold_items(actor=actor, keep=[str(render)], wanted=wanted)
    return _show(request, actor, shown, wanted=wanted)


@require_POST
@with_actor
def decide_item(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """Take the verdict of a page without scripts and go on to the next picture."""
    shown = selectors.review_item(actor, render)
    waiting = selectors.results_awaiting_review(actor)
    filled = _Filled(
        reasons=request.POST.getlist("reasons"),
        checklist=request.POST.getlist("checklist"),
        note=request.POST.get("note", ""),
    )
    try:
        decision = services.decide(
            actor=actor,
            render=shown,
            verdict=request.POST.get("verdict", ""),
            reasons=filled.reasons,
            checklist={code: code in (filled.checklist or ()) for code, _ in CHECKLIST},
            note=filled.note,
            seen_sha256=request.POST.get("seen_sha256", ""),
        )
    except (Conflict, Invalid, NotAllowed) as error:
        refused = _Filled(filled.reasons, filled.checklist, filled.note, str(error))
        return _show(request, actor, shown, filled=refused, status=error.status)
    done = _DONE[Decision.Verdict(decision.verdict)]
    messages.success(request, f"{done}: {shown.photo.product.title}.")
    following = _after(shown, waiting)
    if following is None:
        return redirect("review:queue")
    return redirect("review:item", render=following.public_id)


@require_POST
@with_actor
def hold(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the open page has in hand: renew it, take the next, give the rest back."""
    try:
        asked = json.loads(request.body)
        keep = [str(each) for each in asked.get("keep", [])]
        skip = [str(each) for each in asked.get("skip", [])]
        wanted = QueueFilter.from_query(asked.get("filter", {}))
    except (ValueError, AttributeError, TypeError):
        return JsonResponse({"detail": "Send keep and skip as lists of ids."}, status=422)
    held = services.hold_items(actor=actor, keep=keep, skip=skip, wanted=wanted)
    items = _items_json(actor, held)
    return JsonResponse({"items": items, "waiting": selectors.awaiting_count(actor)})


@require_POST
@with_actor
def release(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page was closed: others may have its pictures now."""
    actor.require_reviewer()
    services.release(actor=actor)
    return HttpResponse(status=204)


@require_POST
@with_actor
def undo(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Undo one decision, from the page's button or the record."""
    decision = selectors.decision_of(actor, request.POST.get("decision", ""))
    try:
        services.undo_decision(actor=actor, decision=decision)
    except StudioError as error:
        messages.error(request, str(error))
        return redirect("review:record")
    messages.success(request, f"Undone: {decision.render.photo.product.title} waits again.")
    return redirect("review:item", render=decision.render.public_id)


def _after(shown: Render, waiting: Sequence[Render]) -> Render | None:
    """The picture that comes after this one in the queue, from the front again at the end."""
    ids = [other.pk for other in waiting]
    at = ids.index(shown.pk) if shown.pk in ids else -1
    order = [*waiting[at + 1 :], *waiting[: max(at, 0)]]
    return next(iter(order), None)


def _show(
    request: HttpRequest,
    actor: Actor,
    shown: Render,
    *,
    wanted: QueueFilter | None = None,
    filled: _Filled | None = None,
    status: int = 200,
) -> HttpResponse:
    wanted = wanted or QueueFilter()
    waiting = selectors.results_awaiting_review(actor, wanted=wanted)
    if shown not in waiting and selectors.may_decide(actor, shown):
        waiting = [shown, *waiting]
    is_listed = shown in waiting
    items = _items_json(actor, waiting) if is_listed else []
    found = (each for each in items if each["id"] == str(shown.public_id))
    current = next(found, None) or _items_json(actor, [shown])[0]
    following = _after(shown, waiting)
    filled = filled or _Filled()
    keys = selectors.keys_of(actor.user)
    context = {
        **_frame(actor, wanted, keys),
        "current": current,
        "items": items if is_listed else _items_json(actor, waiting),
        "next_url": _next_url(following, wanted),
        "checklist": _checklist(shown, filled),
        "reason_groups": _reason_groups(filled.reasons),
        "filled": filled,
        "decision": getattr(shown, "decision", None),
        "why_not": "" if is_listed else _why_not(actor, shown),
        "can_decide": is_listed,
        "payload": {
            "items": items,
            "current": current["id"],
            "filter": wanted.as_query(),
            "keys": keys.keys,
            "are_keys_on": keys.are_on,
            "last": _last_json(actor),
            "urls": {
                "queue": _queue_url(wanted),
                "hold": reverse("review:hold"),
                "release": reverse("review:release"),
                "keys": reverse("review:keys"),
            },
        },
    }
    return render_page(request, "review/item.html", context, status=status)


def _frame(actor: Actor, wanted: QueueFilter, keys: ReviewKeys) -> Json:
    """What the queue's page has whether anything waits or not."""
    choices = selectors.filter_choices(actor)
    count = selectors.awaiting_count(actor)
    return {
        "section": "review",
        "tab": "queue",
        # The navigation's name for it, which would be counted again.
        "awaiting_count": count,
        "waiting_count": count,
        "filter": wanted,
        "filter_count": len(wanted.as_query()),
        "filter_fields": [
            ("style", "Style", choices.styles, wanted.style),
            ("seller", "Seller", choices.sellers, wanted.seller),
            ("batch", "Batch", choices.batches, wanted.batch),
            ("checks", "Automatic checks", CHECKS_FILTERS, wanted.checks),
            ("returned", "Earlier", (("1", "Returned before"),), wanted.returned),
        ],
        "views": [
            (view, _queue_url(QueueFilter.from_query(view.query)))
            for view in selectors.saved_views(actor)
        ],
        "key_rows": [
            (action, label, keys.keys[action]) for action, (_, label) in DEFAULT_KEYS.items()
        ],
        "are_keys_on": keys.are_on,
    }


def _queue_url(wanted: QueueFilter) -> str:
    query = wanted.as_query()
    return reverse("review:queue") + (f"?{urlencode(query)}" if query else "")


def _next_url(following: Render | None, wanted: QueueFilter) -> str:
    if following is None:
        return ""
    query = wanted.as_query()
    page = reverse("review:item", args=[following.public_id])
    return page + (f"?{urlencode(query)}" if query else "")


def _items_json(actor: Actor, renders: Sequence[Render]) -> list[Json]:
    due_hours = selectors.policy_of(actor.workspace).due_hours
    history = selectors.history_by_photo(renders)
    return [
        item_json(
            render,
            due=selectors.due_at(render, due_hours=due_hours),
            history=history.get(render.photo_id, ()),
        )
        for render in renders
    ]


def _last_json(actor: Actor) -> Json | None:
    last = selectors.last_decision_by(actor)
    if last is None:
        return None
    return {"id": str(last.public_id), "title": last.render.photo.product.title}


def _why_not(actor: Actor, shown: Render) -> str:
    """Why this reviewer cannot decide about a picture now; "" when it was decided."""
    if actor.user.pk in (shown.submitted_by_id, shown.requested_by_id):
        return "Four eyes: you made this picture or sent it in, so somebody else decides about it."
    holder = selectors.holder_of(actor, shown)
    if holder is not None:
        return f"{holder} has this picture in hand now."
    if getattr(shown, "decision", None) is None:
        return "You have decided about this picture, or it waits for its batch’s sample."
    return ""


def _checklist(shown: Render, filled: _Filled) -> list[_Point]:
    by_point = findings_by_point(shown)
    return [_point(code, label, by_point.get(code, []), filled) for code, label in CHECKLIST]


def _point(code: str, label: str, findings: Sequence[Json], filled: _Filled) -> _Point:
    order = list(_MARKS)
    worst = max((str(each["verdict"]) for each in findings), key=order.index, default="")
    ticked = worst == "pass" if filled.checklist is None else code in filled.checklist
    said = [str(each["sentence"]) for each in findings if each["verdict"] != "pass"]
    return _Point(code, label, ticked, worst, _MARKS.get(worst, ""), " ".join(said))


def _reason_groups(
    ticked: Sequence[str],
) -> list[tuple[str, str, list[tuple[DefectReason, bool]]]]:
    """(severity, heading, reasons with whether each is ticked), the worst first."""
    reasons = [(reason, reason.code in ticked) for reason in selectors.defect_reasons()]
    groups = [
        (severity.value, str(severity.label), [r for r in reasons if r[0].severity == severity])
        for severity in DefectReason.Severity
    ]
    return [group for group in groups if group[2]]
