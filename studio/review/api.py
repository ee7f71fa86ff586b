"""Review over HTTP; reviewers only."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from studio.accounts.authentication import actor_of_request
from studio.catalog.wire import Json
from studio.core.storage import file_url
from studio.renders.wire import render_json
from studio.review import selectors, services
from studio.review.models import Decision
from studio.review.schemas import DecisionIn, DecisionOut, QueueOut

router = Router(tags=["review"])


@router.get("/review/queue", response=QueueOut)
def review_queue(request: HttpRequest) -> Json:
    """What waits for this reviewer, the most uncertain first, then what is due first."""
    actor = actor_of_request(request)
    actor.require_reviewer()
    items = [
        {
            "render": render_json(render),
            "product": render.photo.product.public_id,
            "title": render.photo.product.title,
            "sku": render.photo.product.sku,
            "source_url": file_url(render.photo.original_key),
            "submitted_at": render.submitted_at,
        }
        for render in selectors.results_awaiting_review(actor)
    ]
    return {"waiting": selectors.awaiting_count(actor), "items": items}


@router.post("/review/{render_id}/decision", response=DecisionOut)
def decide(request: HttpRequest, render_id: UUID, payload: DecisionIn) -> Decision:
    """Approve, return or reject exactly the bytes with `seen_sha256`."""
    actor = actor_of_request(request)
    return services.decide(
        actor=actor,
        render=selectors.review_item(actor, render_id),
        verdict=payload.verdict,
        reasons=payload.reasons,
        checklist=payload.checklist,
        note=payload.note,
        seen_sha256=payload.seen_sha256,
        region=payload.region,
        looked_ms=payload.looked_ms,
    )


@router.post("/review/decisions/{decision_id}/undo", response=DecisionOut)
def undo_decision(request: HttpRequest, decision_id: UUID) -> Decision:
    """Void your own decision, or as an admin anybody's; the picture waits again."""
    actor = actor_of_request(request)
    actor.require_reviewer()
    decision = selectors.decision_of(actor, decision_id)
    return services.undo_decision(actor=actor, decision=decision)
