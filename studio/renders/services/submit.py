"""Asking for pictures."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from inference.requests import (
    MAX_OUTPUT_SIDE_PX,
    MIN_OUTPUT_SIDE_PX,
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    Aspect,
    ParameterValue,
    Tier,
)
from inference.styles.catalogue import find_style
from inference.styles.own_backdrop import PLACE
from studio.accounts.selectors import Actor
from studio.backdrops.models import Backdrop
from studio.backdrops.selectors import backdrop_named
from studio.catalog.models import Cutout, Photo
from studio.catalog.selectors import current_cutout, placed_garment
from studio.core.channels import channels_named
from studio.core.errors import Conflict, Invalid
from studio.core.queue import Task, ring_on_commit
from studio.core.work import Priority, State
from studio.renders.models import Batch, Render
from studio.renders.selectors import render_of
from studio.renders.services.cancel import cancel_superseded
from studio.renders.services.defaults import for_catalogue, for_product
from studio.renders.services.inspect import judge_for_channels
from studio.styles.models import Style
from studio.styles.selectors import available_style, available_styles
from studio.styles.services import clean_style_params

MAX_BATCH_PHOTOS = 500
_LATEST_DEADLINE = timedelta(days=366)
_LIVE = (State.QUEUED, State.RUNNING, State.FINISHED)


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """What a seller asks for, not yet checked."""

    photo: Photo
    style: str
    params: Mapping[str, object] = field(default_factory=dict)
    longest_side_px: int = 2048
    aspect: str = Aspect.SQUARE.value
    tier: Tier = Tier.FINAL
    priority: Priority = Priority.INTERACTIVE
    supersedes: str = ""
    idempotency_key: str = ""
    is_speculative: bool = False


@dataclass(frozen=True, slots=True)
class _Checked:
    order: RenderOrder
    style: Style
    params: dict[str, ParameterValue]
    cutout: Cutout
    cache_key: str
    request_hash: str


def order_render(*, actor: Actor, order: RenderOrder) -> tuple[Render, bool]:
    """Queue one picture, or find it: the second value says whether work was started.

    The same photo, style, parameters, size and tier give the stored picture at once, and the same
    request twice is one render. A preview may name the one it `supersedes`, which is cancelled.

    Raises:
        Invalid: unknown style, parameter or size; `field` names it.
        Conflict: the photo could not be cut out, or the idempotency key named another request.
    """
    actor.require_seller()
    checked = _check(order)
    with transaction.atomic():
        if order.supersedes:
            cancel_superseded(actor=actor, public_id=order.supersedes, by_key=checked.cache_key)
        if order.idempotency_key and (earlier := _by_idempotency_key(actor, checked)):
            return earlier, False
        if existing := _same_look(checked):
            if existing.is_speculative and not order.is_speculative:
                _make_wanted(existing, order.priority)
            return render_of(actor, existing.public_id), False
        try:
            with transaction.atomic():
                render = _create(actor, checked)
        except IntegrityError:
            return _winner_of_race(actor, checked), False
        is_new_work = render.state == State.QUEUED
        if is_new_work:
            ring_on_commit(Task.RUN_WAITING_WORK, queue=Priority(render.priority).label)
    return render_of(actor, render.public_id), is_new_work


def request_tiles(*, actor: Actor, photo: Photo) -> list[Render]:
    """A thumb of this photo in every available style with its defaults, in the styles' order."""
    order = RenderOrder(photo=photo, style="", tier=Tier.THUMB)
    return [
        order_render(actor=actor, order=replace(order, style=style.slug))[0]
        for style in available_styles()
    ]


