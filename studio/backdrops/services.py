"""Changing backdrops: a seller's own photos of places."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from inference.backdrops.guess import BackdropGuess, focal_from, guess_setup
from inference.backdrops.setup import setup_from
from inference.errors import InferenceError, ParameterInvalid
from inference.stages.decode import PhotoFacts, decode, equivalent_focal_mm, probe, source_thumbnail
from studio.accounts.selectors import Actor
from studio.backdrops.models import Backdrop
from studio.backdrops.selectors import backdrop_of
from studio.catalog.services.products import title_from_file
from studio.core.errors import Conflict, Invalid
from studio.core.ids import uuid7
from studio.core.storage import delete, save_bytes, save_file, sha256_of
from studio.core.uploads import on_disk

MAX_BACKDROPS = 200
MIN_SIDE_PX = 480
# What the editor and the list show of it.
VIEW_SIDE_PX = 1280
KEPT_AFTER_DELETION = timedelta(days=1)
# What a photo does not tell surely is asked, in the order in which it matters.
ASKED = ("eye_level", "ground_line", "light_from_deg", "width_cm")
_GUESS_SIDE_PX = 1024
_ENDINGS = {"JPEG": "jpg", "MPO": "jpg", "TIFF": "tif", "HEIF": "heic"}


def add_backdrop(*, actor: Actor, file: "File[bytes]", name: str = "") -> Backdrop:
    """Keep a photo of a place and guess where its ground and its light are.

    The same file again is the same backdrop.

    Raises:
        Invalid: not a photo, damaged, or too small for a picture.
        Conflict: the workspace has as many as it may.
        StorageFull: no room; nothing was kept.
    """
    actor.require_seller()
    sha256 = sha256_of(file)
    existing = Backdrop.objects.filter(
        workspace=actor.workspace, sha256=sha256, deleted_at=None
    ).first()
    if existing is not None:
        return existing
    if Backdrop.objects.filter(workspace=actor.workspace, deleted_at=None).count() >= MAX_BACKDROPS:
        raise Conflict(f"A workspace has up to {MAX_BACKDROPS} backdrops; delete one first.")
    facts, guess, view = _looked_at(file)
    public_id = uuid7()
    folder = f"w/{actor.workspace.public_id}/backdrops/{public_id}"
    original_key = f"{folder}/original.{_ENDINGS.get(facts.format, facts.format.lower())}"
    view_key = f"{folder}/view.webp"
    save_file(original_key, file)
    save_bytes(view_key, view)
    try:
        with transaction.atomic():
            return Backdrop.objects.create(
                public_id=public_id,
                workspace=actor.workspace,
                name=_clean_name(name.strip() or title_from_file(file.name)[:80]),
                original_key=original_key,
                view_key=view_key,
                file_name=Path(file.name or "place").name[:200],
                sha256=sha256,
                width=facts.width,
                height=facts.height,
                setup=guess.setup.to_json(),
                unsure=[each for each in ASKED if each not in guess.sure],
                created_by=actor.user,
            )
    except IntegrityError:
        # Somebody uploaded the same file at the same moment; theirs is this backdrop.
        return Backdrop.objects.get(workspace=actor.workspace, sha256=sha256, deleted_at=None)


def change_backdrop(
    *,
    actor: Actor,
    backdrop: Backdrop,
    name: str | None = None,
    setup: Mapping[str, object] | None = None,
) -> Backdrop:
    """Rename a backdrop, or say where its ground and its light are; absent values stay.

    What a person has set is unsure no more.

    Raises:
        Invalid: no name, or a setup that no place has; `field` names the value.
    """
    actor.require_seller()
    if name is not None:
        backdrop.name = _clean_name(name)
    if setup:
        try:
            backdrop.setup = setup_from(setup, backdrop.arranged).to_json()
        except ParameterInvalid as error:
            raise Invalid(str(error), field=f"setup.{error.parameter}") from error
        backdrop.unsure = [each for each in backdrop.unsure if each not in setup]
    backdrop.save(update_fields=["name", "setup", "unsure"])
    return backdrop


def delete_backdrop(*, actor: Actor, backdrop: Backdrop) -> None:
    """Take a backdrop away; it can be restored for a day. Pictures made with it stay."""
    actor.require_seller()
    Backdrop.objects.filter(pk=backdrop.pk, deleted_at=None).update(deleted_at=timezone.now())


def restore_backdrop(*, actor: Actor, public_id: object) -> Backdrop:
    """Bring a deleted backdrop back.

    Raises:
        NotFound: it was not deleted, or more than a day ago.
        Conflict: the same photo was added again meanwhile.
    """
    actor.require_seller()
    found = backdrop_of(actor, public_id, is_deleted=True)
    try:
        with transaction.atomic():
            Backdrop.objects.filter(pk=found.pk).update(deleted_at=None)
    except IntegrityError as error:
        raise Conflict("The same photo is a backdrop again already.") from error
    found.refresh_from_db()
    return found


def purge_backdrops() -> int:
    """Remove what was deleted more than a day ago, files and all; return how many."""
    oldest = timezone.now() - KEPT_AFTER_DELETION
    purged = 0
    for backdrop in Backdrop.objects.filter(deleted_at__lt=oldest):
        backdrop.delete()
        delete(backdrop.original_key)
        delete(backdrop.view_key)
        purged += 1
    return purged


def _looked_at(file: "File[bytes]") -> tuple[PhotoFacts, BackdropGuess, bytes]:
    try:
        with on_disk(file) as path:
            facts = probe(path)
            if min(facts.width, facts.height) < MIN_SIDE_PX:
                raise Invalid(
                    f"This photo is {facts.width} × {facts.height} px; a backdrop needs at least"
                    f" {MIN_SIDE_PX} px on its shorter side.",
                    field="file",
                )
            pixels = decode(path, longest_side_px=_GUESS_SIDE_PX).rgb
            guess = guess_setup(pixels, focal=focal_from(equivalent_focal_mm(path)))
            return facts, guess, source_thumbnail(path, VIEW_SIDE_PX).data
    except InferenceError as error:
        raise Invalid(str(error), field="file") from error


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise Invalid("Give the backdrop a name of up to 80 characters.", field="name")
    return name
