"""A run walks its plan in order, numbers what it says, and stops when nobody wants it."""

import pytest

from inference.errors import OutOfMemory, PhotoUnreadable, RenderCancelled, StageFailed
from inference.events import EncodedImage, Event, MediaType, PreviewReady, StageStarted
from inference.requests import Tier
from inference.run import PlannedStage, Run

PLAN = (
    PlannedStage("open", Tier.THUMB, "Opening", 10.0),
    PlannedStage("draw", Tier.THUMB, "Drawing", 30.0),
    PlannedStage("draw", Tier.FINAL, "Drawing again", 60.0),
)
IMAGE = EncodedImage(b"jpeg", MediaType.JPEG, 1, 1)


class Listener:
    """Collects events and cancels after some."""

    def __init__(self, *, cancels_after: int = 1000) -> None:
        self.events: list[Event] = []
        self._cancels_after = cancels_after

    def is_cancelled(self) -> bool:
        return len(self.events) >= self._cancels_after

    def run(self) -> Run:
        return Run(PLAN, on_event=self.events.append, is_cancelled=self.is_cancelled)


def test_stages_are_announced_with_their_place_and_the_share_of_cost_behind_them() -> None:
    listener = Listener()
    run = listener.run()
    for planned in PLAN:
        with run.stage(planned.name, planned.tier):
            pass
    told = [
        (e.seq, e.stage, e.label, e.index, e.total, e.share_done)
        for e in listener.events
        if isinstance(e, StageStarted)
    ]
    assert told == [
        (1, "open", "Opening", 1, 2, 0.0),
        (2, "draw", "Drawing", 2, 2, 0.1),
        (3, "draw", "Drawing again", 1, 1, 0.4),
    ]
    assert list(run.timings_ms) == ["thumb.open", "thumb.draw", "final.draw"]


def test_previews_are_numbered_with_the_stages() -> None:
    listener = Listener()
    run = listener.run()
    with run.stage("open", Tier.THUMB):
        pass
    run.preview(Tier.THUMB, IMAGE)
    assert [event.seq for event in listener.events] == [1, 2]
    assert isinstance(listener.events[1], PreviewReady)


def test_a_stage_that_is_not_next_is_a_programming_error() -> None:
    run = Listener().run()
    with pytest.raises(AssertionError, match="draw of THUMB is not next; open is"):
        run.stage("draw", Tier.THUMB).__enter__()


def test_a_cancelled_run_begins_no_stage_and_sends_no_preview() -> None:
    listener = Listener(cancels_after=1)
    run = listener.run()
    with run.stage("open", Tier.THUMB):
        pass
    with pytest.raises(RenderCancelled):
        run.preview(Tier.THUMB, IMAGE)
    with pytest.raises(RenderCancelled), run.stage("draw", Tier.THUMB):
        pass
    assert len(listener.events) == 1


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (PhotoUnreadable("Not a photo."), PhotoUnreadable),
        (MemoryError(), OutOfMemory),
        (OSError(28, "No space left on device"), StageFailed),
        (ZeroDivisionError(), StageFailed),
    ],
    ids=["ours", "memory", "disk full", "a bug"],
)
def test_what_a_stage_raises_arrives_as_an_error_of_the_family(
    raised: Exception, expected: type[Exception]
) -> None:
    run = Listener().run()
    with pytest.raises(expected) as caught, run.stage("open", Tier.THUMB):
        raise raised
    assert caught.value is raised or caught.value.__cause__ is raised


def test_a_failed_stage_names_itself() -> None:
    run = Listener().run()
    with pytest.raises(StageFailed) as caught, run.stage("open", Tier.THUMB):
        raise KeyError("secret")
    assert caught.value.stage == "open"
    assert "secret" not in str(caught.value)