def submit_batch(
    *,
    actor: Actor,
    photos: Iterable[Photo],
    order: RenderOrder,
) -> tuple[Batch, list[Render]]:
    """One style on many photos, seen by one camera; `order.photo` is ignored.

    One bad photo never stops the rest, but a photo whose cutout has failed already is refused here.

    Raises:
        Invalid: no photos, too many, or what `order_render` refuses.
    """
    actor.require_seller()
    unique = list(dict.fromkeys(photos))
    if not 1 <= len(unique) <= MAX_BATCH_PHOTOS:
        raise Invalid(f"A batch has 1 to {MAX_BATCH_PHOTOS} photos.", field="photos")
    style = available_style(order.style)
    params = for_catalogue(style, order.params, unique)
    clean_style_params(style, params)
    batch = Batch.objects.create(
        workspace=actor.workspace, style=style, params=params, created_by=actor.user
    )
    renders = []
    for photo in unique:
        render, _ = order_render(actor=actor, order=replace(order, photo=photo, params=params))
        renders.append(render)
    batch.renders.set(renders)
    return batch, renders


@transaction.atomic
def submit_for_review(
    *,
    actor: Actor,
    render: Render,
    due_at: datetime | None = None,
    channels: Iterable[str] = (),
) -> Render:
    """Hand a finished full-quality picture to the reviewers.

    `due_at` is when the seller wants an answer, None as soon as is usual here; `channels` are codes
    of `core.channels` that it is for, whose sizes its inspection then holds it to.

    Raises:
        Conflict: it is not finished, is a preview, or was handed in before.
        Invalid: a deadline that has passed or is more than a year away, or an unknown channel.
    """
    actor.require_seller()
    if not render.is_final or render.state != State.FINISHED:
        raise Conflict("Only a finished full-quality picture can be sent to review.")
    now = timezone.now()
    if due_at is not None and not now < due_at <= now + _LATEST_DEADLINE:
        raise Invalid("Choose a time from now on, within a year.", field="due_at")
    wanted = [channel.code for channel in channels_named(channels)]
    moved = Render.objects.filter(pk=render.pk, submitted_at=None).update(
        submitted_at=now, submitted_by=actor.user, due_at=due_at, channels=wanted
    )
    if not moved:
        raise Conflict("This picture was sent to review before.")
    sent = render_of(actor, render.public_id)
    if wanted:
        judge_for_channels(sent)
    ring_on_commit(Task.APPROVE_BY_RULE, queue=Priority.BULK.label)
    return sent


def _check(order: RenderOrder) -> _Checked:
    style = available_style(order.style)
    params = clean_style_params(style, for_product(style, order.params, order.photo.product))
    if not MIN_OUTPUT_SIDE_PX <= order.longest_side_px <= MAX_OUTPUT_SIDE_PX:
        raise Invalid(
            f"The size goes from {MIN_OUTPUT_SIDE_PX} to {MAX_OUTPUT_SIDE_PX} px.",
            field="output.size",
        )
    if order.aspect not in [aspect.value for aspect in Aspect]:
        shapes = ", ".join(aspect.value for aspect in Aspect)
        raise Invalid(f"The shape is one of: {shapes}.", field="output.aspect")
    cutout = current_cutout(order.photo)
    if cutout is None or cutout.state in (State.FAILED, State.CANCELLED):
        reason = cutout.error_message if cutout else "it was never started."
        raise Conflict(f"This photo could not be cut out: {reason}")
    # A thumb or preview is the same picture whatever size the final one will have.
    sides = {Tier.THUMB: THUMB_SIDE_PX, Tier.PREVIEW: PREVIEW_SIDE_PX}
    order = replace(order, longest_side_px=sides.get(order.tier, order.longest_side_px))
    cache_key = cache_key_of(
        order.photo, cutout, style, params, order.longest_side_px, order.aspect, order.tier
    )
    asked = [str(order.photo.public_id), style.slug, params, order.longest_side_px]
    request_hash = _hash({"asked": [*asked, order.aspect, order.tier]})
    return _Checked(order, style, params, cutout, cache_key, request_hash)


def cache_key_of(
    photo: Photo,
    cutout: Cutout,
    style: Style,
    params: Mapping[str, object],
    size: int,
    aspect: str,
    tier: int,
) -> str:
    """Names a picture by everything that it is made of.

    Raises:
        Invalid: it shows a backdrop of the seller's own that is not there.
    """
    told = {"posture": photo.posture} if photo.posture else {}
    place = place_of(photo, style, params)
    if place is not None:
        told["place"] = place.content_key
    return _hash(
        {
            "cutout": cutout.content_key,
            **_garment_key(cutout.photo, style),
            "style": style.slug,
            "style_version": find_style(style.slug).version,
            "params": params,
            "size": size,
            "aspect": aspect,
            "tier": tier,
            **told,
        }
    )


