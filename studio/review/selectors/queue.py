"""Reading what waits for review, and in which order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import (
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Round, TruncHour
from django.utils import timezone

from inference.requests import Tier
from studio.accounts.models import User
from studio.accounts.selectors import Actor
from studio.catalog.selectors import as_uuid
from studio.core.errors import NotFound
from studio.core.work import State
from studio.renders.models import Batch, Render
from studio.review.models import Claim, Decision, DefectReason, Inspection, LotItem, SavedView
from studio.review.selectors.policy import policy_of
from studio.styles.models import Style

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

CHECKS_FILTERS: tuple[tuple[str, str], ...] = (
    ("problem", "A check warns or fails"),
    ("pass", "Every check passed"),
    ("none", "Not inspected yet"),
)
# A second opinion is asked for while the first is fresh.
SECOND_OPINION_DAYS = 7


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a reviewer wants to see; an empty value does not filter."""

    style: str = ""
    seller: str = ""
    batch: str = ""
    checks: str = ""
    returned: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, object]) -> "QueueFilter":
        """The filter of an address or a saved view; what it does not know is left out."""
        return cls(**{field.name: str(query.get(field.name, "")) for field in fields(cls)})

    def as_query(self) -> dict[str, str]:
        """Only what filters."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value}


def results_in_review(actor: Actor) -> QuerySet[Render]:
    """Every picture of the workspace that was ever sent to review, with all that pages show."""
    return Render.objects.filter(
        workspace=actor.workspace,
        tier=Tier.FINAL,
        state=State.FINISHED,
        submitted_at__isnull=False,
    ).select_related(
        "photo",
        "photo__product",
        "cutout",
        "style",
        "requested_by",
        "submitted_by",
        "decision",
        "inspection",
        "review_claim__holder",
    )


def waiting_for(actor: Actor) -> QuerySet[Render]:
    """The queue is a query: what this reviewer may decide, in no order.

    Left out are their own pictures (four eyes), those they have decided already, and those of an
    open lot that were not drawn into its sample.
    """
    mine = Q(submitted_by=actor.user) | Q(requested_by=actor.user)
    decided_by_me = Decision.objects.filter(
        render=OuterRef("pk"), reviewer=actor.user, voided_by=None
    ).exclude(verdict=Decision.Verdict.UNDO)
    undrawn = LotItem.objects.filter(render=OuterRef("pk"), is_drawn=False, lot__state="open")
    undecided = Q(decision=None)
    return (
        results_in_review(actor)
        .filter(undecided | _wants_second_opinion())
        .exclude(mine)
        .exclude(Exists(decided_by_me))
        .exclude(Exists(undrawn))
    )


def _order(due_hours: int) -> tuple[str | Combinable, ...]:
    """Uncertainty in tenths, then what is due first by the hour, then priority.

    Finer steps would leave the later ones nothing to decide. Due is what the seller said, or the
    usual time after it was sent.
    """
    usual = ExpressionWrapper(
        F("submitted_at") + timedelta(hours=due_hours), output_field=DateTimeField()
    )
    return (
        Round(Coalesce(F("inspection__uncertainty"), 1.0, output_field=FloatField()), 1).desc(),
        TruncHour(Coalesce("due_at", usual)),
        "priority",
        "submitted_at",
        "pk",
    )


def _wants_second_opinion() -> Exists:
    since = timezone.now() - timedelta(days=SECOND_OPINION_DAYS)
    given = Decision.objects.filter(
        render=OuterRef("render_id"), is_second_opinion=True, voided_by=None
    )
    asking = Decision.objects.filter(
        standing_for=OuterRef("pk"), asks_second_opinion=True, created_at__gt=since
    ).exclude(Exists(given))
    return Exists(asking)


def filtered(renders: QuerySet[Render], wanted: QueueFilter) -> QuerySet[Render]:
    """The part of a queue that a filter asks for."""
    conditions: dict[str, Callable[[str], Q]] = {
        "style": lambda value: Q(style__slug=value),
        "seller": lambda value: Q(submitted_by__email=value),
        "batch": _in_batch,
        "checks": _with_checks,
        "returned": lambda value: _returned_before(),
    }
    for name, value in wanted.as_query().items():
        renders = renders.filter(conditions[name](value))
    return renders


def _in_batch(value: str) -> Q:
    try:
        return Q(batches__public_id=as_uuid(value, "batch"))
    except NotFound:
        return Q(pk=None)


def _with_checks(value: str) -> Q:
    if value == "none":
        return Q(inspection=None)
    outcome = Inspection.Outcome
    if value == "problem":
        return Q(inspection__outcome__in=[outcome.WARN, outcome.FAIL, outcome.HOLD])
    return Q(inspection__outcome=value)


def _returned_before() -> Q:
    """A picture of the same photo was returned and stands returned."""
    return Q(
        Exists(
            Decision.objects.filter(
                standing_for__photo=OuterRef("photo"), verdict=Decision.Verdict.RETURN
            )
        )
    )


def results_awaiting_review(
    actor: Actor, *, limit: int = 50, wanted: QueueFilter | None = None
) -> list[Render]:
    """What this reviewer may decide and nobody else has in hand, most uncertain first.

    Empty for a seller. What was never inspected counts as uncertain.
    """
    if not actor.can_review:
        return []
    held = Claim.objects.filter(render=OuterRef("pk"), lease_until__gt=timezone.now()).exclude(
        holder=actor.user
    )
    renders = filtered(waiting_for(actor), wanted or QueueFilter())
    order = _order(policy_of(actor.workspace).due_hours)
    return list(renders.exclude(Exists(held)).order_by(*order)[:limit])


def waiting_among(actor: Actor, public_ids: Iterable[str]) -> list[Render]:
    """Those of the ids that this reviewer may decide; others are left out."""
    wanted = []
    for public_id in public_ids:
        with suppress(NotFound):
            wanted.append(as_uuid(public_id, "render"))
    return list(waiting_for(actor).filter(public_id__in=wanted)) if actor.can_review else []


def awaiting_count(actor: Actor) -> int:
    """How many results wait for this reviewer."""
    return waiting_for(actor).count() if actor.can_review else 0


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


def passed_everything(actor: Actor) -> list[Render]:
    """What may be approved in bulk: every check passed on exactly these bytes."""
    waiting = results_awaiting_review(actor, limit=200, wanted=QueueFilter(checks="pass"))
    return [render for render in waiting if render.inspection.has_passed_everything]


def due_at(render: Render, *, due_hours: int) -> datetime:
    """When the seller wants an answer: as they said, or the usual time after it was sent."""
    sent = render.submitted_at or render.queued_at
    return render.due_at or sent + timedelta(hours=due_hours)


def holder_of(actor: Actor, render: Render) -> User | None:
    """Who else has the picture in hand now."""
    claim = (
        Claim.objects.filter(render=render, lease_until__gt=timezone.now())
        .exclude(holder=actor.user)
        .select_related("holder")
        .first()
    )
    return claim.holder if claim else None


def defect_reasons() -> list[DefectReason]:
    """The reasons a picture can be returned for, the worst first."""
    return list(DefectReason.objects.filter(is_active=True))


def saved_views(actor: Actor) -> list[SavedView]:
    """The reviewer's own views of this workspace's queue."""
    return list(SavedView.objects.filter(workspace=actor.workspace, owner=actor.user))


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the queue can be filtered by: (value, words)."""

    styles: list[tuple[str, str]]
    sellers: list[tuple[str, str]]
    batches: list[tuple[str, str]]


