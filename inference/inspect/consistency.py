"""Consistent with the catalogue: fill, centring and backdrop beside the siblings in one look."""

from collections.abc import Sequence

import numpy as np

from inference.inspect.colour_difference import delta_e_2000, to_lab
from inference.inspect.evidence import Evidence
from inference.inspect.findings import Finding, Item, Summary, Verdict

CHECK = "consistency"
# One sibling may itself be the odd one out.
_LEAST_SIBLINGS = 2
FILL_WARN, CENTRE_WARN, BACKDROP_WARN = 0.08, 0.05, 4.0


def summarise(evidence: Evidence) -> Summary:
    """What later siblings are compared with."""
    width, height = evidence.frame
    box = evidence.product_box()
    left, right = max(0, box.left), min(width, box.right)
    top, bottom = max(0, box.top), min(height, box.bottom)
    rim = max(1, min(width, height) // 64)
    result = evidence.result
    # The floor below may hold a shadow: the top and the upper sides are backdrop and nothing else.
    border = np.concatenate(
        [
            result[:rim:2, ::4].reshape(-1, 3),
            result[: height // 3 : 4, :rim:2].reshape(-1, 3),
            result[: height // 3 : 4, -rim::2].reshape(-1, 3),
        ]
    )
    lightness, a, b = np.median(to_lab(border), axis=0).tolist()
    return Summary(
        fill=round(max((right - left) / width, (bottom - top) / height), 4),
        centre_x=round((left + right) / 2 / width, 4),
        centre_y=round((top + bottom) / 2 / height, 4),
        backdrop=(round(lightness, 2), round(a, 2), round(b, 2)),
    )


def check_consistency(summary: Summary, siblings: Sequence[Summary]) -> Finding:
    """Compare with the median of the siblings."""
    if len(siblings) < _LEAST_SIBLINGS:
        sentence = "There are no other pictures in this look to compare with."
        return Finding(CHECK, Item.CONSISTENCY, 1.0, Verdict.UNCHECKED, sentence)
    fill = float(np.median([sibling.fill for sibling in siblings]))
    centre_x = float(np.median([sibling.centre_x for sibling in siblings]))
    centre_y = float(np.median([sibling.centre_y for sibling in siblings]))
    backdrop = np.median([sibling.backdrop for sibling in siblings], axis=0)
    off_colour = float(delta_e_2000(np.array(summary.backdrop), backdrop))
    off_centre = max(abs(summary.centre_x - centre_x), abs(summary.centre_y - centre_y))
    bigger = summary.fill - fill
    larger = "larger" if bigger > 0 else "smaller"
    candidates = (
        (abs(bigger) / FILL_WARN, f"The product is clearly {larger} than in this look’s others."),
        (off_centre / CENTRE_WARN, "The product sits elsewhere than in this look’s others."),
        (off_colour / BACKDROP_WARN, "The backdrop differs from this look’s others."),
    )
    worst, sentence = max(candidates)
    score = round(float(np.clip(1 - worst / 2, 0, 1)), 3)
    if worst < 1:
        sentence = "It matches the other pictures in this look."
        return Finding(CHECK, Item.CONSISTENCY, score, Verdict.PASS, sentence)
    return Finding(CHECK, Item.CONSISTENCY, score, Verdict.WARN, sentence)
