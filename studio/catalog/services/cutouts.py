"""Cutting a photo out: queued at upload, done once per network, watched live."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inference.events import CutoutFinished, Event, IsCancelled, PreviewReady, StageStarted
from inference.requests import (
    Box,
    CorrectionRequest,
    CutoutRequest,
    Measurements,
    PhotoSource,
    Tier,
)
from studio.accounts.selectors import Actor
from studio.catalog.hints import Hints, hints_of
from studio.catalog.models import Cutout, Photo
from studio.catalog.selectors import current_cutout
from studio.catalog.wire import cutout_message, subject_of_photo, work_seq
from studio.core import live
from studio.core.engine import engine
from studio.core.errors import Conflict
from studio.core.progress import frame_of, progress_json
from studio.core.queue import Task, ring_on_commit
from studio.core.storage import local_copy, save_bytes
from studio.core.work import Priority, State


def start_cutout(photo: Photo) -> Cutout:
    """Queue the photo's cutout; nobody waits for a click."""
    network = settings.CONFIGURATION.network
    cutout = Cutout.objects.create(
        photo=photo,
        network=network,
        content_key=hints_of(photo).content_key(photo, network),
        priority=Priority.INTERACTIVE,
    )
    ring_on_commit(Task.RUN_WAITING_WORK)
    return cutout


def retry_cutout(*, actor: Actor, photo: Photo) -> Cutout:
    """Try a failed cutout again.

    Raises:
        Conflict: it is under way or finished.
    """
    actor.require_seller()
    cutout = current_cutout(photo)
    if cutout is None:
        return start_cutout(photo)
    moved = Cutout.objects.filter(pk=cutout.pk, state__in=[State.FAILED, State.CANCELLED]).update(
        state=State.QUEUED,
        error_code="",
        error_message="",
        queued_at=timezone.now(),
        fence=cutout.fence + 1,
        cancel_requested_at=None,
    )
    if not moved:
        raise Conflict("This cut-out is not one that failed.")
    ring_on_commit(Task.RUN_WAITING_WORK)
    cutout.refresh_from_db()
    live.store().put_state(
        subject_of_photo(photo.public_id), cutout_message(cutout, photo.public_id)
    )
    return cutout


def requeue_cutout(photo: Photo) -> Cutout:
    """Make the photo's cutout again because what a person says of it has changed.

    Whoever works on it now has lost it: the fence moves on.
    """
    cutout = current_cutout(photo)
    if cutout is None:
        return start_cutout(photo)
    Cutout.objects.filter(pk=cutout.pk).update(
        state=State.QUEUED,
        content_key=hints_of(photo).content_key(photo, cutout.network),
        priority=Priority.INTERACTIVE,
        attempt=0,
        fence=cutout.fence + 1,
        lease_until=None,
        queued_at=timezone.now(),
        finished_at=None,
        cancel_requested_at=None,
        error_code="",
        error_message="",
    )
    cutout.refresh_from_db()
    transaction.on_commit(partial(_announce_requeued, cutout, photo))
    ring_on_commit(Task.RUN_WAITING_WORK)
    return cutout


def _announce_requeued(cutout: Cutout, photo: Photo) -> None:
    subject = subject_of_photo(photo.public_id)
    live.store().put_state(subject, cutout_message(cutout, photo.public_id))


def execute_cutout(cutout: Cutout, *, is_cancelled: IsCancelled) -> bool:
    """Do the work of a claimed cutout; false when another worker took it over meanwhile.

    The network runs only if what it would make is not there yet; a person's corrections are then
    laid over it.

    Raises:
        InferenceError, StudioError: why it could not be done; the caller records it.
    """
    photo = cutout.photo
    hints = hints_of(photo)
    teller = _Teller(cutout)
    with ExitStack() as files:
        path = files.enter_context(local_copy(photo.original_key))
        source = PhotoSource(path, photo.sha256)
        machine_key = hints.machine_key(photo, cutout.network)
        preview = None
        timings_ms: dict[str, float] = {}
        if cutout.machine_key != machine_key:
            teller.shows_pictures = not (hints.strokes or hints.kept)
            found = _find(cutout, source, hints, files, teller, is_cancelled)
            machine = _stored(photo, found)
            preview, timings_ms = found.preview, dict(found.timings_ms)
            if not _keep_machine(cutout, machine, machine_key):
                return False
        result = cutout.machine
        dropped = hints.dropped(Box(**each) for each in result["subjects"])
        if hints.strokes or dropped:
            teller.shows_pictures = True
            by_hand = _correct(cutout, source, hints, dropped, files, teller, is_cancelled)
            result = result | _corrected(photo, by_hand)
            preview, timings_ms = by_hand.preview, timings_ms | dict(by_hand.timings_ms)
    shadow = result if hints.keeps_shadow else {}
    names = (
        "alpha_key",
        "alpha_sha256",
        "preview_key",
        "measurements",
        "confidence",
        "notice",
        "network_version",
    )
    is_kept = cutout.end(
        State.FINISHED,
        timings_ms=timings_ms,
        shadow_key=shadow.get("shadow_key", ""),
        shadow_sha256=shadow.get("shadow_sha256", ""),
        **{name: result[name] for name in names},
    )
    if is_kept and preview is not None:
        frame = frame_of(preview, tier=Tier.FINAL, seq=work_seq(cutout))
        live.store().put_frame(subject_of_photo(photo.public_id), frame)
    return is_kept


