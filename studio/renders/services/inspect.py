"""Have every finished full-quality picture inspected, and hand what was found to who keeps it.

This app lies below the one that reviews: that one says at start-up who keeps inspections.
"""

from collections.abc import Sequence
from typing import Protocol

import structlog

from inference.errors import InferenceError
from inference.events import RenderFinished
from inference.inspect.findings import Inspection, InspectionRequest, Summary
from inference.requests import RenderRequest
from studio.core.engine import engine
from studio.core.errors import StudioError
from studio.renders.models import Render

log = structlog.get_logger(__name__)


class KeepsInspections(Protocol):
    """Who remembers what was found, and what a picture's siblings in the same look were like."""

    def siblings_of(self, render: Render) -> Sequence[Summary]: ...

    def keep(self, render: Render, inspection: Inspection) -> None: ...

    def judge_for_channels(self, render: Render) -> None: ...


_keepers: list[KeepsInspections] = []


def keep_inspections_with(keeper: KeepsInspections) -> None:
    """From now on every final is inspected, and the keeper gets what was found."""
    _keepers[:] = [keeper]


def judge_for_channels(render: Render) -> None:
    """Its seller has said which channels it is for: what was found holds it to their sizes."""
    for keeper in _keepers:
        keeper.judge_for_channels(render)


def inspect_final(render: Render, request: RenderRequest, finished: RenderFinished) -> None:
    """Inspect a picture that is kept already, while the files it was made from are here.

    A picture is none the worse for an inspection that failed: it is reviewed without one, and the
    log says so.
    """
    if not _keepers:
        return
    try:
        for keeper in _keepers:
            siblings = tuple(keeper.siblings_of(render))
            asked = InspectionRequest(
                request, finished.image.data, siblings=siblings, placement=finished.placement
            )
            keeper.keep(render, engine().inspect(asked))
    except (InferenceError, StudioError) as error:
        log.error("inspection_failed", render=str(render.public_id), code=error.code)
