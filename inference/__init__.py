"""Softbox's engine: photos in, cutouts and pictures out. Importing this loads no torch."""

import os
from typing import TYPE_CHECKING

from inference.errors import InferenceError
from inference.events import CutoutFinished, PreviewReady, RenderFinished, StageStarted
from inference.protocol import Engine, EngineHealth
from inference.remote import RemoteEngine
from inference.requests import (
    CutoutRequest,
    CutoutSource,
    OutputSpec,
    PhotoSource,
    RenderRequest,
    StyleSpec,
    Tier,
)

if TYPE_CHECKING:
    from inference.engine import RenderEngine

# torch's CPU threads by default spin while they wait for each other, and starve whatever else runs:
# with two cores shared by five busy processes one picture took 4 s instead of 0.5. The OpenMP
# library reads this once, when torch is loaded, which is always after this line.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__all__ = [
    "CutoutFinished",
    "CutoutRequest",
    "CutoutSource",
    "Engine",
    "EngineHealth",
    "InferenceError",
    "OutputSpec",
    "PhotoSource",
    "PreviewReady",
    "RemoteEngine",
    "RenderEngine",
    "RenderFinished",
    "RenderRequest",
    "StageStarted",
    "StyleSpec",
    "Tier",
]


def __getattr__(name: str) -> object:
    """Load `RenderEngine`, and with it torch, only for those who ask for it."""
    if name == "RenderEngine":
        from inference.engine import RenderEngine

        return RenderEngine
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
