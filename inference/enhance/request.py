"""What a caller asks of the engine about enhancing, and is told. Loads no network library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from inference.requests import ParameterValue, PhotoSource, Priority, Tier

# What is shown of a photo in its own pixels, before and after.
WINDOW_PX = 256
# The whole photo, small, as it would be.
WHOLE_SIDE_PX = 1024


class Step(StrEnum):
    """The steps of a recipe, in the order in which they are taken."""

    DENOISE = "denoise"
    DEBLUR = "deblur"
    WHITE = "white"
    EXPOSURE = "exposure"
    ENLARGE = "enlarge"
    TEXT = "text"


class Outcome(StrEnum):
    """What came of a step."""

    DONE = "done"
    LIMITED = "limited"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Note:
    """What came of one step, in a sentence a seller understands."""

    step: Step
    outcome: Outcome
    sentence: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What was measured in a photo before anything was done.

    `noise_level` is in steps of 255; `blur_px` is the deviation of the steepest edges, None where
    no edge is clear enough; `white_confidence` is 0..1 of the ground's white; `cast` is the light's
    colour in a word ("warm", "cold", "greenish", "pinkish") or empty; `white_problem` says why the
    ground tells nothing, or is empty.
    """

    noise_level: float
    blur_px: float | None
    white_confidence: float
    cast: str
    white_problem: str

    def to_json(self) -> dict[str, object]:
        """Plain data for storage."""
        return {
            "noise_level": round(self.noise_level, 2),
            "blur_px": None if self.blur_px is None else round(self.blur_px, 2),
            "white_confidence": round(self.white_confidence, 2),
            "cast": self.cast,
            "white_problem": self.white_problem,
        }


@dataclass(frozen=True, slots=True)
class EnhanceRequest:
    """Enhance one photo by a recipe (`inference.enhance.recipe`).

    `alpha_path` is the product's alpha in the photo's native size where there is one, and
    `alpha_sha256` is of that file's bytes. A `PREVIEW` shows the whole photo small and a window of
    it in its own pixels; a `FINAL` gives the whole photo too. The window's middle is at `window_x`,
    `window_y`, 0..1 of the upright photo.
    """

    photo: PhotoSource
    recipe: Mapping[str, ParameterValue] = field(default_factory=dict)
    alpha_path: Path | None = None
    alpha_sha256: str = ""
    tier: Tier = Tier.FINAL
    window_x: float = 0.5
    window_y: float = 0.5
    priority: Priority = Priority.INTERACTIVE
