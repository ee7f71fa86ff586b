"""The studio page of a product, the batch pages, and what their forms do without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django import shortcuts
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inference.errors import StyleUnknown
from inference.requests import Aspect, Posture
from inference.styles.own_backdrop import PLACE
from inference.styles.own_backdrop import SLUG as OWN_BACKDROP
from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.backdrops.models import Backdrop
from studio.backdrops.selectors import backdrops_of
from studio.backdrops.wire import backdrop_json
from studio.catalog.forms import ACCEPTED_PHOTOS
from studio.catalog.models import Photo, Product
from studio.catalog.selectors import photo_of, photos_of, product_of, taken_out_of
from studio.catalog.wire import Json, photo_json
from studio.core.channels import CHANNELS
from studio.core.errors import Invalid, StudioError
from studio.core.storage import file_url
from studio.core.work import State
from studio.renders import selectors, services
from studio.renders.forms import OrderForm, SendingForm
from studio.renders.models import Batch, Render
from studio.renders.services import RenderOrder
from studio.renders.wire import render_json, review_json
from studio.styles.models import Look, Style
from studio.styles.selectors import available_styles, look_for, looks_of, styles_by_kind

# Stands where scripts put an id into a URL.
_ANY_ID = UUID(int=0)
SIZES_PX = (1024, 1600, 2048, 3000, 4096)
DEFAULT_SIZE_PX = 2048
ASPECT_LABELS = {Aspect.PHOTO.value: "Photo"}
POSTURE_LABELS = {
    Posture.STANDING.value: "Standing",
    Posture.LYING.value: "Lying flat",
    Posture.SIDE.value: "Side on",
}
REVIEW_LABELS = {
    "draft": "Not sent",
    "submitted": "In review",
    "approved": "Approved",
    "returned": "Returned",
    "rejected": "Rejected",
}
STATE_LABELS = {
    State.QUEUED.value: "Waiting",
    State.RUNNING.value: "Working",
    State.FINISHED.value: "Finished",
    State.FAILED.value: "Failed",
    State.CANCELLED.value: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class PhotoTile:
    """One photo of the strip."""

    photo: Photo
    url: str
    thumb_url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ResultTile:
    """One full-quality picture of the history."""

    render: Render
    title: str
    state: str
    label: str
    picture_url: str
    file_url: str
    reasons: str
    note: str
    publication_url: str


@dataclass(frozen=True, slots=True)
class BatchCard:
    """One batch of the list: how much of it is done, and its first pictures."""

    batch: Batch
    url: str
    finished: int
    total: int
    failed: int
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture of a contact sheet."""

    render: Render
    url: str
    picture_url: str
    state: str
    label: str
    sentence: str


@require_safe
@with_actor
def studio(request: HttpRequest, actor: Actor, product: UUID) -> HttpResponse:
    """Where a product's pictures are made."""
    found = product_of(actor, product)
    photos = photos_of(actor, found)
    wanted = request.GET.get("photo", "")
    photo = next((p for p in photos if str(p.public_id) == wanted), photos[-1] if photos else None)
    every_style, looks = available_styles(shows_places=True), looks_of(actor)
    styles = [style for style in every_style if style.slug != OWN_BACKDROP]
    backdrops = backdrops_of(actor)
    history = selectors.history_of(actor, found)
    _say_what_suits(photo, every_style)
    reasons = _fit_of_backdrops(photo, backdrops)
    context = {
        "section": "products",
        "product": found,
        "photo": photo,
        "cutout": photo.current_cutout if photo else None,  # type: ignore[attr-defined]
        "photo_tiles": [_photo_tile(found, each, is_chosen=each == photo) for each in photos],
        "taken_out": taken_out_of(actor, found),
        "thumb_url": file_url(photo.thumb_key) if photo else "",
        "cutout_url": _cutout_url(photo) if photo else "",
        "kinds": styles_by_kind(styles),
        "first_style": styles[0].slug if styles else "",
        "looks": looks,
        "backdrops": [(each, reasons[str(each.public_id)]) for each in backdrops],
        "results": [_result_tile(render) for render in history],
        "postures": POSTURE_LABELS.items(),
        "aspects": [(a.value, ASPECT_LABELS.get(a.value, a.value)) for a in Aspect],
        "sizes": SIZES_PX,
        "default_size": DEFAULT_SIZE_PX,
        "channels": list(CHANNELS.values()),
        "zone": timezone.get_current_timezone_name(),
        "accepted": ACCEPTED_PHOTOS,
        "max_upload_mb": settings.CONFIGURATION.max_upload_mb,
        "payload": {
            **_payload(actor, found, photos, photo, every_style, looks, history),
            "backdrops": [
                {**backdrop_json(each), "unfit": reasons[str(each.public_id)]} for each in backdrops
            ],
        },
    }
    return shortcuts.render(request, "renders/studio.html", context)


