"""Pictures in review as JSON: what the review page shows of one."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.urls import reverse
from django.utils import timezone

from studio.catalog.models import Photo
from studio.catalog.wire import Json, cutout_json
from studio.core.channels import channels_named
from studio.core.storage import file_url
from studio.core.work import Priority
from studio.renders.models import Render
from studio.review.models import Decision

_SHOWN_FORMATS = {"JPEG", "MPO", "PNG", "WEBP", "GIF", "AVIF"}


def item_json(render: Render, *, due: datetime, history: Sequence[Decision] = ()) -> Json:
    """What the review page shows of one picture."""
    photo, product = render.photo, render.photo.product
    sent = render.submitted_at or render.queued_at
    return {
        "id": str(render.public_id),
        "title": product.title,
        "sku": product.sku,
        "style": render.style.title,
        "sender": str(render.submitted_by or render.requested_by),
        "sent": naturaltime(sent),
        "due": naturaltime(due),
        "is_overdue": due < timezone.now(),
        "channels": [channel.label for channel in channels_named(render.channels)],
        "priority": Priority(render.priority).label,
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
        "inspection": _inspection_json(render),
        "history": [history_line(decision) for decision in history if decision.render != render],
        "item_url": reverse("review:item", args=[render.public_id]),
        "decide_url": reverse("review:decide", args=[render.public_id]),
    }


def _inspection_json(render: Render) -> Json | None:
    """None until the checks have looked at exactly these bytes."""
    inspection = getattr(render, "inspection", None)
    if inspection is None or inspection.inspected_sha256 != render.result_sha256:
        return None
    return {
        "outcome": inspection.outcome,
        "words": inspection.get_outcome_display(),
        "uncertainty": inspection.uncertainty,
        "findings": inspection.findings,
    }


def history_line(decision: Decision) -> str:
    """An earlier decision about the same photo, in a sentence."""
    reasons = ", ".join(decision.reason_labels)
    said = f"{decision.get_verdict_display()} {naturaltime(decision.created_at)}"
    said += f" in {decision.render.style.title}"
    if reasons:
        said += f": {reasons}"
    return f"{said}. “{decision.note}”" if decision.note else f"{said}."


def findings_by_point(render: Render) -> dict[str, list[Json]]:
    """The findings of each checklist point; none until these bytes were inspected."""
    points: dict[str, list[Json]] = {}
    if _inspection_json(render) is not None:
        for finding in render.inspection.findings:
            points.setdefault(finding["item"], []).append(finding)
    return points


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
    """What the seller did to the photo, and the controls moved off the style's own setting."""
    properties = render.style.params_schema.get("properties", {})
    enhanced = [{"label": "Photo, enhanced", "value": each} for each in render.photo.enhancements]
    return enhanced + [
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