class _Teller:
    """Passes the engine's events on; a second request's events come after the first one's."""

    def __init__(self, cutout: Cutout) -> None:
        self._cutout = cutout
        self._photo_id = cutout.photo.public_id
        self._seq = 0
        # What the network sees while strokes are still to be laid over it would be a step back.
        self.shows_pictures = True

    def __call__(self, event: Event) -> None:
        self._seq += 1
        seq = work_seq(self._cutout, self._seq)
        subject = subject_of_photo(self._photo_id)
        if isinstance(event, StageStarted):
            message = cutout_message(self._cutout, self._photo_id)
            message |= {"seq": seq, "progress": progress_json(event)}
            live.store().put_state(subject, message)
        elif isinstance(event, PreviewReady) and self.shows_pictures:
            live.store().put_frame(subject, frame_of(event.image, tier=event.tier, seq=seq))


def _find(
    cutout: Cutout,
    source: PhotoSource,
    hints: Hints,
    files: ExitStack,
    teller: _Teller,
    is_cancelled: IsCancelled,
) -> CutoutFinished:
    """What the network makes of the photo, or of the seller's own mask."""
    mask = files.enter_context(local_copy(hints.mask_key)) if hints.mask_key else None
    request = CutoutRequest(
        photo=source,
        network=cutout.network,
        box=hints.box,
        translucency=hints.translucency,
        matte_path=mask,
    )
    return engine().cut_out(request, on_event=teller, is_cancelled=is_cancelled)


def _correct(
    cutout: Cutout,
    source: PhotoSource,
    hints: Hints,
    dropped: tuple[Box, ...],
    files: ExitStack,
    teller: _Teller,
    is_cancelled: IsCancelled,
) -> CutoutFinished:
    machine = cutout.machine
    request = CorrectionRequest(
        photo=source,
        alpha_path=Path(files.enter_context(local_copy(machine["alpha_key"]))),
        alpha_sha256=machine["alpha_sha256"],
        strokes=hints.strokes,
        kept=hints.kept if dropped else (),
        dropped=dropped,
        has_own_alpha=Measurements.from_json(machine["measurements"]).has_own_alpha,
    )
    return engine().correct(request, on_event=teller, is_cancelled=is_cancelled)


def _keep_machine(cutout: Cutout, machine: Mapping[str, object], machine_key: str) -> bool:
    """Remember it at once, so that a stroke that comes now does not cost the network again."""
    moved = Cutout.objects.filter(pk=cutout.pk, fence=cutout.fence, state=State.RUNNING).update(
        machine=machine, machine_key=machine_key
    )
    cutout.machine, cutout.machine_key = dict(machine), machine_key
    return bool(moved)


def _stored(photo: Photo, finished: CutoutFinished) -> dict[str, object]:
    """Save a machine's cutout and say what it is."""
    shadow = {"shadow_key": "", "shadow_sha256": ""}
    if finished.shadow_png:
        key, sha256 = _save(photo, "shadow", "png", finished.shadow_png)
        shadow = {"shadow_key": key, "shadow_sha256": sha256}
    return {
        **_corrected(photo, finished),
        **shadow,
        "network_version": finished.network_version,
        "subjects": [asdict(box) for box in finished.subjects],
        "translucent_share": finished.translucent_share,
    }


def _corrected(photo: Photo, finished: CutoutFinished) -> dict[str, object]:
    """Save an alpha and its preview: what a correction changes of a machine's cutout."""
    alpha_key, alpha_sha256 = _save(photo, "alpha", "png", finished.alpha_png)
    preview_key, _ = _save(photo, "cutout", "webp", finished.preview.data)
    return {
        "alpha_key": alpha_key,
        "alpha_sha256": alpha_sha256,
        "preview_key": preview_key,
        "measurements": finished.measurements.to_json(),
        "confidence": finished.confidence,
        "notice": finished.notice,
    }


def _save(photo: Photo, name: str, ending: str, data: bytes) -> tuple[str, str]:
    sha256 = hashlib.sha256(data).hexdigest()
    folder = f"w/{photo.workspace.public_id}/photos/{photo.public_id}"
    key = f"{folder}/{name}-{sha256[:24]}.{ending}"
    save_bytes(key, data)
    return key, sha256
