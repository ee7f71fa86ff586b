"""Correcting a cutout by hand: each step is kept, can be undone, and lies over any network's."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Max
from PIL import Image

from inference.errors import InferenceError
from inference.requests import Box, Stroke, Translucency
from inference.stages.decode import decode, source_thumbnail
from studio.accounts.selectors import Actor
from studio.catalog.models import Correction, Photo
from studio.catalog.selectors import current_cutout, subjects_of
from studio.catalog.services.cutouts import requeue_cutout
from studio.core.errors import Conflict, Invalid
from studio.core.storage import local_copy, save_bytes
from studio.core.uploads import on_disk

Standing = Correction.Standing
Kind = Correction.Kind

MAX_STEPS = 2000
MAX_POINTS = 5000
# What the editor shows of a photo; sharper than any screen's stage, small enough for a phone.
VIEW_SIDE_PX = 2048
_SHAPE_TOLERANCE = 0.01
_SMALLEST_BOX_SHARE = 0.01
_SOLID = 127


def add_strokes(*, actor: Actor, photo: Photo, strokes: Sequence[Stroke]) -> Photo:
    """Paint over the cutout; one call is one step to undo.

    Raises:
        Invalid: no stroke, too many points, or a brush larger than the photo.
    """
    actor.require_seller()
    if not strokes:
        raise Invalid("Send at least one stroke.", field="strokes")
    points = sum(len(stroke.points) for stroke in strokes)
    if points > MAX_POINTS:
        raise Invalid(f"One step has at most {MAX_POINTS} points.", field="strokes")
    longest = max(photo.width, photo.height)
    if any(not 0.5 <= stroke.radius_px <= longest for stroke in strokes):
        raise Invalid(f"A brush's radius goes from 0.5 to {longest} px.", field="radius_px")
    return _add(actor, photo, Kind.STROKES, {"strokes": [_stroke_json(each) for each in strokes]})


def set_box(*, actor: Actor, photo: Photo, box: Box | None) -> Photo:
    """Say where the product is; None takes it back.

    Raises:
        Invalid: the box lies outside of the photo or is too small to hold a product.
    """
    actor.require_seller()
    if box is None:
        return _add(actor, photo, Kind.BOX, {"box": None})
    box = Box(
        max(0, box.left),
        max(0, box.top),
        min(photo.width, box.right),
        min(photo.height, box.bottom),
    )
    least = max(4, round(_SMALLEST_BOX_SHARE * max(photo.width, photo.height)))
    if box.width < least or box.height < least:
        raise Invalid(
            f"Draw the box inside the photo, at least {least} px wide and high.", field="box"
        )
    return _add(actor, photo, Kind.BOX, {"box": _box_json(box)})


def keep_subjects(*, actor: Actor, photo: Photo, kept: Sequence[int]) -> Photo:
    """Of several products found keep some, by their numbers from 0; all of them is the default.

    Raises:
        Conflict: the cutout shows fewer than two products.
        Invalid: none is left, or a number is none of theirs.
    """
    actor.require_seller()
    subjects = subjects_of(current_cutout(photo))
    if len(subjects) < 2:
        raise Conflict("There is only one product in this photo.")
    chosen = sorted(set(kept))
    if not chosen or chosen[0] < 0 or chosen[-1] >= len(subjects):
        raise Invalid(f"Keep at least one of the products 0 to {len(subjects) - 1}.", field="kept")
    boxes = [subjects[number] for number in chosen]
    if len(boxes) == len(subjects):
        boxes = []
    return _add(actor, photo, Kind.SUBJECTS, {"kept": [_box_json(box) for box in boxes]})


def set_mask(*, actor: Actor, photo: Photo, file: "File[bytes] | None") -> Photo:
    """Use the seller's own mask (white is product) instead of a network's; None takes it back.

    Raises:
        Invalid: not a picture, not the photo's shape, or black all over.
    """
    actor.require_seller()
    if file is None:
        return _add(actor, photo, Kind.MASK, {"key": "", "sha256": ""})
    png = _mask_png(photo, file)
    sha256 = hashlib.sha256(png).hexdigest()
    key = f"{_folder(photo)}/mask-{sha256[:24]}.png"
    save_bytes(key, png)
    return _add(actor, photo, Kind.MASK, {"key": key, "sha256": sha256})


def set_translucency(*, actor: Actor, photo: Photo, value: Translucency) -> Photo:
    """Say whether light shines through the product."""
    actor.require_seller()
    return _add(actor, photo, Kind.TRANSLUCENCY, {"value": value.value})


def keep_shadow(*, actor: Actor, photo: Photo, keeps: bool) -> Photo:
    """Keep the product's own shadow in every picture, or drop it.

    Raises:
        Conflict: the photo shows no shadow that could be kept.
    """
    actor.require_seller()
    cutout = current_cutout(photo)
    if keeps and not (cutout and cutout.machine.get("shadow_key")):
        raise Conflict("This photo shows no shadow that could be kept.")
    return _add(actor, photo, Kind.SHADOW, {"keeps": keeps})


def start_over(*, actor: Actor, photo: Photo) -> Photo:
    """Back to what the network made, as a step that can be undone itself."""
    actor.require_seller()
    return _add(actor, photo, Kind.START_OVER, {})


@transaction.atomic
def undo_correction(*, actor: Actor, photo: Photo) -> Photo:
    """Take the last step back.

    Raises:
        Conflict: there is none.
    """
    actor.require_seller()
    _raise_version(photo)
    last = photo.corrections.filter(standing=Standing.DONE).order_by("-number").first()
    if last is None:
        raise Conflict("There is nothing to undo.")
    return _stand(photo, last, Standing.UNDONE)


@transaction.atomic
def redo_correction(*, actor: Actor, photo: Photo) -> Photo:
    """Do the last undone step again.

    Raises:
        Conflict: there is none.
    """
    actor.require_seller()
    _raise_version(photo)
    first = photo.corrections.filter(standing=Standing.UNDONE).order_by("number").first()
    if first is None:
        raise Conflict("There is nothing to redo.")
    return _stand(photo, first, Standing.DONE)


def photo_view_key(photo: Photo) -> str:
    """The stored file that shows the photo to the editor, made when it is first asked for."""
    key = f"{_folder(photo)}/view-{VIEW_SIDE_PX}.webp"
    if default_storage.exists(key):
        return key
    with local_copy(photo.original_key) as path:
        save_bytes(key, source_thumbnail(Path(path), VIEW_SIDE_PX).data)
    return key


@transaction.atomic
def _add(actor: Actor, photo: Photo, kind: Kind, data: Mapping[str, object]) -> Photo:
    _raise_version(photo)
    steps = photo.corrections
    steps.filter(standing=Standing.UNDONE).update(standing=Standing.DROPPED)
    last = steps.aggregate(last=Max("number"))["last"] or 0
    if last >= MAX_STEPS:
        raise Conflict(
            f"This cut-out has been changed {MAX_STEPS} times. Import a mask to go on from here."
        )
    steps.create(number=last + 1, kind=kind, data=data, made_by=actor.user)
    requeue_cutout(photo)
    return photo


def _raise_version(photo: Photo) -> None:
    """First of all, so that two people's steps wait for each other."""
    Photo.objects.filter(pk=photo.pk).update(corrections_version=F("corrections_version") + 1)
    photo.refresh_from_db(fields=["corrections_version"])


