"""Cutting a photo out: queued at upload, done once per network, watched live."""

import hashlib

from django.conf import settings
from django.utils import timezone

from inference.events import CutoutFinished, Event, IsCancelled, PreviewReady, StageStarted
from inference.requests import CutoutRequest, PhotoSource, Tier
from studio.accounts.selectors import Actor
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

# Rises when the same network's cutouts change, so that nothing made of the old ones is reused.
CUTOUT_VERSION = 1


def start_cutout(photo: Photo) -> Cutout:
    """Queue the photo's cutout; nobody waits for a click."""
    network = settings.CONFIGURATION.network
    content = f"{photo.sha256}|{network}|{CUTOUT_VERSION}"
    cutout = Cutout.objects.create(
        photo=photo,
        network=network,
        content_key=hashlib.sha256(content.encode()).hexdigest(),
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


def execute_cutout(cutout: Cutout, *, is_cancelled: IsCancelled) -> bool:
    """Do the work of a claimed cutout; false when another worker took it over meanwhile.

    Raises:
        InferenceError, StudioError: why it could not be done; the caller records it.
    """
    photo = cutout.photo
    subject = subject_of_photo(photo.public_id)

    def on_event(event: Event) -> None:
        if isinstance(event, StageStarted):
            message = cutout_message(cutout, photo.public_id)
            message |= {"seq": work_seq(cutout, event.seq), "progress": progress_json(event)}
            live.store().put_state(subject, message)
        elif isinstance(event, PreviewReady):
            frame = frame_of(event.image, tier=event.tier, seq=work_seq(cutout, event.seq))
            live.store().put_frame(subject, frame)

    with local_copy(photo.original_key) as path:
        request = CutoutRequest(photo=PhotoSource(path, photo.sha256), network=cutout.network)
        finished = engine().cut_out(request, on_event=on_event, is_cancelled=is_cancelled)
    is_kept = _keep(cutout, finished)
    if is_kept:
        frame = frame_of(finished.preview, tier=Tier.FINAL, seq=work_seq(cutout))
        live.store().put_frame(subject, frame)
    return is_kept


def _keep(cutout: Cutout, finished: CutoutFinished) -> bool:
    photo = cutout.photo
    sha256 = hashlib.sha256(finished.alpha_png).hexdigest()
    folder = f"w/{photo.workspace.public_id}/photos/{photo.public_id}"
    alpha_key = f"{folder}/alpha-{sha256[:24]}.png"
    preview_sha256 = hashlib.sha256(finished.preview.data).hexdigest()
    preview_key = f"{folder}/cutout-{preview_sha256[:24]}.webp"
    save_bytes(alpha_key, finished.alpha_png)
    save_bytes(preview_key, finished.preview.data)
    return cutout.end(
        State.FINISHED,
        alpha_key=alpha_key,
        alpha_sha256=sha256,
        preview_key=preview_key,
        measurements=finished.measurements.to_json(),
        confidence=finished.confidence,
        notice=finished.notice,
        network_version=finished.network_version,
        timings_ms=dict(finished.timings_ms),
    )