@require_POST
@with_actor
def order(request: HttpRequest, actor: Actor, photo: UUID) -> HttpResponse:
    """A full-quality picture in the chosen style or look, ordered without script."""
    found = photo_of(actor, photo)
    page = f"{reverse('renders:studio', args=[found.product.public_id])}?photo={found.public_id}"
    form = OrderForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a style first.")
        return redirect(page)
    try:
        made, _ = services.order_render(actor=actor, order=_order(actor, found, form))
    except StudioError as error:
        messages.error(request, str(error))
        return redirect(page)
    if made.state == State.FINISHED:
        messages.success(request, "The full-quality picture is ready.")
    else:
        messages.info(
            request, "The full-quality picture is being made. Load the page again to see it."
        )
    return redirect(page)


@require_POST
@with_actor
def submit(request: HttpRequest, actor: Actor, render: UUID) -> HttpResponse:
    """Send a picture to review, without script."""
    found = selectors.render_of(actor, render)
    form = SendingForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.sentences()))
        return redirect("renders:studio", found.photo.product.public_id)
    try:
        services.submit_for_review(actor=actor, render=found, **form.cleaned_data)
        messages.success(request, "Sent to review.")
    except StudioError as error:
        messages.error(request, str(error))
    return redirect("renders:studio", found.photo.product.public_id)


