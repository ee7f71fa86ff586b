"""Content policy: a hit on the photo or on the result keeps the picture for a person."""

from typing import Protocol

from inference.inspect.findings import Finding, Item, Verdict
from inference.networks.policy import ContentScores
from inference.pixels.arrays import RgbU8

CHECK = "policy"
# Of 63 development photos and garments none reaches it; the highest is a dress at 0.82.
EXPLICIT_HOLD = 0.85


class JudgesContent(Protocol):
    """What the check needs of a classifier."""

    def judge(self, rgb: RgbU8) -> ContentScores:
        """Classify (H, W, 3) uint8 sRGB."""
        ...


def explicitness(scores: ContentScores) -> float:
    """How likely a picture is explicit, photographed or drawn, 0..1."""
    return scores.explicit + scores.explicit_drawing


def judge(classifier: JudgesContent, rgb: RgbU8) -> float:
    """`explicitness` of (H, W, 3) uint8 sRGB."""
    return explicitness(classifier.judge(rgb))


def check_policy(photo: float, result: float) -> Finding:
    """Hold the picture when either is likely to be explicit; both are `explicitness`."""
    worst = max(photo, result)
    score = round(1 - worst, 3)
    if worst >= EXPLICIT_HOLD:
        where = "photo" if photo >= result else "picture"
        sentence = f"The {where} may not be suitable for a shop; a person has to look at it first."
        return Finding(CHECK, Item.POLICY, score, Verdict.HOLD, sentence)
    return Finding(CHECK, Item.POLICY, score, Verdict.PASS, "Nothing speaks against the content.")
