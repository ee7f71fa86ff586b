"""What an inspection says: one finding a check, and how sure the machine is of the whole.

Importing this loads neither torch nor a network: the web side stores and shows these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from inference.events import PhotoPlacement
from inference.requests import Box, Priority, RenderRequest


class Item(StrEnum):
    """The eight points of the reviewer's checklist."""

    DETAILS = "details"
    COLOUR = "colour"
    TEXT = "text"
    EDGES = "edges"
    LIGHT = "light"
    RESOLUTION = "resolution"
    CONSISTENCY = "consistency"
    POLICY = "policy"


class Verdict(StrEnum):
    """What a check concludes; `hold` keeps the picture back until a person has looked."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    HOLD = "hold"
    UNCHECKED = "unchecked"


# How much each verdict adds to the doubt about a picture, 0..1: a clear failure is quickly
# decided by a person, but it must not wait behind pictures that are fine.
_DOUBT = {
    Verdict.PASS: 0.0,
    Verdict.UNCHECKED: 0.15,
    Verdict.WARN: 0.6,
    Verdict.FAIL: 0.9,
    Verdict.HOLD: 1.0,
}
# A score this close to the worst verdict's border is a coin toss; far from it is not.
_DOUBT_OF_A_LOW_SCORE = 0.3


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    `check` is its slug; `score` is 0..1, 1 = sure that it is fine; `sentence` is for sellers;
    `region` is where to look, in pixels of the result, or None where no place is meant.
    """

    check: str
    item: Item
    score: float
    verdict: Verdict
    sentence: str
    region: Box | None = None

    def to_json(self) -> dict[str, object]:
        """Plain data for storage; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Finding":
        """Rebuild from `to_json`'s data.

        Raises:
            TypeError, KeyError, ValueError: the data is not `to_json`'s.
        """
        region = data["region"]
        return cls(
            check=str(data["check"]),
            item=Item(str(data["item"])),
            score=float(data["score"]),  # type: ignore[arg-type]
            verdict=Verdict(str(data["verdict"])),
            sentence=str(data["sentence"]),
            region=None if region is None else Box(**region),  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """What a picture's siblings in the same look are compared by.

    `fill` is the share of the frame that the product spans where it is relatively longest;
    `centre_x` and `centre_y` are the middle of its box as shares of the frame; `backdrop` is the
    frame's border in CIELAB (D65), the median of its pixels.
    """

    fill: float
    centre_x: float
    centre_y: float
    backdrop: tuple[float, float, float]

    def to_json(self) -> dict[str, object]:
        """Plain data for storage; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Summary":
        """Rebuild from `to_json`'s data.

        Raises:
            TypeError, KeyError, ValueError: the data is not `to_json`'s.
        """
        backdrop: Sequence[float] = data["backdrop"]  # type: ignore[assignment]
        lightness, a, b = backdrop
        return cls(
            fill=float(data["fill"]),  # type: ignore[arg-type]
            centre_x=float(data["centre_x"]),  # type: ignore[arg-type]
            centre_y=float(data["centre_y"]),  # type: ignore[arg-type]
            backdrop=(float(lightness), float(a), float(b)),
        )


@dataclass(frozen=True, slots=True)
class Inspection:
    """All findings on one result.

    `uncertainty` 0..1 orders the review queue, most uncertain first; `timings_ms` is each check's
    CPU time; `summary` is what later siblings of the same look are compared with.
    """

    findings: tuple[Finding, ...]
    uncertainty: float
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    summary: Summary | None = None

    def to_json(self) -> dict[str, object]:
        """Plain data for storage; `from_json` reads it back."""
        return {
            "findings": [finding.to_json() for finding in self.findings],
            "uncertainty": self.uncertainty,
            "timings_ms": dict(self.timings_ms),
            "summary": None if self.summary is None else self.summary.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Inspection":
        """Rebuild from `to_json`'s data.

        Raises:
            TypeError, KeyError, ValueError: the data is not `to_json`'s.
        """
        summary = data["summary"]
        return cls(
            findings=tuple(Finding.from_json(found) for found in data["findings"]),  # type: ignore[attr-defined]
            uncertainty=float(data["uncertainty"]),  # type: ignore[arg-type]
            timings_ms=dict(data["timings_ms"]),  # type: ignore[call-overload]
            summary=None if summary is None else Summary.from_json(summary),  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True)
class ChannelNeed:
    """What one sales channel asks of a picture, in pixels; 0 where it does not say.

    `name` is the channel's own; `smallest_width_px` and `smallest_height_px` bound each side,
    `smallest_longest_px` the longer one. `aspect` is the width over the height of what it takes,
    and `fill` the share of it that the product shall span where it is relatively longest.
    """

    name: str
    smallest_longest_px: int = 0
    smallest_width_px: int = 0
    smallest_height_px: int = 0
    aspect: float = 0.0
    fill: float = 0.0


@dataclass(frozen=True, slots=True)
class InspectionRequest:
    """Inspect a finished picture, while the files that it was made from are still there.

    `picture` is the encoded result, exactly as it will be reviewed. `channels` are those it is
    for; `siblings` the summaries of other pictures in the same look; `placement` where the engine
    says that it put the product.
    """

    render: RenderRequest
    picture: bytes
    channels: tuple[ChannelNeed, ...] = ()
    siblings: tuple[Summary, ...] = ()
    placement: PhotoPlacement | None = None

    @property
    def priority(self) -> Priority:
        """A person has the picture already: its inspection waits behind what is looked at."""
        return Priority.BULK


def uncertainty_of(findings: Sequence[Finding]) -> float:
    """How much a person's eye is needed, 0..1: no finding may hide behind many good ones.

    Doubts are joined as if they were independent: 1 - Π(1 - doubt).
    """
    calm = 1.0
    for finding in findings:
        doubt = _DOUBT[finding.verdict]
        if finding.verdict is not Verdict.UNCHECKED:
            doubt += (1 - doubt) * _DOUBT_OF_A_LOW_SCORE * (1 - finding.score) ** 2
        calm *= 1 - doubt
    return round(1 - calm, 4)
