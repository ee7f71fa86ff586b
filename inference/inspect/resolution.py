"""Resolution enough: for each channel chosen, counting what enlarging the product costs."""

from collections.abc import Sequence

import numpy as np

from inference.inspect.evidence import Evidence
from inference.inspect.findings import ChannelNeed, Finding, Item, Verdict
from inference.requests import Box

CHECK = "resolution"
# A product enlarged further than this from the photo's own pixels looks soft at 100 %.
ENLARGED_WARN, ENLARGED_FAIL = 1.6, 3.0
_GRAIN = 0.02


def check_resolution(evidence: Evidence, channels: Sequence[ChannelNeed]) -> Finding:
    """Compare the frame with each channel, then the product with the photo's own pixels."""
    width, height = evidence.frame
    enlarged = evidence.placement.scale
    return judge_resolution(width, height, enlarged, channels, region=_clipped(evidence))


def judge_resolution(
    width: int, height: int, enlarged: float, channels: Sequence[ChannelNeed], *, region: Box | None
) -> Finding:
    """Judge a picture's size, and a product that was enlarged so many times from its photo."""
    short = [need for need in channels if not _is_enough(need, width, height)]
    if short:
        names = ", ".join(need.name for need in short)
        sentence = f"{width} × {height} pixels are too few for {names}."
        return Finding(CHECK, Item.RESOLUTION, 0.0, Verdict.FAIL, sentence)
    enlarged = max(1.0, enlarged)
    own_width, own_height = round(width / enlarged), round(height / enlarged)
    unreal = [need for need in channels if not _is_enough(need, own_width, own_height)]
    score = round(float(np.clip(1 - (enlarged - 1) / (2 * (ENLARGED_FAIL - 1)), 0, 1)), 3)
    if unreal and enlarged > ENLARGED_WARN:
        names = ", ".join(need.name for need in unreal)
        sentence = (
            f"The photo shows the product {enlarged:.1f} times smaller than this picture: "
            f"real detail is too little for {names}."
        )
        return Finding(CHECK, Item.RESOLUTION, min(score, 0.3), Verdict.FAIL, sentence, region)
    if enlarged > ENLARGED_WARN:
        verdict = Verdict.FAIL if enlarged > ENLARGED_FAIL else Verdict.WARN
        sentence = (
            f"The product was enlarged {enlarged:.1f} times from the photo and looks soft; "
            "a larger photo or a smaller picture helps."
        )
        return Finding(CHECK, Item.RESOLUTION, score, verdict, sentence, region)
    sentence = "The photo has enough pixels for this picture."
    return Finding(CHECK, Item.RESOLUTION, score, Verdict.PASS, sentence)


def _is_enough(need: ChannelNeed, width: int, height: int) -> bool:
    # A pixel more or less is rounding, not resolution.
    slack = 1 + _GRAIN
    return (
        max(width, height) * slack >= need.smallest_longest_px
        and width * slack >= need.smallest_width_px
        and height * slack >= need.smallest_height_px
    )


def _clipped(evidence: Evidence) -> Box:
    box, (width, height) = evidence.product_box(), evidence.frame
    return Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))
