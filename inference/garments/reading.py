"""Read a flat-lay photo of a garment: what it is, where its corners are, how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.errors import GarmentUnreadable
from inference.garments.corners import (
    Dent,
    Frame,
    Points,
    armpits,
    crossings,
    crotch,
    dents,
    find_corners,
    frame_of,
    hull_indices,
)
from inference.garments.kinds import KINDS, Build, Kind, point_names
from inference.garments.neckline import find_neckline
from inference.garments.outline import Outline, find_outline, rotated
from inference.pixels.arrays import GreyU8, RgbU8

F64 = NDArray[np.float64]

_LEAST_SYMMETRY = 0.78
_SIDEWAYS_GAIN = 0.06
_LEAST_CONFIDENCE = 0.12
# Wider than this share of the lower body, a sleeve's end lies so far out that it is long.
_LONG_SLEEVE = 0.92
_SLEEVED_DRESS = 1.95
_TROUSERS_HEIGHT = 1.15
_EDGES = {"left": "left", "top": "upper", "right": "right", "bottom": "lower"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A garment in its photo.

    `points` are the landmarks by name, x and y in upright photo pixels; `contour` (K, 2) the
    outline, clockwise on the screen; `tilt_deg` turns it upright. `confidence` is 0..1 and
    `notice` says in a sentence what is doubtful, or nothing.
    """

    kind: Kind
    points: Mapping[str, tuple[float, float]]
    contour: F64
    tilt_deg: float
    confidence: float
    notice: str


def read_garment(rgb: RgbU8, alpha: GreyU8, *, kind: Kind | None = None) -> Reading:
    """Read a garment that lies flat.

    `rgb` is (h, w, 3) uint8 sRGB of the photo at any size, `alpha` (H, W) uint8 its matte at
    native size; `kind` is what the seller says it is.

    Raises:
        GarmentUnreadable: the photo is not a flat lay of a garment that can be draped; the
            sentence says why and what to do.
    """
    outline = find_outline(alpha)
    if outline is None:
        raise GarmentUnreadable("No garment was found in this photo. Check its cut-out first.")
    frame = frame_of(outline.upright)
    is_guess = kind is None
    if kind is None:
        _refuse_what_does_not_lie_flat(outline)
        kind = classify(frame)
    points = find_corners(KINDS[kind].build, frame)
    if points is None:
        raise GarmentUnreadable(
            f"This does not look like {_with_article(kind)} that lies flat. "
            "Choose what it is, or lay it out with its sleeves or legs apart."
        )
    doubts: list[str] = []
    scale = rgb.shape[1] / alpha.shape[1]
    if KINDS[kind].build in (Build.SLEEVED, Build.SLEEVELESS):
        points["front"], is_sure = find_neckline(rgb, scale, outline, points)
        if not is_sure:
            doubts.append("the front neckline")
    confidence = _confidence(outline, frame, points, doubts)
    if is_guess and confidence < _LEAST_CONFIDENCE:
        raise GarmentUnreadable(
            "This photo could not be read surely. Place the garment’s points by hand, or lay it "
            "out with both halves alike."
        )
    if outline.had_hanger:
        doubts.append("the neck, where the hanger was")
    if confidence < 0.6 and not doubts:
        doubts.append("the corners")
    placed = {
        name: tuple(outline.to_photo(points[name][None])[0].round(2).tolist())
        for name in point_names(KINDS[kind].build)
    }
    return Reading(
        kind=kind,
        points=placed,
        contour=outline.contour,
        tilt_deg=outline.tilt_deg,
        confidence=confidence,
        notice=f"Please check {' and '.join(doubts)}." if doubts else "",
    )


def _with_article(kind: Kind) -> str:
    label = KINDS[kind].label.lower()
    plural = kind in (Kind.TROUSERS, Kind.SHORTS)
    return label if plural else f"a {label}"


def _refuse_what_does_not_lie_flat(outline: Outline) -> None:
    if outline.touches:
        edges = " and ".join(_EDGES[edge] for edge in outline.touches)
        raise GarmentUnreadable(
            f"The garment is cut off at the {edges} edge of the photo. "
            "Take one that shows all of it."
        )
    if outline.sideways > outline.symmetry + _SIDEWAYS_GAIN:
        raise GarmentUnreadable("The garment lies on its side. Turn the photo upright.")
    if outline.symmetry < _LEAST_SYMMETRY:
        raise GarmentUnreadable(
            "The garment does not lie flat and straight. Lay it on a plain ground, both halves "
            "alike, and take the photo from above."
        )


