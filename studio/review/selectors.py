"""Reading what waits for review and what was decided."""

from django.db.models import Q, QuerySet

from inference.requests import Tier
from studio.accounts.selectors import Actor
from studio.catalog.selectors import as_uuid
from studio.core.errors import NotFound
from studio.core.work import State
from studio.renders.models import Render
from studio.review.models import Decision, DefectReason

# What a reviewer looks at, in this order.
CHECKLIST: tuple[tuple[str, str], ...] = (
    ("details", "Details and branding unchanged"),
    ("colour", "Colours true"),
    ("text", "Text and labels legible"),
    ("edges", "Edges clean"),
    ("light", "Light and shadow realistic"),
    ("resolution", "Resolution sufficient"),
    ("consistency", "Consistent with its siblings"),
    ("policy", "Content policy respected"),
)


def results_in_review(actor: Actor) -> QuerySet[Render]:
    """Every picture of the workspace that was ever sent to review, with all that pages show."""
    return Render.objects.filter(
        workspace=actor.workspace,
        tier=Tier.FINAL,
        state=State.FINISHED,
        submitted_at__isnull=False,
    ).select_related(
        "photo", "photo__product", "cutout", "style", "requested_by", "submitted_by", "decision"
    )


def _awaiting(actor: Actor) -> QuerySet[Render]:
    """The queue is a query: results without a decision, made by somebody else."""
    mine = Q(submitted_by=actor.user) | Q(requested_by=actor.user)
    return results_in_review(actor).filter(decision=None).exclude(mine)


def results_awaiting_review(actor: Actor, *, limit: int = 50) -> list[Render]:
    """What this reviewer may decide, the longest waiting first; empty for a seller."""
    if not actor.can_review:
        return []
    return list(_awaiting(actor).order_by("submitted_at", "pk")[:limit])


def awaiting_count(actor: Actor) -> int:
    """How many results wait for this reviewer."""
    return _awaiting(actor).count() if actor.can_review else 0


def review_item(actor: Actor, public_id: object) -> Render:
    """One picture in review.

    Raises:
        NotAllowed: the actor is no reviewer.
        NotFound: it is not in this workspace, or was never sent to review.
    """
    actor.require_reviewer()
    render = results_in_review(actor).filter(public_id=as_uuid(public_id, "render")).first()
    if render is None:
        raise NotFound("There is no such picture in review.")
    return render


def decisions_of(actor: Actor, *, limit: int = 100) -> list[Decision]:
    """The workspace's decisions, newest first."""
    return list(
        Decision.objects.filter(workspace=actor.workspace)
        .select_related("render__photo__product", "render__style", "reviewer")
        .order_by("-created_at", "-pk")[:limit]
    )


def defect_reasons() -> list[DefectReason]:
    """The reasons a picture can be returned for, the worst first."""
    return list(DefectReason.objects.filter(is_active=True))
