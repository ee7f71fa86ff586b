"""Softbox's engine: photos in, cutouts and pictures out. Importing this loads no torch."""

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