def classify(frame: Frame) -> Kind:
    """What an upright outline is.

    Raises:
        GarmentUnreadable: nothing that can be draped.
    """
    tall = frame.height / frame.width
    legs = crotch(frame)
    if legs is not None and _are_legs(legs, frame):
        return Kind.TROUSERS if tall > _TROUSERS_HEIGHT else Kind.SHORTS
    pits = armpits(frame)
    if _has_flat_top(frame) and not pits:
        return Kind.SKIRT
    if _has_hood(frame):
        raise GarmentUnreadable(
            "Garments with a hood or a high collar cannot be draped yet. "
            "T-shirts, sweatshirts, tops, dresses, skirts, trousers and shorts can."
        )
    if len(pits) == 2 and _has_sleeves(frame):
        if frame.height > _SLEEVED_DRESS * _chest(frame):
            raise GarmentUnreadable(
                "Dresses with sleeves cannot be draped yet; sleeveless ones can."
            )
        points = find_corners(Build.SLEEVED, frame)
        if points is not None:
            return Kind.LONG_SLEEVE if _sleeve_share(points, frame) > _LONG_SLEEVE else Kind.TEE
    if not _has_armholes(frame) or _has_cuffs_below(frame):
        raise GarmentUnreadable(
            "The sleeves lie against the body, or this is no garment that can be draped. "
            "Spread the sleeves a hand's breadth from the body."
        )
    return Kind.DRESS if tall > 1.55 or _flares(frame) else Kind.TANK


def _are_legs(dent: Dent, frame: Frame) -> bool:
    """A deep dent from below is a crotch; a shallow one only under a waistband."""
    if dent.depth > 0.25 * frame.height and _gap_below(dent, frame) < 0.28:
        return True
    return dent.depth > 0.045 * frame.height and _has_flat_top(frame)


def _gap_below(dent: Dent, frame: Frame) -> float:
    """Width of a dent just below its ground against the whole: a hem is wide, a crotch is not."""
    x, y = frame.contour[dent.at]
    cuts = np.sort(crossings(frame.contour, float(y) + 0.12 * dent.depth))
    for left, right in zip(cuts[1:-1:2], cuts[2::2], strict=False):
        if left <= x <= right:
            return float((right - left) / max(1.0, cuts[-1] - cuts[0]))
    return 1.0


def _has_cuffs_below(frame: Frame) -> bool:
    """Beside the hem, something else ends: sleeves that lie against the body."""
    for dent in dents(frame.contour, 0.03 * frame.width):
        x, y = frame.contour[dent.at]
        aside = abs(x - frame.axis) / frame.width
        opens_down = frame.contour[[dent.start, dent.end], 1].min() > y
        if opens_down and y > frame.top + 0.4 * frame.height and 0.2 < aside < 0.62:
            return True
    return False


def _chest(frame: Frame) -> float:
    """Width between the armpits."""
    pits = armpits(frame)
    return float(frame.contour[pits["right"].at][0] - frame.contour[pits["left"].at][0])


def _span(frame: Frame, share: float) -> float:
    cuts = crossings(frame.contour, frame.top + share * frame.height)
    return float(cuts.max() - cuts.min()) if len(cuts) else 0.0


def _has_flat_top(frame: Frame) -> bool:
    """Waistbands are straight; a neck is a dent between shoulders that fall off."""
    near, below = _span(frame, 0.03), _span(frame, 0.1)
    top = [dent for dent in dents(frame.contour, 0.05 * frame.width) if _is_on_top(frame, dent.at)]
    return near > 0.75 * below and not top


def _is_on_top(frame: Frame, index: int) -> bool:
    x, y = frame.contour[index]
    return bool(abs(x - frame.axis) < 0.2 * frame.width and y < frame.top + 0.25 * frame.height)


