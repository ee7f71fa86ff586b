"""The stages of enhancing a photo, as the seller reads them. Loads no network library."""

from inference.enhance.request import EnhanceRequest
from inference.requests import Tier
from inference.run import PlannedStage

# The weights are milliseconds of one megapixel on two CPU cores.
ENHANCE_PLAN = (
    PlannedStage("read", Tier.PREVIEW, "Reading the photo", 60),
    PlannedStage("measure", Tier.PREVIEW, "Measuring light, noise and blur", 300),
    PlannedStage("detail", Tier.PREVIEW, "Trying it on a part", 400),
    PlannedStage("detail", Tier.FINAL, "Working on noise and blur", 3000),
    PlannedStage("enlarge", Tier.FINAL, "Enlarging", 8000),
    PlannedStage("text", Tier.FINAL, "Reading the words again", 800),
    PlannedStage("save", Tier.FINAL, "Saving", 200),
)


def enhance_plan(request: EnhanceRequest) -> tuple[PlannedStage, ...]:
    """The stages that a request goes through."""
    return tuple(stage for stage in ENHANCE_PLAN if stage.tier <= request.tier)
