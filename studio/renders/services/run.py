"""Doing the waiting work: claim the most urgent row, run the engine, keep what it made."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from inference.errors import EngineDied, InferenceError, RenderCancelled
from inference.events import (
    Event,
    IsCancelled,
    OnEvent,
    PreviewReady,
    RenderFinished,
    StageStarted,
)
from inference.requests import (
    Aspect,
    BackdropSource,
    CutoutSource,
    GarmentPoints,
    OutputSpec,
    PhotoSource,
    Priority,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.styles.model import is_model_style
from studio.backdrops.models import Backdrop
from studio.catalog.models import Cutout, Enhancement
from studio.catalog.selectors import placed_garment
from studio.catalog.services import execute_cutout, execute_enhancement, keep_reading
from studio.catalog.wire import (
    cutout_message,
    enhancement_json,
    subject_of_enhancement,
    subject_of_photo,
    work_seq,
)
from studio.core import live
from studio.core.engine import engine
from studio.core.errors import StudioError
from studio.core.leases import LEASES
from studio.core.progress import frame_of, progress_json
from studio.core.queue import Task, ring
from studio.core.storage import local_copy, save_bytes
from studio.core.work import MAX_ATTEMPTS, State, Work
from studio.renders.models import Render
from studio.renders.services.cancel import announce
from studio.renders.services.inspect import inspect_final
from studio.renders.services.prefetch import drop_prefetched_if_busy, prefetch_thumbs
from studio.renders.services.submit import cache_key_of, place_of
from studio.renders.wire import render_event, render_json, subject_of_render
from studio.webhooks.models import EventKind
from studio.webhooks.services import record_event

log = structlog.get_logger(__name__)

# How often a running render asks the database whether it is still wanted.
CANCEL_POLL_S = 0.15
_ENDINGS = {"image/png": "png", "image/webp": "webp", "image/jpeg": "jpg", "image/avif": "avif"}


class _HeavyLane:
    """Keeps one thread of this process free for quick work while full-quality pictures are made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0

    @contextmanager
    def entered(self) -> Iterator[bool]:
        """Whether heavy work may be claimed; the place is held while the block runs."""
        with self._lock:
            may = self._running < max(1, settings.CONFIGURATION.worker_threads - 1)
            self._running += may
        try:
            yield may
        finally:
            with self._lock:
                self._running -= may


_HEAVY_LANE = _HeavyLane()


def run_waiting_work() -> int:
    """Do waiting work until none is left that this thread may take; return how much was done.

    The bell that led here is only a wake-up: what is done is whatever is most urgent in the
    database, so a bell that was lost, doubled or reordered changes nothing.
    """
    done = 0
    while _run_next(heavy=False) or _run_heavy():
        done += 1
    return done


def _run_heavy() -> bool:
    with _HEAVY_LANE.entered() as may:
        return may and _run_next(heavy=True)


def _run_next(*, heavy: bool) -> bool:
    work = _claim_next(heavy=heavy)
    if work is None:
        return False
    _execute(work)
    return True


def _claim_next(*, heavy: bool) -> Work | None:
    """The most urgent claimable row, claimed. Cutouts come first: all else waits for them."""
    lease_s = settings.CONFIGURATION.lease_s
    for candidates in _candidates(heavy=heavy):
        # Several, because another worker may win the first between reading and claiming.
        for work in candidates.order_by("priority", "queued_at", "pk")[:8]:
            if isinstance(work, Render) and work.is_speculative and drop_prefetched_if_busy():
                break
            if work.claim(lease_s=lease_s):
                return work
    return None


def _candidates(
    *, heavy: bool
) -> list[QuerySet[Cutout] | QuerySet[Render] | QuerySet[Enhancement]]:
    now = timezone.now()
    cutouts = Cutout.objects.filter(Cutout.claimable(now)).select_related(
        "photo", "photo__workspace"
    )
    renders = (
        Render.objects.filter(Render.claimable(now), cutout__state=State.FINISHED)
        .filter(Q(tier=Tier.FINAL) if heavy else Q(tier__lt=Tier.FINAL))
        .select_related("photo", "photo__product", "cutout", "style", "workspace", "decision")
    )
    enhancements = (
        Enhancement.objects.filter(Enhancement.claimable(now))
        .filter(Q(tier=Tier.FINAL) if heavy else Q(tier__lt=Tier.FINAL))
        .select_related("photo", "photo__workspace", "kept_as")
    )
    return [renders, enhancements] if heavy else [cutouts, enhancements, renders]