def _garment_key(photo: Photo, style: Style) -> dict[str, object]:
    """What a person said of the garment is part of a picture that shows it worn."""
    if style.kind != Style.Kind.MODEL:
        return {}
    garment = placed_garment(photo)
    return {} if garment is None else {"garment": [garment.kind, garment.points]}


def place_of(photo: Photo, style: Style, params: Mapping[str, object]) -> Backdrop | None:
    """The seller's own backdrop that a picture shows; None in any other style.

    Raises:
        Invalid: it is not there.
    """
    if not find_style(style.slug).needs_place:
        return None
    return backdrop_named(photo.workspace, params.get(PLACE))


def _make_wanted(render: Render, priority: Priority) -> None:
    """Somebody asks for what was made on a guess: it waits no longer than their other wishes."""
    Render.objects.filter(pk=render.pk).update(is_speculative=False, priority=priority)
    if render.state == State.QUEUED:
        ring_on_commit(Task.RUN_WAITING_WORK, queue=Priority(priority).label)


def _hash(content: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _by_idempotency_key(actor: Actor, checked: _Checked) -> Render | None:
    earlier = Render.objects.filter(
        workspace=actor.workspace, idempotency_key=checked.order.idempotency_key
    ).first()
    if earlier is None:
        return None
    if earlier.request_hash != checked.request_hash:
        raise Conflict("This Idempotency-Key was used for a different request.")
    return render_of(actor, earlier.public_id)


def _same_look(checked: _Checked) -> Render | None:
    """The same picture of the same photo: finished, or still wanted by somebody."""
    return Render.objects.filter(
        photo=checked.order.photo,
        cache_key=checked.cache_key,
        state__in=_LIVE,
        cancel_requested_at=None,
    ).first()


def _winner_of_race(actor: Actor, checked: _Checked) -> Render:
    if checked.order.idempotency_key and (earlier := _by_idempotency_key(actor, checked)):
        return earlier
    existing = _same_look(checked)
    if existing is None:
        raise Conflict("The same picture is just being cancelled; ask again in a moment.")
    return render_of(actor, existing.public_id)


def _create(actor: Actor, checked: _Checked) -> Render:
    order = checked.order
    # A cancelled row that a worker still holds would block the same look: it gives way now.
    Render.objects.filter(
        photo=order.photo,
        cache_key=checked.cache_key,
        cancel_requested_at__isnull=False,
        state__in=(State.QUEUED, State.RUNNING),
    ).update(state=State.CANCELLED, lease_until=None, finished_at=timezone.now())
    render = Render(
        workspace=actor.workspace,
        photo=order.photo,
        cutout=checked.cutout,
        style=checked.style,
        params=checked.params,
        longest_side_px=order.longest_side_px,
        aspect=order.aspect,
        tier=order.tier,
        priority=order.priority,
        cache_key=checked.cache_key,
        request_hash=checked.request_hash,
        idempotency_key=order.idempotency_key or None,
        is_speculative=order.is_speculative,
        requested_by=actor.user,
    )
    if twin := _finished_elsewhere(actor, checked):
        _take_over_result(render, twin)
    render.save(force_insert=True)
    return render


def _finished_elsewhere(actor: Actor, checked: _Checked) -> Render | None:
    """The same picture made for another copy of the photo in this workspace."""
    return Render.objects.filter(
        workspace=actor.workspace, cache_key=checked.cache_key, state=State.FINISHED
    ).first()


def _take_over_result(render: Render, twin: Render) -> None:
    now = timezone.now()
    render.state = State.FINISHED
    render.started_at = render.finished_at = now
    render.was_cached = True
    for name in (
        "result_key",
        "result_sha256",
        "result_bytes",
        "display_key",
        "media_type",
        "width",
        "height",
        "device",
    ):
        setattr(render, name, getattr(twin, name))