def _stand(photo: Photo, correction: Correction, standing: Standing) -> Photo:
    photo.corrections.filter(pk=correction.pk).update(standing=standing)
    requeue_cutout(photo)
    return photo


def _mask_png(photo: Photo, file: "File[bytes]") -> bytes:
    """The upload as a grey PNG; its transparency counts where it has any."""
    try:
        with on_disk(file) as path:
            picture = decode(path)
    except InferenceError as error:
        raise Invalid(str(error), field="file") from error
    height, width = picture.rgb.shape[:2]
    if abs(width / height / (photo.width / photo.height) - 1) > _SHAPE_TOLERANCE:
        raise Invalid(
            f"This mask is {width} × {height} px. It must have the photo's shape, "
            f"{photo.width} × {photo.height}.",
            field="file",
        )
    has_alpha = picture.alpha is not None and int(picture.alpha.min()) < _SOLID
    matte = picture.alpha if has_alpha else np.asarray(Image.fromarray(picture.rgb).convert("L"))
    if matte is None or int(matte.max()) <= _SOLID:
        raise Invalid("This mask is black all over. White marks the product.", field="file")
    buffer = io.BytesIO()
    Image.fromarray(matte).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _folder(photo: Photo) -> str:
    return f"w/{photo.workspace.public_id}/photos/{photo.public_id}"


def _box_json(box: Box) -> dict[str, int]:
    return {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}


def _stroke_json(stroke: Stroke) -> dict[str, object]:
    rounded = partial(round, ndigits=1)
    return {
        "kind": stroke.kind.value,
        "radius_px": rounded(stroke.radius_px),
        "points": [[rounded(x), rounded(y)] for x, y in stroke.points],
        "is_exact": stroke.is_exact,
    }
