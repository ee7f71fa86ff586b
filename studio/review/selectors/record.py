"""Reading the record of decisions."""

from django.db.models import Count, Q, QuerySet

from studio.accounts.selectors import Actor
from studio.catalog.selectors import as_uuid
from studio.catalog.wire import Json
from studio.core.errors import NotFound
from studio.renders.models import Batch
from studio.review.models import Decision, Lot
from studio.review.selectors.queue import waiting_for


def all_decisions(actor: Actor) -> QuerySet[Decision]:
    """The workspace's record, newest first, undone ones and undoings included."""
    return (
        Decision.objects.filter(workspace=actor.workspace)
        .select_related(
            "render__photo__product", "render__style", "reviewer", "voids", "voided_by__reviewer"
        )
        .order_by("-created_at", "-pk")
    )


def decisions_of(actor: Actor, *, limit: int = 100) -> list[Decision]:
    """The workspace's decisions, newest first."""
    return list(all_decisions(actor)[:limit])


def decision_of(actor: Actor, public_id: object) -> Decision:
    """Raise `NotFound` unless it is a decision of the actor's workspace."""
    found = all_decisions(actor).filter(public_id=as_uuid(public_id, "decision")).first()
    if found is None:
        raise NotFound("There is no such decision.")
    return found


def last_decision_by(actor: Actor) -> Decision | None:
    """The reviewer's newest decision that can still be undone."""
    mine = all_decisions(actor).filter(reviewer=actor.user, voided_by=None)
    return mine.filter(basis__in=["looked", "bulk"]).exclude(verdict="undo").first()


DECISION_COLUMNS = (
    "id",
    "decided_at",
    "reviewer",
    "verdict",
    "basis",
    "stands",
    "is_second_opinion",
    "voids",
    "render",
    "product",
    "sku",
    "style",
    "seen_sha256",
    "reasons",
    "checklist",
    "region",
    "note",
    "looked_ms",
)


def decision_row(decision: Decision) -> Json:
    """One line of the export."""
    render = decision.render
    return {
        "id": str(decision.public_id),
        "decided_at": decision.created_at.isoformat(),
        "reviewer": decision.reviewer.email,
        "verdict": decision.verdict,
        "basis": decision.basis,
        "stands": decision.standing_for_id is not None,
        "is_second_opinion": decision.is_second_opinion,
        "voids": str(decision.voids.public_id) if decision.voids else "",
        "render": str(render.public_id),
        "product": render.photo.product.title,
        "sku": render.photo.product.sku,
        "style": render.style.slug,
        "seen_sha256": decision.seen_sha256,
        "reasons": decision.reasons,
        "checklist": decision.checklist,
        "region": decision.region,
        "note": decision.note,
        "looked_ms": decision.looked_ms,
    }


def open_lots(actor: Actor) -> list[Lot]:
    """Batches that are being judged by a sample, with `drawn` and `done` counted."""
    decided = Q(items__is_drawn=True, items__render__decision__isnull=False)
    return list(
        Lot.objects.filter(workspace=actor.workspace, state=Lot.State.OPEN)
        .select_related("batch__style")
        .annotate(
            size=Count("items", distinct=True),
            drawn=Count("items", filter=Q(items__is_drawn=True), distinct=True),
            done=Count("items", filter=decided, distinct=True),
        )
        .order_by("-pk")
    )


def batches_to_sample(actor: Actor) -> list[Batch]:
    """Batches of which two or more pictures wait, each with its `waiting` counted."""
    ids = waiting_for(actor).values("pk")
    return list(
        Batch.objects.filter(workspace=actor.workspace)
        .exclude(lots__state=Lot.State.OPEN)
        .select_related("style")
        .annotate(waiting=Count("renders", filter=Q(renders__in=ids), distinct=True))
        .filter(waiting__gte=2)
        .order_by("-pk")[:20]
    )
