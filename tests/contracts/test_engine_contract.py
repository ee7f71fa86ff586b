"""What every engine promises: its plans, the order of its events, its refusals.

Run on the fake, on the real engine and through a child process. The fake stands in for the real
engine in all other tests; this suite and `test_engine_pictures.py` keep it honest.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from inference.errors import (
    EngineOverloaded,
    ParameterInvalid,
    PhotoUnreadable,
    RenderCancelled,
    StyleUnknown,
)
from inference.events import Event, PreviewReady, RenderFinished, StageStarted
from inference.protocol import Engine
from inference.requests import (
    PREVIEW_SIDE_PX,
    THUMB_SIDE_PX,
    Box,
    CutoutRequest,
    CutoutSource,
    Measurements,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)
from inference.testing import FAKE_CUTOUT_PLAN, fake_render_plan
from tests.contracts.engines import STYLES, Build, Scene, cut_out, pixels, render

# --- the plans ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("only_tier", [False, True])
def test_the_fake_plans_the_stages_that_the_real_engine_plans(tier: Tier, only_tier: bool) -> None:
    from inference.rendering import render_plan

    nothing = PhotoSource(Path("photo.jpg"), "")
    cutout = CutoutSource(Path("alpha.png"), "", Measurements(9, 9, Box(0, 0, 9, 9)))
    request = RenderRequest(nothing, cutout, StyleSpec(STYLES[0]), tier=tier, only_tier=only_tier)
    fake, real = fake_render_plan(request), render_plan(request)
    assert [(s.name, s.tier, s.label) for s in fake] == [(s.name, s.tier, s.label) for s in real]
    assert len(fake) >= 3


def test_the_fake_cuts_out_in_the_stages_of_the_real_engine() -> None:
    from inference.cutting import CUTOUT_PLAN

    assert [(s.name, s.tier, s.label) for s in FAKE_CUTOUT_PLAN] == [
        (s.name, s.tier, s.label) for s in CUTOUT_PLAN
    ]


# --- the order of events ----------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_events_are_numbered_from_one_and_end_with_the_result(
    engine: Engine, scene: Scene, style: str
) -> None:
    finished, events = render(engine, scene.request(style))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1] == finished
    assert [type(event) for event in events].count(RenderFinished) == 1
    elapsed = [event.elapsed_ms for event in events]
    assert elapsed == sorted(elapsed)
    assert elapsed[0] >= 0


def test_a_finished_picture_says_where_the_photo_lies_in_it(engine: Engine, scene: Scene) -> None:
    finished, _ = render(engine, scene.request())
    assert finished.placement is not None
    size = (finished.placement.width, finished.placement.height)
    assert size == (finished.image.width, finished.image.height)
    left, top, right, bottom = finished.placement.box(scene.request().cutout.measurements.subject)
    assert -1 <= left < right <= size[0] + 1
    assert -1 <= top < bottom <= size[1] + 1


def test_a_final_request_shows_a_thumb_and_a_preview_first(engine: Engine, scene: Scene) -> None:
    finished, events = render(engine, scene.request())
    previews = [event for event in events if isinstance(event, PreviewReady)]
    assert [event.tier for event in previews] == [Tier.THUMB, Tier.PREVIEW]
    sides = [max(event.image.width, event.image.height) for event in previews]
    assert sides == [THUMB_SIDE_PX, PREVIEW_SIDE_PX]
    assert (finished.tier, finished.image.width) == (Tier.FINAL, 640)
    for event in previews:
        pixels(event.image)


def test_only_tier_delivers_that_tier_and_nothing_before(engine: Engine, scene: Scene) -> None:
    request = replace(scene.request(), tier=Tier.PREVIEW, only_tier=True)
    finished, events = render(engine, request)
    assert not [event for event in events if isinstance(event, PreviewReady)]
    assert {event.tier for event in events if isinstance(event, StageStarted)} == {Tier.PREVIEW}
    assert finished.tier is Tier.PREVIEW
    assert finished.image == finished.display
    assert pixels(finished.image).shape == (PREVIEW_SIDE_PX, PREVIEW_SIDE_PX, 3)


def test_stages_count_up_within_their_tier_and_the_share_done_never_falls(
    engine: Engine, scene: Scene
) -> None:
    _, events = render(engine, scene.request())
    stages = [event for event in events if isinstance(event, StageStarted)]
    for tier in Tier:
        of_tier = [stage for stage in stages if stage.tier is tier]
        indices = [stage.index for stage in of_tier]
        assert indices == sorted(set(indices))
        assert of_tier
        assert {stage.total for stage in of_tier} == {of_tier[0].total}
        assert 1 <= indices[0] <= indices[-1] <= of_tier[0].total
    shares = [stage.share_done for stage in stages]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] < 1
    assert all(stage.label for stage in stages)


def test_a_cutout_tells_its_stages_and_ends_with_the_result(engine: Engine, scene: Scene) -> None:
    finished, events = cut_out(engine, scene.photo)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1] == finished
    assert len(events) > 2
    assert all(isinstance(event, StageStarted | PreviewReady) for event in events[:-1])
    (preview,) = [event for event in events if isinstance(event, PreviewReady)]
    assert preview.tier is Tier.PREVIEW
    assert max(preview.image.width, preview.image.height) == PREVIEW_SIDE_PX
    elapsed = [event.elapsed_ms for event in events]
    assert elapsed == sorted(elapsed)
    assert finished.timings_ms
    assert all(duration >= 0 for duration in finished.timings_ms.values())


# --- cancellation -----------------------------------------------------------------------------


@pytest.mark.parametrize("wanted_events", [0, 1, 3, 5])
def test_a_cancelled_render_raises_and_sends_nothing_more(
    engine: Engine, scene: Scene, wanted_events: int
) -> None:
    events: list[Event] = []
    with pytest.raises(RenderCancelled):
        engine.render(
            scene.request(),
            on_event=events.append,
            is_cancelled=lambda: len(events) >= wanted_events,
        )
    assert len(events) == wanted_events


@pytest.mark.parametrize("wanted_events", [0, 2])
def test_a_cancelled_cutout_raises_and_sends_nothing_more(
    engine: Engine, scene: Scene, wanted_events: int
) -> None:
    events: list[Event] = []
    with pytest.raises(RenderCancelled):
        engine.cut_out(
            CutoutRequest(replace(scene.photo, sha256=f"{wanted_events:064}")),
            on_event=events.append,
            is_cancelled=lambda: len(events) >= wanted_events,
        )
    assert len(events) == wanted_events


# --- refusals ---------------------------------------------------------------------------------


def refusal_of(engine: Engine, request: RenderRequest) -> tuple[Exception, list[Event]]:
    events: list[Event] = []
    with pytest.raises(Exception) as caught:  # noqa: PT011  # the caller compares the type
        engine.render(request, on_event=events.append, is_cancelled=lambda: False)
    return caught.value, events


def test_an_unknown_style_is_refused_before_any_event(engine: Engine, scene: Scene) -> None:
    error, events = refusal_of(engine, scene.request("no-such-style"))
    assert isinstance(error, StyleUnknown)
    assert "no-such-style" in str(error)
    assert events == []


@pytest.mark.parametrize(
    ("name", "value"), [("scale", 9999.0), ("scale", "large"), ("no_such_parameter", 1.0)]
)
def test_a_parameter_that_no_style_takes_is_refused_before_any_event(
    engine: Engine, scene: Scene, name: str, value: float | str
) -> None:
    error, events = refusal_of(
        engine, replace(scene.request(), style=StyleSpec(STYLES[0], {name: value}))
    )
    assert isinstance(error, ParameterInvalid)
    assert error.parameter == name
    assert events == []


def test_a_file_that_is_no_photo_is_refused(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"These are my notes, not a photo." * 20)
    with pytest.raises(PhotoUnreadable):
        cut_out(engine, PhotoSource(path, hashlib.sha256(path.read_bytes()).hexdigest()))


def test_a_closed_engine_refuses(build: Build, scene: Scene) -> None:
    engine = build()
    engine.close()
    assert not engine.health().is_ready
    with pytest.raises(EngineOverloaded):
        render(engine, scene.request())
    with pytest.raises(EngineOverloaded):
        cut_out(engine, scene.photo)


def test_a_warm_engine_says_that_it_is_ready(engine: Engine) -> None:
    health = engine.health()
    assert health.is_ready
    assert health.device
    assert health.detail == ""