def _has_hood(frame: Frame) -> bool:
    """Something narrow stands well above the shoulders."""
    hull = frame.contour[hull_indices(frame.contour)]
    spans = np.array([_span(frame, share) for share in np.linspace(0.02, 0.3, 15)])
    narrow = spans < 0.5 * frame.width
    high = float(narrow[:12].mean()) * 0.25
    peak = hull[int(hull[:, 1].argmin())]
    return bool(high > 0.1 and abs(peak[0] - frame.axis) < 0.25 * frame.width)


def _has_sleeves(frame: Frame) -> bool:
    """Above the armpits, or beside the body and apart from it, the outline is wider than that."""
    pits = armpits(frame)
    level = min(frame.contour[dent.at][1] for dent in pits.values())
    body = _chest(frame)
    upper = 0.0
    for share in np.linspace(0.1, 0.85, 12):
        y = frame.top + share * frame.height
        # A skirt that flares is wide as well, but in one piece.
        if y < level or len(crossings(frame.contour, y)) >= 4:
            upper = max(upper, _span(frame, float(share)))
    deep = min(dent.depth for dent in pits.values()) / body
    return bool(upper > 1.09 * body and deep > 0.05 and level < frame.top + 0.6 * frame.height)


def _has_armholes(frame: Frame) -> bool:
    """The outline falls in beside the shoulders, on both sides."""
    sides = [0.0, 0.0]
    for dent in dents(frame.contour, 0.012 * frame.width):
        x, y = frame.contour[dent.at]
        if y < frame.top + 0.5 * frame.height and abs(x - frame.axis) > 0.22 * frame.width:
            sides[int(x > frame.axis)] = 1.0
    return min(sides) > 0


def _sleeve_share(points: Points, frame: Frame) -> float:
    """How far cuffs lie from the neck, against the body's width."""
    lengths = [
        np.linalg.norm(
            (points[f"cuff_top_{side}"] + points[f"cuff_bottom_{side}"]) / 2
            - points[f"neck_{side}"]
        )
        for side in ("left", "right")
    ]
    return float(min(lengths)) / frame.width


def _flares(frame: Frame) -> bool:
    """A skirt part: the hem is much wider than the waist above it."""
    waist = min(_span(frame, share) for share in np.linspace(0.25, 0.6, 8))
    return frame.height > 1.15 * waist and _span(frame, 0.93) > 1.75 * waist


def _confidence(outline: Outline, frame: Frame, points: Points, doubts: list[str]) -> float:
    """1 for a garment whose halves agree in every landmark, less for each that does not."""
    sure = np.clip((outline.symmetry - 0.7) / 0.22, 0, 1)
    off = []
    for name, point in points.items():
        base, _, side = name.rpartition("_")
        if side == "left":
            twin = points[f"{base}_right"]
            level = abs(point[1] - twin[1])
            aside = abs((frame.axis - point[0]) - (twin[0] - frame.axis))
            off.append((level + aside) / frame.width)
    worst = max(off, default=0.0)
    agree = float(np.clip(1.25 - 2.2 * worst, 0, 1))
    return round(float(sure) * agree * (0.85 if doubts else 1.0), 3)


def placed_reading(alpha: GreyU8, kind: Kind, points: Mapping[str, tuple[float, float]]) -> Reading:
    """A garment whose landmarks a person has placed, in upright photo pixels.

    Raises:
        GarmentUnreadable: a landmark of the garment's kind is missing, two have changed sides, or
            the matte shows nothing.
    """
    outline = find_outline(alpha)
    if outline is None:
        raise GarmentUnreadable("No garment was found in this photo. Check its cut-out first.")
    names = point_names(KINDS[kind].build)
    missing = [name for name in names if name not in points]
    if missing:
        raise GarmentUnreadable(f"The point “{missing[0]}” is missing.")
    at = {name: (float(points[name][0]), float(points[name][1])) for name in names}
    upright = rotated(np.array(list(at.values())), outline.tilt_deg, outline.centre)
    place = dict(zip(names, upright[:, 0].tolist(), strict=True))
    for name in names:
        base, _, side = name.rpartition("_")
        if side == "left" and place[name] >= place[f"{base}_right"]:
            raise GarmentUnreadable(
                "Two points have changed sides. Left is the left as you see it."
            )
    return Reading(kind, at, outline.contour, outline.tilt_deg, 1.0, "")