def _execute(work: Work) -> None:
    """Run one claimed row to an end, or give it back; never raises."""
    log_ = log.bind(work=str(work.public_id), kind=type(work).__name__)  # type: ignore[attr-defined]
    is_cancelled = _cancel_probe(work)
    with LEASES.held(work):
        try:
            if work.attempt > MAX_ATTEMPTS:
                _fail(work, "too_many_attempts", "It failed several times and was given up.")
            elif work.cancel_requested_at is not None:
                raise RenderCancelled("The render was cancelled.")
            else:
                _finish(work, is_cancelled)
        except RenderCancelled:
            if work.end(State.CANCELLED):
                _announce(work)
        except (InferenceError, StudioError) as error:
            _fail_or_release(work, error)
        except Exception:
            # The door of the worker: whatever it was is logged once, and the row says so plainly.
            log_.exception("work_failed_unexpectedly")
            _fail(work, "unexpected", "Something went wrong on our side; it has been logged.")


def _finish(work: Work, is_cancelled: IsCancelled) -> None:
    if isinstance(work, Cutout):
        _finish_cutout(work, is_cancelled)
    elif isinstance(work, Render):
        _finish_render(work, is_cancelled)
    elif isinstance(work, Enhancement) and execute_enhancement(work, is_cancelled=is_cancelled):
        _announce(work)


def _fail_or_release(work: Work, error: InferenceError | StudioError) -> None:
    may_retry = isinstance(error, InferenceError) and error.is_worth_retrying
    if may_retry and work.attempt < MAX_ATTEMPTS and work.release():
        log.warning("work_released", work=str(work), code=error.code, attempt=work.attempt)
        _announce(work)
        ring(Task.RUN_WAITING_WORK)
        return
    if isinstance(error, EngineDied):
        _fail(work, error.code, "The engine stopped several times while working on this.")
    else:
        _fail(work, error.code, str(error))


def _fail(work: Work, code: str, message: str) -> None:
    if not work.end(State.FAILED, error_code=code[:60], error_message=message[:500]):
        return
    _announce(work)
    if isinstance(work, Cutout):
        _fail_waiting_renders(work, message)


def _fail_waiting_renders(cutout: Cutout, reason: str) -> None:
    """Without a cutout there is no picture: everything that waits for it fails with its reason."""
    waiting = Render.objects.filter(cutout=cutout, state=State.QUEUED)
    public_ids = list(waiting.values_list("public_id", flat=True))
    waiting.update(
        state=State.FAILED,
        finished_at=timezone.now(),
        error_code="cutout_failed",
        error_message=f"The photo could not be cut out: {reason}"[:500],
    )
    failed = Render.objects.filter(public_id__in=public_ids).select_related(
        "photo", "photo__product", "style", "decision"
    )
    for render in failed:
        announce(render)


def _finish_cutout(cutout: Cutout, is_cancelled: IsCancelled) -> None:
    if not execute_cutout(cutout, is_cancelled=is_cancelled):
        return
    _announce(cutout)
    # Thumbs of an outline that somebody is just correcting would be thrown away at once.
    if not cutout.photo.corrections_version:
        prefetch_thumbs(cutout)
    # Renders that were asked for before the cutout existed can be claimed from now on.
    waiting = Render.objects.filter(cutout=cutout, state=State.QUEUED).count()
    for _ in range(min(waiting, settings.CONFIGURATION.worker_threads)):
        ring(Task.RUN_WAITING_WORK)


def _announce(work: Work) -> None:
    if isinstance(work, Render):
        announce(work)
    elif isinstance(work, Cutout):
        photo_id = work.photo.public_id
        live.store().put_state(subject_of_photo(photo_id), cutout_message(work, photo_id))
    elif isinstance(work, Enhancement):
        live.store().put_state(subject_of_enhancement(work.public_id), enhancement_json(work))


def _finish_render(render: Render, is_cancelled: IsCancelled) -> None:
    if not _is_of_current_cutout(render):
        return
    with ExitStack() as files:
        request = _request_of(render, files)
        finished = engine().render(request, on_event=_announcer(render), is_cancelled=is_cancelled)
        if finished.garment is not None:
            keep_reading(photo=render.photo, read=finished.garment)
        if _keep(render, finished):
            _announce_finished(render, finished)
            if render.is_final:
                inspect_final(render, request, finished)


def _announce_finished(render: Render, finished: RenderFinished) -> None:
    if not render.is_final:
        seq = work_seq(render)
        frame = frame_of(finished.image, tier=finished.tier, seq=seq)
        live.store().put_frame(subject_of_render(render.public_id), frame)
    announce(render)
    log.info(
        "render_finished",
        render=str(render.public_id),
        tier=finished.tier.name.lower(),
        elapsed_ms=round(finished.elapsed_ms),
        attempt=render.attempt,
    )


