"""Corrections through the real door: previews first, the native alpha after, measured anew."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from inference.correcting import CORRECTION_PLAN, correct
from inference.errors import NothingLeft, RenderCancelled
from inference.events import CutoutFinished, Event, PreviewReady
from inference.pixels.alpha import decode_alpha, encode_alpha
from inference.requests import Box, CorrectionRequest, PhotoSource, Stroke, StrokeKind
from inference.run import Run
from inference.stage_cache import StageCache
from inference.testing import FAKE_CORRECTION_PLAN
from tests import factories


@pytest.fixture
def source(tmp_path: Path) -> CorrectionRequest:
    """A 1200 × 900 photo with one box, of which the machine missed the right half."""
    data = factories.photo_bytes(size=(1200, 900))
    photo_path, alpha_path = tmp_path / "photo.png", tmp_path / "alpha.png"
    photo_path.write_bytes(data)
    alpha = np.zeros((900, 1200), dtype=np.uint8)
    alpha[225:787, 300:600] = 255
    alpha_path.write_bytes(encode_alpha(alpha))
    return CorrectionRequest(
        PhotoSource(photo_path, hashlib.sha256(data).hexdigest()),
        alpha_path,
        hashlib.sha256(alpha_path.read_bytes()).hexdigest(),
    )


def corrected(
    source: CorrectionRequest,
    *strokes: Stroke,
    cache: StageCache | None = None,
    dropped: tuple[Box, ...] = (),
    events: list[Event] | None = None,
) -> CutoutFinished:
    request = CorrectionRequest(
        source.photo, source.alpha_path, source.alpha_sha256, strokes, dropped=dropped
    )
    told = events if events is not None else []
    run = Run(CORRECTION_PLAN, on_event=told.append, is_cancelled=lambda: False)
    return correct(request, run, cache=cache or StageCache(budget_bytes=2**28))


KEEP = Stroke(StrokeKind.KEEP, 120, ((700, 300), (820, 300), (820, 700), (700, 700), (700, 500)))
ERASE = Stroke(StrokeKind.ERASE, 80, ((320, 300), (320, 760)), is_exact=True)


def test_a_preview_comes_before_the_native_alpha(source: CorrectionRequest) -> None:
    events: list[Event] = []
    finished = corrected(source, KEEP, events=events)
    previews = [event for event in events if isinstance(event, PreviewReady)]
    assert [max(p.image.width, p.image.height) for p in previews] == [512]
    assert events[-1] is finished
    assert decode_alpha(finished.alpha_png).shape == (900, 1200)


def test_what_is_painted_is_measured_again(source: CorrectionRequest) -> None:
    before, after = corrected(source), corrected(source, KEEP)
    assert before.measurements.subject.right == 600
    assert abs(after.measurements.subject.right - 900) <= 3, "up to the product's own edge"
    assert after.measurements.coverage > before.measurements.coverage


def test_strokes_are_laid_in_order(source: CorrectionRequest) -> None:
    both = decode_alpha(corrected(source, ERASE, KEEP).alpha_png)
    over = Stroke(StrokeKind.KEEP, 60, ((320, 500),), is_exact=True)
    assert both[500, 320] == 0
    assert decode_alpha(corrected(source, ERASE, over).alpha_png)[500, 320] == 255
    assert decode_alpha(corrected(source, over, ERASE).alpha_png)[500, 320] == 0


def test_what_is_remembered_changes_no_pixel(source: CorrectionRequest) -> None:
    cache = StageCache(budget_bytes=2**28)
    for count in (1, 2):
        corrected(source, *(KEEP, ERASE)[:count], cache=cache)
    misses = cache.misses
    warm = corrected(source, KEEP, ERASE, cache=cache)
    assert cache.misses == misses, "nothing is computed twice"
    assert warm.alpha_png == corrected(source, KEEP, ERASE).alpha_png
    undone = corrected(source, KEEP, cache=cache)
    assert undone.alpha_png == corrected(source, KEEP).alpha_png


def test_erasing_everything_is_said_plainly(source: CorrectionRequest) -> None:
    everything = Stroke(StrokeKind.ERASE, 2000, ((600, 450),), is_exact=True)
    with pytest.raises(NothingLeft, match="Undo"):
        corrected(source, everything)


def test_a_correction_can_be_cancelled(source: CorrectionRequest) -> None:
    run = Run(CORRECTION_PLAN, on_event=lambda _: None, is_cancelled=lambda: True)
    with pytest.raises(RenderCancelled):
        correct(source, run, cache=StageCache(budget_bytes=2**20))


def test_the_fake_engine_has_the_same_stages() -> None:
    real = [(stage.name, stage.tier, stage.label) for stage in CORRECTION_PLAN]
    assert real == [(stage.name, stage.tier, stage.label) for stage in FAKE_CORRECTION_PLAN]