@require_safe
@with_actor
def batches(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every batch, newest first."""
    cards = [_batch_card(each) for each in selectors.batches_of(actor)]
    context = {"section": "batches", "cards": cards}
    return shortcuts.render(request, "renders/batches.html", context)


@require_safe
@with_actor
def batch(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponse:
    """A contact sheet that fills in."""
    found = selectors.batch_of(actor, batch)
    renders = selectors.renders_of_batch(actor, found)
    cells = [_cell(each) for each in renders]
    context = {
        "section": "batches",
        "batch": found,
        "cells": cells,
        "finished": sum(cell.state == State.FINISHED for cell in cells),
        "is_unfinished": any(not each.is_ended for each in renders),
        "channels": list(CHANNELS.values()),
        "payload": [render_json(each) for each in renders],
    }
    return shortcuts.render(request, "renders/batch.html", context)


@require_POST
@with_actor
def cancel_batch(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponse:
    """Stop what is unfinished, without script."""
    found = selectors.batch_of(actor, batch)
    stopped = services.cancel_batch(actor=actor, batch=found)
    messages.info(request, f"{stopped} stopped. What was finished is kept.")
    return redirect("renders:batch", found.public_id)


def _order(actor: Actor, photo: Photo, form: OrderForm) -> RenderOrder:
    style, params = form.cleaned_data["style"], {}
    if look_id := form.look_id:
        look = look_for(actor, look_id)
        style, params = look.style.slug, services.of_look(look.params)
    elif place_id := form.place_id:
        style, params = OWN_BACKDROP, {PLACE: place_id}
    return RenderOrder(
        photo=photo,
        style=style,
        params=params,
        longest_side_px=form.cleaned_data["size"] or DEFAULT_SIZE_PX,
        aspect=form.cleaned_data["aspect"] or Aspect.SQUARE.value,
    )


def _say_what_suits(photo: Photo | None, styles: Sequence[Style]) -> None:
    """Put on every style why it does not suit the photo, as `unfit`; "" when it may."""
    cutout = photo.current_cutout if photo else None  # type: ignore[attr-defined]
    reasons = selectors.fit_of(photo, cutout, styles) if photo else {}
    for style in styles:
        style.unfit = reasons.get(style.slug, "")  # type: ignore[attr-defined]


def _fit_of_backdrops(photo: Photo | None, backdrops: Sequence[Backdrop]) -> dict[str, str]:
    if photo is None:
        return {str(each.public_id): "" for each in backdrops}
    cutout = photo.current_cutout  # type: ignore[attr-defined]
    return selectors.fit_of_backdrops(photo, cutout, backdrops)


def _photo_tile(product: Product, photo: Photo, *, is_chosen: bool) -> PhotoTile:
    page = reverse("renders:studio", args=[product.public_id])
    return PhotoTile(
        photo=photo,
        url=f"{page}?photo={photo.public_id}",
        thumb_url=file_url(photo.thumb_key),
        is_chosen=is_chosen,
    )


def _cutout_url(photo: Photo) -> str:
    cutout = photo.current_cutout  # type: ignore[attr-defined]
    return file_url(cutout.preview_key) if cutout else ""


def _result_tile(render: Render) -> ResultTile:
    review = review_json(render)
    # `history_of` adds it.
    publication = render.live_publication_or_none  # type: ignore[attr-defined]
    state = "live" if publication else str(review["state"])
    reasons = cast("list[str]", review["reason_labels"])
    return ResultTile(
        render=render,
        title=render.style.title,
        state=state,
        label="Published" if publication else REVIEW_LABELS[state],
        picture_url=file_url(render.display_key),
        file_url=file_url(render.result_key),
        reasons=", ".join(reasons),
        note=str(review["note"]),
        publication_url=publication_url(publication.public_id) if publication else "",
    )


def publication_url(public_id: UUID) -> str:
    return reverse("publishing:publication", args=[public_id])


def _payload(
    actor: Actor,
    product: Product,
    photos: Sequence[Photo],
    photo: Photo | None,
    styles: Sequence[Style],
    looks: Sequence[Look],
    history: Sequence[Render],
) -> Json:
    """What the script knows at the start; the shapes are the API's."""
    return {
        "product": {"id": str(product.public_id), "title": product.title},
        "photos": [
            photo_json(each, each.current_cutout)  # type: ignore[attr-defined]
            for each in photos
        ],
        "photo": str(photo.public_id) if photo else "",
        "styles": [
            {
                "slug": style.slug,
                "kind": style.kind,
                "title": style.title,
                "description": style.description,
                "params_schema": services.schema_for(style, product),
                "unfit": getattr(style, "unfit", ""),
            }
            for style in styles
        ],
        "looks": [
            {
                "id": str(look.public_id),
                "name": look.name,
                "style": look.style.slug,
                "params": look.params,
            }
            for look in looks
        ],
        "history": [_history_json(render) for render in history],
        "can_sell": actor.can_sell,
        "max_upload_mb": settings.CONFIGURATION.max_upload_mb,
        "urls": {
            "studio": reverse("renders:studio", args=[product.public_id]),
            "backdrop": reverse("backdrops:backdrop", args=[_ANY_ID]),
            "publish": reverse("publishing:publish", args=[_ANY_ID]),
            "any_id": str(_ANY_ID),
        },
    }


def _history_json(render: Render) -> Json:
    publication = render.live_publication_or_none  # type: ignore[attr-defined]
    url = publication_url(publication.public_id) if publication else ""
    return {**render_json(render), "publication_url": url, "is_stale": _is_stale(render)}


def _is_stale(render: Render) -> bool:
    """Whether the same look would give another picture now: its cutout was corrected since."""
    size, aspect = render.longest_side_px, render.aspect
    try:
        key = services.cache_key_of(
            render.photo,
            render.cutout,
            render.style,
            render.params,
            size,
            aspect,
            render.tier,
        )
    except (StyleUnknown, Invalid):
        # A style or backdrop that is there no more gives no picture at all.
        return True
    return key != render.cache_key


def _batch_card(batch: Batch) -> BatchCard:
    renders = list(batch.renders.all())
    finished = [render for render in renders if render.state == State.FINISHED]
    return BatchCard(
        batch=batch,
        url=reverse("renders:batch", args=[batch.public_id]),
        finished=len(finished),
        total=len(renders),
        failed=sum(render.state == State.FAILED for render in renders),
        pictures=tuple(file_url(render.display_key) for render in finished[:4]),
    )


def _cell(render: Render) -> Cell:
    photo = render.photo
    page = reverse("renders:studio", args=[photo.product.public_id])
    return Cell(
        render=render,
        url=f"{page}?photo={photo.public_id}&result={render.public_id}",
        picture_url=file_url(render.display_key or photo.thumb_key),
        state=render.state,
        label=STATE_LABELS[render.state],
        sentence=render.error_message,
    )
