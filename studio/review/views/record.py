"""The record: what was decided, its export, and what it says about reviewing."""

import csv
import io
import json

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.utils import timezone
from django.views.decorators.http import require_GET

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.review import selectors
from studio.review.models import Decision

_A_PAGE = 50
# A cell that begins so is a formula to a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_GET
@with_actor
def record(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every decision, newest first."""
    actor.require_reviewer()
    page = Paginator(selectors.all_decisions(actor), _A_PAGE).get_page(request.GET.get("page"))
    rows = [(each, _may_undo(actor, each)) for each in page]
    context = {"section": "review", "tab": "record", "page": page, "rows": rows}
    return render_page(request, "review/record.html", context)


def _may_undo(actor: Actor, decision: Decision) -> bool:
    is_open = decision.verdict != Decision.Verdict.UNDO and not decision.is_voided
    is_theirs = decision.reviewer_id == actor.user.pk or actor.can_administer
    makers = (decision.render.submitted_by_id, decision.render.requested_by_id)
    return is_open and is_theirs and actor.user.pk not in makers


@require_GET
@with_actor
def export(request: HttpRequest, actor: Actor, format: str) -> HttpResponse:
    """The whole record as CSV or JSON, oldest first."""
    actor.require_reviewer()
    rows = [selectors.decision_row(each) for each in selectors.all_decisions(actor).reverse()]
    name = f"review-{timezone.localdate():%Y-%m-%d}.{format}"
    if format == "json":
        body, media_type = json.dumps({"decisions": rows}, indent=1), "application/json"
    else:
        body, media_type = _csv(rows), "text/csv; charset=utf-8"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(body, media_type, headers={"Content-Disposition": disposition})


def _csv(rows: list[dict[str, object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(selectors.DECISION_COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in selectors.DECISION_COLUMNS])
    return buffer.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, list):
        text = " ".join(str(each) for each in value)
    elif isinstance(value, dict):
        text = json.dumps(value)
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


@require_GET
@with_actor
def figures(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Throughput, agreement, time and defects, so that a bad scene is found."""
    actor.require_reviewer()
    asked = request.GET.get("days", "30")
    days = int(asked) if asked in ("7", "30", "90") else 30
    context = {
        "section": "review",
        "tab": "figures",
        "figures": selectors.figures_of(actor, days=days),
        "periods": (7, 30, 90),
    }
    return render_page(request, "review/figures.html", context)
