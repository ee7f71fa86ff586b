"""Reading renders and batches: only what the asking person's workspace owns."""

from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from inference.requests import Tier
from inference.scenes.fit import place_suits, suits
from inference.styles.catalogue import find_style
from studio.accounts.selectors import Actor
from studio.backdrops.models import Backdrop
from studio.catalog.models import Cutout, Photo, Product
from studio.catalog.selectors import as_uuid
from studio.core.errors import NotFound
from studio.core.work import State, Work
from studio.renders.models import Batch, Render
from studio.styles.models import Style

# Before anything was measured on this machine: a preview on two cores.
_FIRST_GUESS_S = 1.0


def renders_of(actor: Actor) -> QuerySet[Render]:
    """Every render of the workspace, with all that `render_json` shows."""
    return Render.objects.filter(workspace=actor.workspace).select_related(
        "photo", "photo__product", "cutout", "style", "decision", "requested_by", "submitted_by"
    )


def render_of(actor: Actor, public_id: object) -> Render:
    """Raise `NotFound` unless it is a render of the actor's workspace."""
    render = renders_of(actor).filter(public_id=as_uuid(public_id, "render")).first()
    if render is None:
        raise NotFound("There is no such render.")
    return render


def renders_by_ids(actor: Actor, public_ids: Iterable[str]) -> list[Render]:
    """Those of the ids that the actor may see; others are left out."""
    wanted = []
    for public_id in public_ids:
        try:
            wanted.append(as_uuid(public_id, "render"))
        except NotFound:
            continue
    return list(renders_of(actor).filter(public_id__in=wanted))


def fit_of(photo: Photo, cutout: Cutout | None, styles: Iterable[Style]) -> dict[str, str]:
    """Why each style does not suit the photo, by slug; "" when it may, or nobody can tell yet."""
    if cutout is None or cutout.state != State.FINISHED:
        return {style.slug: "" for style in styles}
    measured, facts = cutout.measured, photo.facts
    return {
        style.slug: suits(find_style(style.slug), measured, facts=facts) or "" for style in styles
    }


def fit_of_backdrops(
    photo: Photo, cutout: Cutout | None, backdrops: Iterable[Backdrop]
) -> dict[str, str]:
    """Why each of the sellers' own backdrops does not suit the photo, by id; "" when it may."""
    if cutout is None or cutout.state != State.FINISHED:
        return {str(each.public_id): "" for each in backdrops}
    return {
        str(each.public_id): place_suits(
            each.arranged, cutout.measured, facts=photo.facts, pitch_deg=each.pitch_deg
        )
        or ""
        for each in backdrops
    }


def history_of(actor: Actor, product: Product) -> list[Render]:
    """A product's finished full-quality pictures, newest first.

    Each carries `live_publication_or_none`.
    """
    # Publications live in an app above this one; the ORM knows them by name.
    publications = Render._meta.get_field("publications").related_model._default_manager
    live = Prefetch(
        "publications",
        queryset=publications.filter(withdrawn_at=None),
        to_attr="live_publications",
    )
    renders = (
        renders_of(actor)
        .filter(photo__product=product, tier=Tier.FINAL, state=State.FINISHED)
        .prefetch_related(live)
        .order_by("-finished_at", "-pk")
    )
    return [_with_publication(render) for render in renders]


def _with_publication(render: Render) -> Render:
    published: list[object] = render.live_publications  # type: ignore[attr-defined]
    render.live_publication_or_none = next(iter(published), None)  # type: ignore[attr-defined]
    return render


def batches_of(actor: Actor) -> list[Batch]:
    """The workspace's batches, newest first."""
    return list(
        Batch.objects.filter(workspace=actor.workspace)
        .select_related("style", "created_by")
        .prefetch_related("renders")
        .order_by("-pk")[:100]
    )


def batch_of(actor: Actor, public_id: object) -> Batch:
    """Raise `NotFound` unless it is a batch of the actor's workspace."""
    batch = (
        Batch.objects.filter(workspace=actor.workspace, public_id=as_uuid(public_id, "batch"))
        .select_related("style")
        .first()
    )
    if batch is None:
        raise NotFound("There is no such batch.")
    return batch


def renders_of_batch(actor: Actor, batch: Batch) -> list[Render]:
    """A batch's renders in the order they were asked for."""
    return list(renders_of(actor).filter(batches=batch).order_by("pk"))


def waiting_json(render: Render) -> dict[str, object] | None:
    """How many stand before a queued render, and about how long that takes; None when none do."""
    if render.state != State.QUEUED:
        return None
    sooner = Q(priority__lt=render.priority) | Q(
        priority=render.priority, queued_at__lt=render.queued_at
    )
    ahead = Render.objects.filter(state=State.QUEUED).filter(sooner).count()
    return {"ahead": ahead, "eta_s": round((ahead + 1) * usual_duration_s(render.tier), 1)}


def usual_duration_s(tier: int) -> float:
    """The median time of the last twenty renders of this tier."""
    since = timezone.now() - timedelta(days=1)
    recent = Render.objects.filter(
        tier=tier, state=State.FINISHED, was_cached=False, finished_at__gt=since
    ).order_by("-finished_at")
    times = [
        (finished - started).total_seconds()
        for started, finished in recent.values_list("started_at", "finished_at")[:20]
        if started and finished
    ]
    return median(times) if times else _FIRST_GUESS_S


def queue_depths() -> dict[str, int]:
    """Rows waiting and running, for health and metrics."""
    depths = {State.QUEUED.value: 0, State.RUNNING.value: 0}
    for model in _queued_models():
        for state in depths:
            depths[state] += model._default_manager.filter(state=state).count()
    return depths


def _queued_models() -> list[type[Work]]:
    return [model for model in Work.__subclasses__() if not model._meta.abstract]
