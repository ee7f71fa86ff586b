"""Checks of a garment on a mannequin: its print straight, its colours true, its pixels enough."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from inference.garments.truth import Truth
from inference.inspect.colour_difference import delta_e_2000, to_lab
from inference.inspect.evidence import PhotoEvidence, read_photo, read_result
from inference.inspect.findings import (
    ChannelNeed,
    Finding,
    Inspection,
    Item,
    Verdict,
    uncertainty_of,
)
from inference.inspect.policy import JudgesContent, check_policy, judge
from inference.inspect.resolution import Sizes, check_resolution
from inference.pixels.arrays import RgbU8
from inference.requests import Box, RenderRequest

# A line that leaves the straight by less than this share of its length looks straight, by eye.
BEND_WARN, BEND_FAIL = 0.02, 0.05
# The 5th and 95th percentile of areas against the median: a chest turns away at its sides. One
# sound T-shirt measured 0.36 to 0.41 (docs/models.md).
AREA_WARN, AREA_FAIL = 0.45, 0.65
# Median CIEDE2000 of small patches, light included.
COLOUR_WARN, COLOUR_FAIL = 7.0, 14.0
_PATCHES = 400
_REACH_PX = 2


def inspect_worn(
    request: RenderRequest,
    picture: bytes,
    truth: Truth | None,
    channels: Sequence[ChannelNeed],
    classifier: JudgesContent,
) -> Inspection:
    """Run the checks on a finished picture.

    Raises:
        PhotoUnreadable: photo or picture cannot be decoded.
    """
    timings: dict[str, float] = {}
    started = time.process_time()
    source, result = read_photo(request.photo, request.cutout), read_result(picture)
    checks: Sequence[tuple[str, Callable[[], Finding]]] = (
        ("product", lambda: check_print(truth)),
        ("colours", lambda: check_fabric(truth, source, result)),
        ("text", _words),
        ("resolution", lambda: _resolution(truth, result, channels)),
        (
            "policy",
            lambda: check_policy(judge(classifier, source.photo), judge(classifier, result)),
        ),
    )
    findings = []
    for name, check in checks:
        findings.append(check())
        now = time.process_time()
        timings[name] = round(1000 * (now - started), 1)
        started = now
    return Inspection(tuple(findings), uncertainty_of(findings), timings)


def check_print(truth: Truth | None) -> Finding:
    """Straight lines of the photo stay straight, equal areas equal."""
    if truth is None:
        sentence = "The front of the garment is hidden; compare its print with the photo."
        return Finding("product", Item.DETAILS, 0.5, Verdict.UNCHECKED, sentence)
    area = max(1 - truth.small, truth.large - 1)
    worst = max(truth.bend / BEND_FAIL, area / AREA_FAIL)
    score = round(float(np.clip(1 - worst, 0, 1)), 3)
    figures = (
        f"lines bend by {100 * truth.bend:.1f} % of their length, "
        f"areas differ by up to {100 * area:.0f} %"
    )
    if truth.bend > BEND_FAIL or area > AREA_FAIL:
        return Finding(
            "product", Item.DETAILS, score, Verdict.FAIL, f"The print is distorted: {figures}."
        )
    if truth.bend > BEND_WARN or area > AREA_WARN:
        sentence = f"Folds bend the print: {figures}."
        return Finding("product", Item.DETAILS, score, Verdict.WARN, sentence)
    return Finding(
        "product", Item.DETAILS, score, Verdict.PASS, f"The print lies as in the photo: {figures}."
    )


def check_fabric(truth: Truth | None, source: PhotoEvidence, result: RgbU8) -> Finding:
    """Compare small patches of the front with the photo's."""
    if truth is None:
        return Finding(
            "colours", Item.COLOUR, 0.5, Verdict.UNCHECKED, "The front of the garment is hidden."
        )
    points = truth.points[:: max(1, len(truth.points) // _PATCHES)]
    own = _patches(source.photo, points[:, :2] * source.photo_scale)
    shown = _patches(result, points[:, 2:])
    off = float(np.median(delta_e_2000(to_lab(own), to_lab(shown))))
    score = round(float(np.clip(1 - off / COLOUR_FAIL, 0, 1)), 3)
    if off > COLOUR_WARN:
        verdict = Verdict.FAIL if off > COLOUR_FAIL else Verdict.WARN
        sentence = f"The fabric’s colours differ from the photo’s (ΔE {off:.1f})."
        return Finding("colours", Item.COLOUR, score, verdict, sentence)
    sentence = f"The fabric has the photo’s colours (ΔE {off:.1f}, light included)."
    return Finding("colours", Item.COLOUR, score, Verdict.PASS, sentence)


def _patches(rgb: RgbU8, points: NDArray[np.float64]) -> RgbU8:
    """(N, 3) mean colours of small squares."""
    x, y = np.rint(points - 0.5).astype(int).T
    total = np.zeros((len(points), 3))
    steps = range(-_REACH_PX, _REACH_PX + 1)
    for dy in steps:
        for dx in steps:
            total += rgb[np.clip(y + dy, 0, rgb.shape[0] - 1), np.clip(x + dx, 0, rgb.shape[1] - 1)]
    return (total / len(steps) ** 2 + 0.5).astype(np.uint8)


def _words() -> Finding:
    sentence = "Words on a worn garment are not read: compare them with the photo."
    return Finding("text", Item.TEXT, 0.7, Verdict.UNCHECKED, sentence)


def _resolution(truth: Truth | None, result: RgbU8, channels: Sequence[ChannelNeed]) -> Finding:
    height, width = result.shape[:2]
    whole = Box(0, 0, width, height)
    sizes = Sizes(
        frame=(width, height),
        product=whole if truth is None else truth.box,
        scale=1.0 if truth is None else truth.enlarged,
    )
    return check_resolution(sizes, channels)
