"""Renders and batches over HTTP."""

from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Header, Router, Status

from inference.requests import Tier
from inference.styles.own_backdrop import SLUG
from studio.accounts.authentication import actor_of_request
from studio.backdrops.selectors import backdrops_of
from studio.catalog.models import Photo
from studio.catalog.selectors import photo_of
from studio.catalog.wire import Json
from studio.core.errors import Invalid
from studio.core.limits import check_rate
from studio.core.work import Priority
from studio.renders import selectors, services
from studio.renders.models import Render
from studio.renders.schemas import (
    BatchIn,
    BatchOut,
    FitOut,
    RenderIn,
    RenderList,
    RenderOut,
    SubmissionIn,
    TilesIn,
)
from studio.renders.services import RenderOrder
from studio.renders.wire import render_json
from studio.styles.selectors import available_styles

router = Router(tags=["renders"])
MAX_POLLED = 200


@router.post("/renders", response={200: RenderOut, 202: RenderOut})
def create_render(
    request: HttpRequest, payload: RenderIn, idempotency_key: Header[str] = ""
) -> Status[Json]:
    """Ask for a picture: 202 when it is being made, 200 when it exists."""
    _check_rate(request)
    actor = actor_of_request(request)
    order = _order(photo_of(actor, payload.photo), payload)
    order = replace(
        order,
        tier=Tier[payload.tier.upper()],
        supersedes=str(payload.supersedes or ""),
        idempotency_key=idempotency_key[:200],
    )
    render, _ = services.order_render(actor=actor, order=order)
    return _status_of(render)


@router.post("/tiles", response={202: RenderList})
def request_tiles(request: HttpRequest, payload: TilesIn) -> Status[Json]:
    """A thumb of one photo in every style, in the styles' order."""
    _check_rate(request)
    actor = actor_of_request(request)
    renders = services.request_tiles(actor=actor, photo=photo_of(actor, payload.photo))
    return Status(202, {"renders": [render_json(render) for render in renders]})


@router.get("/photos/{photo_id}/fit", response=list[FitOut])
def fit_of_photo(request: HttpRequest, photo_id: UUID) -> list[Json]:
    """Which styles and backdrops do not suit a photo; all may while it is being cut out."""
    actor = actor_of_request(request)
    photo = photo_of(actor, photo_id)
    cutout = photo.current_cutout  # type: ignore[attr-defined]
    styles = selectors.fit_of(photo, cutout, available_styles())
    backdrops = selectors.fit_of_backdrops(photo, cutout, backdrops_of(actor))
    fits: list[Json] = [
        {"style": style, "backdrop": None, "reason": why} for style, why in styles.items()
    ]
    fits += [{"style": SLUG, "backdrop": each, "reason": why} for each, why in backdrops.items()]
    return fits


@router.get("/renders", response=RenderList)
def list_renders(request: HttpRequest, ids: str) -> Json:
    """Several renders by their ids, separated by commas; unknown ones are left out."""
    wanted = [part for part in ids.split(",") if part]
    if len(wanted) > MAX_POLLED:
        raise Invalid(f"Ask for up to {MAX_POLLED} renders at once.", field="ids")
    found = selectors.renders_by_ids(actor_of_request(request), wanted)
    return {"renders": [_with_waiting(render) for render in found]}


@router.get("/renders/{render_id}", response=RenderOut)
def get_render(request: HttpRequest, render_id: UUID) -> Json:
    """A render's state, progress, timings and result."""
    return _with_waiting(selectors.render_of(actor_of_request(request), render_id))


@router.post("/renders/{render_id}/cancel", response={202: RenderOut})
def cancel_render(request: HttpRequest, render_id: UUID) -> Status[Json]:
    """Stop a render: at once while it waits, between two stages while it runs."""
    actor = actor_of_request(request)
    render = selectors.render_of(actor, render_id)
    return Status(202, render_json(services.cancel_render(actor=actor, render=render)))


@router.post("/renders/{render_id}/retry", response={202: RenderOut})
def retry_render(request: HttpRequest, render_id: UUID) -> Status[Json]:
    """Queue a failed or cancelled render again."""
    actor = actor_of_request(request)
    render = selectors.render_of(actor, render_id)
    return Status(202, render_json(services.retry_render(actor=actor, render=render)))


@router.post("/renders/{render_id}/submit", response=RenderOut)
def submit_render(
    request: HttpRequest, render_id: UUID, payload: SubmissionIn | None = None
) -> Json:
    """Send a finished full-quality picture to review, with a deadline and the channels it is for.

    Without a body it is due as is usual in the workspace, and held to no channel's sizes.
    """
    actor = actor_of_request(request)
    render = selectors.render_of(actor, render_id)
    said = payload or SubmissionIn()
    sent = services.submit_for_review(
        actor=actor, render=render, due_at=said.due_at, channels=said.channels
    )
    return render_json(sent)


@router.post("/batches", response={202: BatchOut})
def create_batch(request: HttpRequest, payload: BatchIn) -> Status[Json]:
    """One style on many photos."""
    _check_rate(request)
    actor = actor_of_request(request)
    photos = [photo_of(actor, photo_id) for photo_id in payload.photos]
    if not photos:
        raise Invalid("Name at least one photo.", field="photos")
    order = _order(photos[0], payload)
    batch, renders = services.submit_batch(actor=actor, photos=photos, order=order)
    shown = [render_json(render) for render in renders]
    return Status(202, {"id": batch.public_id, "renders": shown})


@router.post("/batches/{batch_id}/cancel", response={202: BatchOut})
def cancel_batch(request: HttpRequest, batch_id: UUID) -> Status[Json]:
    """Stop what is unfinished; finished pictures stay."""
    actor = actor_of_request(request)
    batch = selectors.batch_of(actor, batch_id)
    services.cancel_batch(actor=actor, batch=batch)
    renders = selectors.renders_of_batch(actor, batch)
    return Status(202, {"id": batch.public_id, "renders": [render_json(r) for r in renders]})


def _order(photo: Photo, payload: RenderIn | BatchIn) -> RenderOrder:
    return RenderOrder(
        photo=photo,
        style=payload.style,
        params=payload.params,
        longest_side_px=payload.output.size,
        aspect=payload.output.aspect,
        priority=Priority[payload.priority.upper()],
    )


def _status_of(render: Render) -> Status[Json]:
    return Status(200 if render.is_ended else 202, render_json(render))


def _with_waiting(render: Render) -> Json:
    return {**render_json(render), "waiting": selectors.waiting_json(render)}


def _check_rate(request: HttpRequest) -> None:
    check_rate(
        what="renders",
        who=actor_of_request(request).workspace.pk,
        per_minute=settings.CONFIGURATION.renders_per_minute,
    )
