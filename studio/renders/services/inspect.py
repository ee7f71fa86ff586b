"""Have every finished full-quality picture inspected, and hand what was found to who keeps it.

This app lies below the one that reviews: that one says at start-up who keeps inspections.
"""

from collections.abc import Callable

import structlog

from inference.errors import InferenceError
from inference.events import RenderFinished
from inference.inspect.findings import Inspection, InspectionRequest
from inference.requests import RenderRequest
from studio.core.engine import engine
from studio.core.errors import StudioError
from studio.renders.models import Render

log = structlog.get_logger(__name__)

Keep = Callable[[Render, Inspection], None]
_keepers: list[Keep] = []


def keep_inspections_with(keep: Keep) -> None:
    """From now on every final is inspected, and `keep` gets what was found; once is enough."""
    if keep not in _keepers:
        _keepers.append(keep)


def inspect_final(render: Render, request: RenderRequest, finished: RenderFinished) -> None:
    """Inspect a picture that is kept already, while the files it was made from are here.

    A picture is none the worse for an inspection that failed: it is reviewed without one, and the
    log says so.
    """
    if not _keepers:
        return
    try:
        inspection = engine().inspect(InspectionRequest(request, finished.image.data))
        for keep in _keepers:
            keep(render, inspection)
    except (InferenceError, StudioError) as error:
        log.error("inspection_failed", render=str(render.public_id), code=error.code)
