"""The review page: one picture at a time, and everything that waits beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.catalog.models import Photo
from studio.catalog.wire import Json, cutout_json
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.core.storage import file_url
from studio.renders.models import Render
from studio.review.models import Decision, DefectReason
from studio.review.selectors import (
    CHECKLIST,
    awaiting_count,
    decisions_of,
    defect_reasons,
    results_awaiting_review,
    review_item,
)
from studio.review.services import decide

_DONE = {
    Decision.Verdict.APPROVE: "Approved",
    Decision.Verdict.RETURN: "Returned to the seller",
    Decision.Verdict.REJECT: "Rejected",
}
_SHOWN_FORMATS = {"JPEG", "MPO", "PNG", "WEBP", "GIF", "AVIF"}
# What the empty page shows of the last decisions.
_RECENT = 8


@dataclass(frozen=True, slots=True)
class _Filled:
    """What a reviewer had filled in when the server refused it."""

    reasons: Sequence[str] = ()
    checklist: Sequence[str] = ()
    note: str = ""
    error: str = ""


@require_GET
@with_actor
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The picture that waits longest, or what was decided when nothing waits."""
    actor.require_reviewer()
    waiting = results_awaiting_review(actor)
    if not waiting:
        context = {"section": "review", "decisions": decisions_of(actor, limit=_RECENT)}
        return render_page(request, "review/empty.html", context)
    return _show(request, actor, waiting[0], waiting)


@require_GET
@with_actor
def item(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """One picture, waiting or decided."""
    shown = review_item(actor, render)
    return _show(request, actor, shown, results_awaiting_review(actor))


@require_POST
@with_actor
def decide_item(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """Take the verdict of a page without scripts and go on to the next picture."""
    shown = review_item(actor, render)
    waiting = results_awaiting_review(actor)
    filled = _Filled(
        reasons=request.POST.getlist("reasons"),
        checklist=request.POST.getlist("checklist"),
        note=request.POST.get("note", ""),
    )
    try:
        decision = decide(
            actor=actor,
            render=shown,
            verdict=request.POST.get("verdict", ""),
            reasons=filled.reasons,
            checklist={code: code in filled.checklist for code, _ in CHECKLIST},
            note=filled.note,
            seen_sha256=request.POST.get("seen_sha256", ""),
        )
    except (Conflict, Invalid, NotAllowed) as error:
        refused = _Filled(filled.reasons, filled.checklist, filled.note, str(error))
        return _show(request, actor, shown, waiting, filled=refused, status=error.status)
    done = _DONE[Decision.Verdict(decision.verdict)]
    messages.success(request, f"{done}: {shown.photo.product.title}.")
    following = _after(shown, waiting)
    if following is None:
        return redirect("review:queue")
    return redirect("review:item", render=following.public_id)


def _after(shown: Render, waiting: Sequence[Render]) -> Render | None:
    """The picture that comes after this one, from the front again at the end; None for none."""
    others = [other for other in waiting if other.pk != shown.pk]
    key = (shown.submitted_at, shown.pk)
    later = [other for other in others if (other.submitted_at, other.pk) > key]
    return next(iter(later or others), None)


def _show(
    request: HttpRequest,
    actor: Actor,
    shown: Render,
    waiting: Sequence[Render],
    *,
    filled: _Filled | None = None,
    status: int = 200,
) -> HttpResponse:
    following = _after(shown, waiting)
    is_listed = any(other.pk == shown.pk for other in waiting)
    items = [item_json(render) for render in waiting]
    current = item_json(shown)
    filled = filled or _Filled()
    context = {
        "section": "review",
        "current": current,
        "items": items,
        "waiting_count": awaiting_count(actor),
        "next_url": reverse("review:item", args=[following.public_id]) if following else "",
        "checklist": [(code, label, code in filled.checklist) for code, label in CHECKLIST],
        "reason_groups": _reason_groups(filled.reasons),
        "filled": filled,
        "decision": getattr(shown, "decision", None),
        "is_mine": not is_listed and getattr(shown, "decision", None) is None,
        "payload": {"items": items if is_listed else [], "current": current["id"]},
    }
    return render_page(request, "review/item.html", context, status=status)


def _reason_groups(
    ticked: Sequence[str],
) -> list[tuple[str, str, list[tuple[DefectReason, bool]]]]:
    """(severity, heading, reasons with whether each is ticked), the worst first."""
    reasons = [(reason, reason.code in ticked) for reason in defect_reasons()]
    groups = [
        (severity.value, str(severity.label), [r for r in reasons if r[0].severity == severity])
        for severity in DefectReason.Severity
    ]
    return [group for group in groups if group[2]]


def item_json(render: Render) -> Json:
    """What the review page shows of one picture."""
    photo, product = render.photo, render.photo.product
    sender = render.submitted_by or render.requested_by
    return {
        "id": str(render.public_id),
        "title": product.title,
        "sku": product.sku,
        "style": render.style.title,
        "sender": str(sender),
        "sent": naturaltime(render.submitted_at or render.queued_at),
        "sha256": render.result_sha256,
        "result": {
            "url": file_url(render.result_key),
            "display_url": file_url(render.display_key),
            "width": render.width,
            "height": render.height,
        },
        "source": {
            "url": file_url(_shown_key(photo)),
            "thumb_url": file_url(photo.thumb_key),
            "file_name": photo.file_name,
            "width": photo.width,
            "height": photo.height,
        },
        "cutout": cutout_json(render.cutout)["result"],
        "framing": _framing(render),
        "changes": _changes(render),
        "item_url": reverse("review:item", args=[render.public_id]),
        "decide_url": reverse("review:decide", args=[render.public_id]),
    }


def _shown_key(photo: Photo) -> str:
    """The original where browsers can show it, otherwise the upload's thumbnail."""
    return photo.original_key if photo.format in _SHOWN_FORMATS else photo.thumb_key


def _framing(render: Render) -> dict[str, float] | None:
    """How large the product was asked to be and how far right of the centre: shares of the frame.

    None for styles that do not place the product flat in the frame.
    """
    scale, shift = render.params.get("scale"), render.params.get("shift_x")
    if scale is None or shift is None:
        return None
    return {"fill": float(scale) / 100, "shift_x": float(shift) / 100}


def _changes(render: Render) -> list[dict[str, str]]:
    """The controls the seller moved away from the style's own setting, in words."""
    properties = render.style.params_schema.get("properties", {})
    return [
        {
            "label": str(properties.get(name, {}).get("title", name)),
            "value": f"{_in_words(value)}{properties.get(name, {}).get('x-unit', '')}",
        }
        for name, value in render.params_changed.items()
    ]


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
