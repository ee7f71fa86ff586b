"""What every engine promises of enhancing: fake, real, and through a child process."""

import io

import numpy as np
import pytest
from PIL import Image

from inference.enhance.request import WINDOW_PX, EnhanceRequest, Outcome, Step
from inference.errors import EngineOverloaded, NothingHelps, ParameterInvalid, RenderCancelled
from inference.events import EncodedImage, EnhanceFinished, Event
from inference.protocol import Engine
from inference.requests import Tier
from tests.contracts.engines import PHOTO_SIZE, Build, Scene


def enhance(engine: Engine, request: EnhanceRequest) -> tuple[EnhanceFinished, list[Event]]:
    events: list[Event] = []
    finished = engine.enhance(request, on_event=events.append, is_cancelled=lambda: False)
    return finished, events


def mean_of(image: EncodedImage) -> float:
    with Image.open(io.BytesIO(image.data)) as opened:
        return float(np.asarray(opened.convert("RGB")).mean())


def test_a_final_is_another_photo_of_the_same_size(engine: Engine, scene: Scene) -> None:
    finished, events = enhance(engine, EnhanceRequest(scene.photo, {"exposure": -1.0}))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1] == finished
    assert finished.image is not None
    assert sorted((finished.image.width, finished.image.height)) == sorted(PHOTO_SIZE)
    assert mean_of(finished.image) < 230
    assert [(note.step, note.outcome) for note in finished.notes] == [(Step.EXPOSURE, Outcome.DONE)]


def test_a_preview_shows_before_and_after_in_one_size(engine: Engine, scene: Scene) -> None:
    request = EnhanceRequest(scene.photo, {"exposure": -1.0}, tier=Tier.PREVIEW)
    finished, _ = enhance(engine, request)
    before, after = finished.window_before, finished.window_after
    assert finished.image is None
    assert (before.width, before.height) == (after.width, after.height) == (WINDOW_PX, WINDOW_PX)
    assert mean_of(after) < mean_of(before) - 10
    assert max(finished.whole.width, finished.whole.height) <= 1024


def test_the_same_recipe_gives_the_same_bytes(engine: Engine, scene: Scene) -> None:
    request = EnhanceRequest(scene.photo, {"exposure": -0.5})
    first, second = (enhance(engine, request)[0].image for _ in range(2))
    assert first == second


def test_a_recipe_that_helps_nothing_is_refused_in_sentences(engine: Engine, scene: Scene) -> None:
    with pytest.raises(NothingHelps, match=r"\.$"):
        enhance(engine, EnhanceRequest(scene.photo, {"deblur": 50}))


def test_a_photo_is_not_enlarged_without_end(engine: Engine, scene: Scene) -> None:
    with pytest.raises(ParameterInvalid):
        enhance(engine, EnhanceRequest(scene.photo, {"enlarge": "16"}))


def test_a_cancelled_enhancement_tells_nothing(engine: Engine, scene: Scene) -> None:
    events: list[Event] = []
    with pytest.raises(RenderCancelled):
        engine.enhance(
            EnhanceRequest(scene.photo), on_event=events.append, is_cancelled=lambda: True
        )
    assert events == []


def test_a_closed_engine_enhances_nothing(build: Build, scene: Scene) -> None:
    own_engine = build()
    own_engine.close()
    with pytest.raises(EngineOverloaded):
        own_engine.enhance(
            EnhanceRequest(scene.photo), on_event=lambda _: None, is_cancelled=lambda: False
        )
