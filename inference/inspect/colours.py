"""Colours true: the product's principal colours are those of the photo."""

from dataclasses import dataclass

import numpy as np

from inference.inspect.colour_difference import delta_e_2000, to_lab
from inference.inspect.evidence import Evidence, shrunk
from inference.inspect.findings import Finding, Item, Verdict
from inference.requests import Box

CHECK = "colours"
# Cells of CIELAB into which the product's pixels are sorted; half a cell is under ΔE 10.
_CELL = 18.0
# A principal colour covers at least this share of the product.
_LEAST_SHARE = 0.04
_MOST_PIXELS = 40_000
_LEAST_PIXELS = 64
# Set on one half of the development photos; docs/inspection.md has the figures.
DELTA_E_FAIL, DELTA_E_WARN = 5.0, 3.2


@dataclass(frozen=True, slots=True)
class Drift:
    """One principal colour: its share of the product, how far it moved (CIEDE2000), and where."""

    share: float
    delta_e: float
    box: Box


def check_colours(evidence: Evidence) -> Finding:
    """Compare the medians of the product's principal colours."""
    drifts = measure_drift(evidence)
    if not drifts:
        sentence = "The product shows too little solid colour to be compared."
        return Finding(CHECK, Item.COLOUR, 0.5, Verdict.UNCHECKED, sentence)
    worst = max(drifts, key=lambda drift: drift.delta_e)
    score = round(float(np.clip(1 - worst.delta_e / (2 * DELTA_E_FAIL), 0, 1)), 3)
    if worst.delta_e < DELTA_E_WARN:
        sentence = "The product’s colours are those of the photo."
        return Finding(CHECK, Item.COLOUR, score, Verdict.PASS, sentence)
    region = evidence.output_box(worst.box)
    if worst.delta_e < DELTA_E_FAIL:
        sentence = "One of the product’s colours is slightly off the photo’s."
        return Finding(CHECK, Item.COLOUR, score, Verdict.WARN, sentence, region)
    sentence = "One of the product’s colours differs visibly from the photo."
    return Finding(CHECK, Item.COLOUR, score, Verdict.FAIL, sentence, region)


def measure_drift(evidence: Evidence) -> list[Drift]:
    """How far each principal colour moved; empty where too little solid product is seen."""
    inside = shrunk(evidence.alpha_view >= 252, 4)
    count = int(np.count_nonzero(inside))
    if count < _LEAST_PIXELS:
        return []
    step = max(1, int(np.sqrt(count / _MOST_PIXELS)))
    thinned = inside[::step, ::step]
    photo = to_lab(evidence.photo_view[::step, ::step][thinned])
    result = to_lab(evidence.result_view[::step, ::step][thinned])
    bins = np.floor(photo / _CELL).astype(np.int64) @ np.array([1, 64, 4096])
    rows, columns = np.nonzero(thinned)
    drifts = []
    for bin_ in np.unique(bins):
        members = bins == bin_
        share = float(members.mean())
        if share < _LEAST_SHARE:
            continue
        before, after = np.median(photo[members], axis=0), np.median(result[members], axis=0)
        left, right = np.quantile(columns[members], (0.05, 0.95)).astype(int).tolist()
        top, bottom = np.quantile(rows[members], (0.05, 0.95)).astype(int).tolist()
        box = Box(left * step, top * step, (right + 1) * step, (bottom + 1) * step)
        drifts.append(Drift(share, float(delta_e_2000(before, after)), box))
    return drifts