def filter_choices(actor: Actor) -> FilterChoices:
    """Only what occurs in the queue."""
    waiting = waiting_for(actor)
    ids = waiting.values("pk")
    styles = Style.objects.filter(pk__in=waiting.values("style"))
    sellers = User.objects.filter(pk__in=waiting.values("submitted_by"))
    batches = Batch.objects.filter(renders__in=ids).select_related("style").distinct()
    return FilterChoices(
        styles=[(style.slug, style.title) for style in styles.order_by("title")],
        sellers=[(seller.email, str(seller)) for seller in sellers.order_by("email")],
        batches=[(str(batch.public_id), str(batch)) for batch in batches.order_by("-pk")[:50]],
    )


def may_decide(actor: Actor, render: Render) -> bool:
    """Whether this reviewer may decide about the picture now."""
    is_waiting = actor.can_review and waiting_for(actor).filter(pk=render.pk).exists()
    return is_waiting and holder_of(actor, render) is None


def history_by_photo(renders: Sequence[Render]) -> dict[int, list[Decision]]:
    """The decisions that stand about each picture's photo, newest first."""
    found: dict[int, list[Decision]] = {}
    decisions = Decision.objects.filter(
        standing_for__photo__in=[render.photo_id for render in renders]
    ).select_related("render__style")
    for decision in decisions.order_by("-created_at", "-pk"):
        found.setdefault(decision.render.photo_id, []).append(decision)
    return found