def _is_of_current_cutout(render: Render) -> bool:
    """Whether the claimed row may be rendered now.

    A picture that waited while its cutout was corrected becomes one of the corrected cutout; if
    that exists already, nobody needs this row.
    """
    cutout = render.cutout
    if cutout.state != State.FINISHED:
        render.release()
        return False
    size, aspect = render.longest_side_px, render.aspect
    cache_key = cache_key_of(
        render.photo, cutout, render.style, render.params, size, aspect, render.tier
    )
    if cache_key == render.cache_key:
        return True
    try:
        with transaction.atomic():
            Render.objects.filter(pk=render.pk, fence=render.fence).update(cache_key=cache_key)
    except IntegrityError:
        if render.end(State.CANCELLED):
            announce(render)
        return False
    render.cache_key = cache_key
    return True


def _request_of(render: Render, files: ExitStack) -> RenderRequest:
    photo, cutout = render.photo, render.cutout
    place = place_of(photo, render.style, render.params)
    return RenderRequest(
        photo=PhotoSource(files.enter_context(local_copy(photo.original_key)), photo.sha256),
        cutout=CutoutSource(
            files.enter_context(local_copy(cutout.alpha_key)),
            cutout.alpha_sha256,
            photo.measured_as_told(cutout),
            files.enter_context(local_copy(cutout.shadow_key)) if cutout.shadow_key else None,
            cutout.shadow_sha256,
        ),
        style=StyleSpec(render.style.slug, render.params),
        output=OutputSpec(render.longest_side_px, Aspect(render.aspect)),
        tier=Tier(render.tier),
        # A preview is wanted as fast as it can be; only a final is worth watching sharpen.
        only_tier=not render.is_final,
        priority=Priority(render.get_priority_display()),
        # The same picture whoever asks for it and whenever.
        seed=int(render.cache_key[:8], 16),
        place=None if place is None else _source_of(place, files),
        garment=_garment_of(render),
    )


def _garment_of(render: Render) -> GarmentPoints | None:
    """The landmarks that a person placed, for the styles that show garments."""
    if not is_model_style(render.style.slug):
        return None
    garment = placed_garment(render.photo)
    if garment is None:
        return None
    return GarmentPoints(
        garment.kind, {name: (x, y) for name, (x, y) in sorted(garment.points.items())}
    )


def _source_of(place: Backdrop, files: ExitStack) -> BackdropSource:
    path = files.enter_context(local_copy(place.original_key))
    return BackdropSource(path, place.sha256, place.arranged)


def _announcer(render: Render) -> OnEvent:
    subject = subject_of_render(render.public_id)

    def on_event(event: Event) -> None:
        if isinstance(event, StageStarted):
            message = render_json(render)
            message |= {"seq": work_seq(render, event.seq), "progress": progress_json(event)}
            live.store().put_state(subject, message)
        elif isinstance(event, PreviewReady):
            frame = frame_of(event.image, tier=event.tier, seq=work_seq(render, event.seq))
            live.store().put_frame(subject, frame)

    return on_event


def _keep(render: Render, finished: RenderFinished) -> bool:
    """Save the files first, then the row; a late worker's fence rejects it."""
    folder = f"w/{render.workspace.public_id}/renders/{render.cache_key[:2]}"
    sha256 = hashlib.sha256(finished.image.data).hexdigest()
    result_key = f"{folder}/{sha256}.{_ENDINGS[finished.image.media_type]}"
    save_bytes(result_key, finished.image.data)
    display_key = result_key
    if finished.display is not finished.image:
        display_sha256 = hashlib.sha256(finished.display.data).hexdigest()
        display_key = f"{folder}/{display_sha256}.{_ENDINGS[finished.display.media_type]}"
        save_bytes(display_key, finished.display.data)
    with transaction.atomic():
        kept = render.end(
            State.FINISHED,
            result_key=result_key,
            result_sha256=sha256,
            result_bytes=len(finished.image.data),
            display_key=display_key,
            media_type=finished.image.media_type.value,
            width=finished.image.width,
            height=finished.image.height,
            placement=None if finished.placement is None else asdict(finished.placement),
            timings_ms={name: round(ms, 1) for name, ms in finished.timings_ms.items()},
            device=finished.device,
        )
        if kept and render.is_final:
            record_event(
                workspace=render.workspace,
                kind=EventKind.FINISHED,
                subject=str(render.public_id),
                data=render_event(render),
            )
    return kept


def _cancel_probe(work: Work) -> IsCancelled:
    """Ask the row, but not more often than `CANCEL_POLL_S`; a lost lease counts as cancelled."""
    checked_at = 0.0
    answer = False

    def is_cancelled() -> bool:
        nonlocal checked_at, answer
        now = time.monotonic()
        if not answer and now - checked_at > CANCEL_POLL_S:
            checked_at = now
            still_wanted = type(work)._default_manager.filter(
                pk=work.pk, fence=work.fence, state=State.RUNNING, cancel_requested_at=None
            )
            answer = not still_wanted.exists()
        return answer

    return is_cancelled
