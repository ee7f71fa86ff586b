"""What every engine promises of corrections: fake, real, and through a child process."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from inference.errors import EngineOverloaded, NothingLeft, RenderCancelled
from inference.events import Event, PreviewReady
from inference.protocol import Engine
from inference.requests import CorrectionRequest, Stroke, StrokeKind
from tests.contracts.engines import Build, Scene


def correction(scene: Scene, *strokes: Stroke) -> CorrectionRequest:
    return CorrectionRequest(
        scene.photo, scene.cutout.alpha_path, scene.cutout.sha256, strokes=strokes
    )


def middle_of(scene: Scene) -> tuple[float, float]:
    box = scene.cutout.measurements.subject
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def dot(scene: Scene, kind: StrokeKind) -> Stroke:
    """A plain dot in the middle of the product."""
    radius = scene.cutout.measurements.subject.width / 8
    return Stroke(kind, radius, (middle_of(scene),), is_exact=True)


def test_a_correction_shows_a_preview_and_ends_with_the_alpha(engine: Engine, scene: Scene) -> None:
    events: list[Event] = []
    request = correction(scene, dot(scene, StrokeKind.ERASE))
    finished = engine.correct(request, on_event=events.append, is_cancelled=lambda: False)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1] == finished
    assert [type(event) for event in events].count(PreviewReady) == 1
    with Image.open(io.BytesIO(finished.alpha_png)) as image:
        alpha = np.asarray(image)
    assert alpha.shape == (finished.height, finished.width)
    x, y = middle_of(scene)
    assert alpha[round(y), round(x)] == 0
    assert finished.measurements.coverage < scene.cutout.measurements.coverage
    assert hashlib.sha256(finished.alpha_png).hexdigest() != scene.cutout.sha256


def test_erasing_everything_is_refused(engine: Engine, scene: Scene) -> None:
    everything = Stroke(StrokeKind.ERASE, 5000, (middle_of(scene),), is_exact=True)
    with pytest.raises(NothingLeft):
        engine.correct(
            correction(scene, everything), on_event=lambda _: None, is_cancelled=lambda: False
        )


def test_a_cancelled_correction_tells_nothing(engine: Engine, scene: Scene) -> None:
    events: list[Event] = []
    with pytest.raises(RenderCancelled):
        engine.correct(
            correction(scene, dot(scene, StrokeKind.KEEP)),
            on_event=events.append,
            is_cancelled=lambda: True,
        )
    assert events == []


def test_a_closed_engine_corrects_nothing(build: Build, scene: Scene) -> None:
    own_engine = build()
    own_engine.close()
    with pytest.raises(EngineOverloaded):
        own_engine.correct(correction(scene), on_event=lambda _: None, is_cancelled=lambda: False)
