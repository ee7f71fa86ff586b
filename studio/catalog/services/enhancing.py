"""Enhancing a photo: tried by a recipe, compared, and kept as another version or dropped."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inference.enhance.recipe import (
    RECIPE_VERSION,
    changes_something,
    clean_recipe,
    enlarged_size,
    enlarges_by,
)
from inference.enhance.request import EnhanceRequest
from inference.errors import ParameterInvalid
from inference.events import EnhanceFinished, Event, IsCancelled, StageStarted
from inference.requests import PhotoSource, Tier
from studio.accounts.selectors import Actor
from studio.catalog.models import Correction, Cutout, Enhancement, Photo, Product
from studio.catalog.selectors import current_cutout, enhancement_of, photo_of
from studio.catalog.services.cutouts import start_cutout
from studio.catalog.services.products import THUMB_SIDE_PX, inspect_photo
from studio.catalog.wire import enhancement_json, subject_of_enhancement, work_seq
from studio.core import live
from studio.core.engine import engine
from studio.core.errors import Conflict, Invalid
from studio.core.ids import uuid7
from studio.core.progress import progress_json
from studio.core.queue import Task, ring_on_commit
from studio.core.storage import delete, local_copy, save_bytes
from studio.core.work import ENDED, Priority, State

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_FILES = ("result_key", "whole_key", "before_key", "after_key")
_LIVE = (State.QUEUED, State.RUNNING, State.FINISHED)


@dataclass(frozen=True, slots=True)
class EnhancementOrder:
    """What a seller asks for, not yet checked."""

    recipe: Mapping[str, object]
    tier: Tier = Tier.FINAL
    window_x: float = 0.5
    window_y: float = 0.5
    supersedes: str = ""


def order_enhancement(*, actor: Actor, photo: Photo, order: EnhancementOrder) -> Enhancement:
    """Queue one enhancement, or find the same one. A preview may supersede an earlier one.

    Raises:
        Invalid: an unknown parameter, one out of its range, or a final that changes nothing.
        Conflict: the photo is a version itself.
    """
    actor.require_seller()
    if photo.version_of_id is not None:
        raise Conflict("This is an enhanced version already; enhance the photo it was made of.")
    try:
        recipe = clean_recipe(order.recipe)
        enlarged_size(photo.width, photo.height, recipe)
    except ParameterInvalid as error:
        raise Invalid(str(error), field=f"recipe.{error.parameter}") from error
    if order.tier is Tier.FINAL and not changes_something(recipe):
        raise Invalid("Change something first: this would be the same photo.", field="recipe")
    cutout = current_cutout(photo)
    key = _key(photo, recipe, cutout, order)
    with transaction.atomic():
        if order.supersedes:
            _cancel(actor, order.supersedes, but=key)
        existing = _same(photo, key, order.tier)
        if existing is None:
            existing = Enhancement.objects.create(
                photo=photo,
                recipe=recipe,
                recipe_key=key,
                tier=order.tier,
                window_x=order.window_x,
                window_y=order.window_y,
                requested_by=actor.user,
                priority=Priority.INTERACTIVE,
            )
            ring_on_commit(Task.RUN_WAITING_WORK)
    return enhancement_of(actor, existing.public_id)


def cancel_enhancement(*, actor: Actor, enhancement: Enhancement) -> Enhancement:
    """Stop one that is waiting or under way; one that has ended stays as it is."""
    actor.require_seller()
    _cancel(actor, str(enhancement.public_id), but="")
    return enhancement_of(actor, enhancement.public_id)


def execute_enhancement(enhancement: Enhancement, *, is_cancelled: IsCancelled) -> bool:
    """Do the work of a claimed enhancement; false when another worker took it over meanwhile.

    Raises:
        InferenceError, StudioError: why it could not be done; the caller records it.
    """
    photo = enhancement.photo
    cutout = current_cutout(photo)
    with ExitStack() as files:
        source = PhotoSource(files.enter_context(local_copy(photo.original_key)), photo.sha256)
        alpha_path, alpha_sha256 = None, ""
        if cutout is not None and cutout.state == State.FINISHED:
            alpha_path = Path(files.enter_context(local_copy(cutout.alpha_key)))
            alpha_sha256 = cutout.alpha_sha256
        request = EnhanceRequest(
            photo=source,
            recipe=enhancement.recipe,
            alpha_path=alpha_path,
            alpha_sha256=alpha_sha256,
            tier=Tier(enhancement.tier),
            window_x=enhancement.window_x,
            window_y=enhancement.window_y,
        )
        finished = engine().enhance(
            request, on_event=_Teller(enhancement), is_cancelled=is_cancelled
        )
    return enhancement.end(State.FINISHED, **_stored(enhancement, finished))


def keep_enhancement(*, actor: Actor, enhancement: Enhancement) -> Photo:
    """Add the enhanced photo to the product as a version of its original.

    What was corrected by hand in the original's cutout is carried over. Keeping the same twice, or
    one that was taken out again, gives the one version.

    Raises:
        Conflict: it is not finished, is a preview, or was dropped.
    """
    actor.require_seller()
    if not enhancement.is_final or enhancement.state != State.FINISHED:
        raise Conflict("Only a finished enhancement of the whole photo can be kept.")
    if enhancement.dropped_at is not None:
        raise Conflict("This enhancement was dropped; make it again to keep it.")
    original = enhancement.photo
    with transaction.atomic():
        Product.objects.select_for_update().get(pk=original.product_id)
        version = Photo.objects.filter(
            product=original.product_id, sha256=enhancement.result_sha256
        ).first()
        if version is None:
            version = _make_version(actor, original, enhancement)
        elif version.taken_out_at is not None:
            _set_taken_out(version, None)
        Enhancement.objects.filter(pk=enhancement.pk).update(kept_as=version)
        Product.objects.filter(pk=original.product_id).update(touched_at=timezone.now())
    return photo_of(actor, version.public_id)


def drop_enhancement(*, actor: Actor, enhancement: Enhancement) -> Enhancement:
    """Throw an enhancement away; the photo never changed.

    Raises:
        Conflict: it was kept; take the version out instead.
    """
    actor.require_seller()
    if enhancement.kept_as is not None:
        raise Conflict("This was kept as a version of the photo; take that out instead.")
    _cancel(actor, str(enhancement.public_id), but="")
    moved = Enhancement.objects.filter(pk=enhancement.pk, dropped_at=None).update(
        dropped_at=timezone.now()
    )
    if moved:
        transaction.on_commit(lambda: _delete_file(enhancement.result_key))
    return enhancement_of(actor, enhancement.public_id)


def take_out_version(*, actor: Actor, photo: Photo) -> Photo:
    """Take a version out of its product again; its pictures and the original stay.

    Raises:
        Conflict: it is an original, or was taken out before.
    """
    actor.require_seller()
    if photo.version_of_id is None:
        raise Conflict("This is the photo as it was uploaded; only versions can be taken out.")
    if photo.taken_out_at is not None:
        raise Conflict("This version was taken out before.")
    _set_taken_out(photo, timezone.now())
    return photo_of(actor, photo.public_id)


def put_back_version(*, actor: Actor, photo: Photo) -> Photo:
    """Undo `take_out_version`.

    Raises:
        Conflict: it was not taken out.
    """
    actor.require_seller()
    if photo.taken_out_at is None:
        raise Conflict("This photo was not taken out.")
    _set_taken_out(photo, None)
    return photo_of(actor, photo.public_id)


def purge_enhancements(*, older_than: datetime) -> int:
    """Delete previews and dropped or never kept trials that ended before then; return how many."""
    stale = Enhancement.objects.filter(state__in=ENDED, finished_at__lt=older_than, kept_as=None)[
        :2000
    ]
    for enhancement in stale:
        keys = {getattr(enhancement, name) for name in _FILES}
        enhancement.delete()
        for key in keys:
            _delete_file(key)
    return len(stale)


class _Teller:
    """Tells watchers how far it is."""

    def __init__(self, enhancement: Enhancement) -> None:
        self._enhancement = enhancement

    def __call__(self, event: Event) -> None:
        if not isinstance(event, StageStarted):
            return
        enhancement = self._enhancement
        message = enhancement_json(enhancement)
        message |= {"seq": work_seq(enhancement, event.seq), "progress": progress_json(event)}
        live.store().put_state(subject_of_enhancement(enhancement.public_id), message)


def _key(
    photo: Photo, recipe: Mapping[str, object], cutout: Cutout | None, order: EnhancementOrder
) -> str:
    """Names what comes of it: a cutout that is corrected later changes what is measured."""
    window = (round(order.window_x, 4), round(order.window_y, 4))
    seen = cutout.alpha_sha256 if cutout and cutout.state == State.FINISHED else ""
    content = [photo.sha256, seen, RECIPE_VERSION, recipe, window]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _same(photo: Photo, key: str, tier: Tier) -> Enhancement | None:
    return Enhancement.objects.filter(
        photo=photo,
        recipe_key=key,
        tier=tier,
        state__in=_LIVE,
        cancel_requested_at=None,
        dropped_at=None,
    ).first()


def _cancel(actor: Actor, public_id: str, *, but: str) -> None:
    """Ask for the end of what is under way; what waits ends at once."""
    named = Enhancement.objects.filter(
        photo__workspace=actor.workspace, public_id=public_id
    ).exclude(recipe_key=but)
    now = timezone.now()
    named.filter(state=State.QUEUED).update(
        state=State.CANCELLED, cancel_requested_at=now, finished_at=now
    )
    named.filter(state=State.RUNNING).update(cancel_requested_at=now)


def _stored(enhancement: Enhancement, finished: EnhanceFinished) -> dict[str, object]:
    """Save what was made, and say what it is."""
    photo = enhancement.photo
    folder = f"w/{photo.workspace.public_id}/photos/{photo.public_id}"
    pictures = {
        "whole_key": finished.whole,
        "before_key": finished.window_before,
        "after_key": finished.window_after,
    }
    if finished.image is not None:
        pictures["result_key"] = finished.image
    keys = {}
    for name, picture in pictures.items():
        sha256 = hashlib.sha256(picture.data).hexdigest()
        key = f"{folder}/enhanced-{sha256[:32]}.{_ENDINGS[picture.media_type]}"
        save_bytes(key, picture.data)
        keys[name] = key
    size: dict[str, object] = {}
    if finished.image is not None:
        size = {
            "width": finished.image.width,
            "height": finished.image.height,
            "result_sha256": hashlib.sha256(finished.image.data).hexdigest(),
        }
    return {
        **keys,
        **size,
        "condition": finished.condition.to_json(),
        "taken": clean_recipe(finished.taken),
        "notes": [asdict(note) for note in finished.notes],
        "timings_ms": {name: round(ms, 1) for name, ms in finished.timings_ms.items()},
        "device": finished.device,
    }


def _make_version(actor: Actor, original: Photo, enhancement: Enhancement) -> Photo:
    public_id = uuid7()
    with local_copy(enhancement.result_key) as path:
        facts, thumb = inspect_photo(path)
        size_bytes = path.stat().st_size
    thumb_key = f"w/{actor.workspace.public_id}/photos/{public_id}/thumb-{THUMB_SIDE_PX}.webp"
    save_bytes(thumb_key, thumb)
    version = Photo.objects.create(
        public_id=public_id,
        workspace=original.workspace,
        product=original.product,
        original_key=enhancement.result_key,
        thumb_key=thumb_key,
        file_name=f"{Path(original.file_name).stem} (enhanced).png"[-200:],
        sha256=enhancement.result_sha256,
        size_bytes=size_bytes,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        uploaded_by=actor.user,
        version_of=original,
        recipe=enhancement.taken,
        posture=original.posture,
    )
    _carry_corrections(original, version, enlarges_by(enhancement.taken))
    start_cutout(version)
    return version


def _carry_corrections(original: Photo, version: Photo, factor: int) -> None:
    """The steps that count, in the version's pixels: its cutout is made anew under them."""
    steps = original.corrections.filter(standing=Correction.Standing.DONE).order_by("number")
    carried = [
        Correction(
            photo=version,
            number=step.number,
            kind=step.kind,
            data=_scaled(step.data, factor),
            made_by=step.made_by,
            made_at=step.made_at,
        )
        for step in steps
    ]
    Correction.objects.bulk_create(carried)
    version.corrections_version = len(carried)
    version.save(update_fields=["corrections_version"])


def _scaled(data: Mapping[str, object], factor: int) -> dict[str, object]:
    """A step's data with every length and place multiplied; see `catalog.hints` for its forms."""
    places = {"left", "top", "right", "bottom", "radius_px"}

    def scaled(value: object, name: str = "") -> object:
        if isinstance(value, Mapping):
            return {key: scaled(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [scaled(each, name) for each in value]
        if name in places | {"points"} and isinstance(value, int | float):
            return value * factor
        return value

    return {key: scaled(value, key) for key, value in data.items()}


def _set_taken_out(photo: Photo, at: datetime | None) -> None:
    Photo.objects.filter(pk=photo.pk).update(taken_out_at=at)
    Product.objects.filter(pk=photo.product_id).update(touched_at=timezone.now())


def _delete_file(key: str) -> None:
    """Unless a version or another enhancement is made of the same bytes."""
    named = Q(whole_key=key) | Q(before_key=key) | Q(after_key=key)
    named |= Q(result_key=key, dropped_at=None)
    is_version = Photo.objects.filter(original_key=key).exists()
    if key and not is_version and not Enhancement.objects.filter(named).exists():
        delete(key)
