"""What the engine process and its parent say to each other over one pipe, by pickle.

Both ends are this program, started by one another; nothing of a seller is ever unpickled.
A *ticket* is the number of one request in one life of the engine process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.enhance.request import EnhanceRequest
from inference.errors import InferenceError
from inference.events import Event, LastingEvent
from inference.inspect.findings import Inspection, InspectionRequest
from inference.protocol import EngineHealth
from inference.requests import CorrectionRequest, CutoutRequest, RenderRequest

AnyRequest = RenderRequest | CutoutRequest | CorrectionRequest | EnhanceRequest | InspectionRequest


@dataclass(frozen=True, slots=True)
class Configure:
    """First word of the parent: which engine to build ("module:callable") and with what."""

    factory: str
    options: Mapping[str, object] = field(default_factory=dict)
    threads: int = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """Do this; the type of `request` says what."""

    ticket: int
    request: AnyRequest


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody wants the answer to that ticket any more."""

    ticket: int


@dataclass(frozen=True, slots=True)
class AskHealth:
    """How are you?"""

    ticket: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Close the engine and end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine is built and warm."""


@dataclass(frozen=True, slots=True)
class StartFailed:
    """The engine could not be built; the process ends."""

    error: InferenceError


@dataclass(frozen=True, slots=True)
class Told:
    """A passing event of a request."""

    ticket: int
    event: Event


@dataclass(frozen=True, slots=True)
class Answered:
    """The last word on a ticket. A lasting event crosses the pipe only here, once."""

    ticket: int
    result: LastingEvent | Inspection | EngineHealth


@dataclass(frozen=True, slots=True)
class Refused:
    """The request failed."""

    ticket: int
    error: InferenceError


ToEngine = Configure | Ask | Cancel | AskHealth | Stop
AboutTicket = Told | Answered | Refused
FromEngine = Ready | StartFailed | AboutTicket
