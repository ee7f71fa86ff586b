"""Find a garment's landmarks on its upright outline: corners, armpits, crotch.

All of it is geometry of the silhouette; x grows to the right and y down, in photo pixels. "left"
and "right" are the viewer's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.kinds import Build

F64 = NDArray[np.float64]
Points = dict[str, F64]
_SIDES = (("left", -1.0), ("right", 1.0))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is measured first: the box, the axis and the width of the lower body."""

    contour: F64
    top: float
    bottom: float
    axis: float
    width: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Dent:
    """A place where the outline falls back behind its hull: the deepest point's index and depth."""

    at: int
    depth: float
    start: int
    end: int


def frame_of(contour: F64) -> Frame:
    """Measure an upright contour."""
    (left, top), (right, bottom) = contour.min(axis=0), contour.max(axis=0)
    height = bottom - top
    low = contour[(contour[:, 1] > top + 0.55 * height) & (contour[:, 1] < top + 0.93 * height)]
    axis = (low[:, 0].min() + low[:, 0].max()) / 2 if len(low) else (left + right) / 2
    # The middle run of each row: sleeves that hang beside it are not the body.
    widths, middles = [], []
    for level in np.linspace(0.55, 0.92, 16):
        y = top + level * height
        cuts = np.sort(crossings(contour, y))
        inner = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a <= axis <= b]
        if inner:
            widths.append(inner[0][1] - inner[0][0])
            middles.append(sum(inner[0]) / 2)
    if widths:
        return Frame(contour, top, bottom, float(np.median(middles)), float(np.median(widths)))
    return Frame(contour, top, bottom, float(axis), float(right - left))


def crossings(contour: F64, y: float) -> F64:
    """X at which a closed contour crosses a level."""
    first, second = contour, np.roll(contour, -1, axis=0)
    cross = (first[:, 1] > y) != (second[:, 1] > y)
    a, b = first[cross], second[cross]
    return np.asarray(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))


def hull_indices(points: F64) -> list[int]:
    """Indices of a closed contour's points on its convex hull, in the contour's order."""
    order = np.lexsort((points[:, 1], points[:, 0])).tolist()

    def chain(indices: list[int]) -> list[int]:
        kept: list[int] = []
        for index in indices:
            while len(kept) > 1 and _turn(points, kept[-2], kept[-1], index) <= 0:
                kept.pop()
            kept.append(index)
        return kept[:-1]

    return sorted({*chain(order), *chain(order[::-1])})


def _turn(points: F64, a: int, b: int, c: int) -> float:
    (ax, ay), (bx, by), (cx, cy) = points[a], points[b], points[c]
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))


def dents(contour: F64, least: float) -> list[Dent]:
    """Every dent deeper than `least` pixels, deepest first."""
    hull = hull_indices(contour)
    found = []
    for start, end in zip(hull, [*hull[1:], hull[0] + len(contour)], strict=True):
        if end - start < 3:
            continue
        inside = np.arange(start + 1, end) % len(contour)
        a, b = contour[start], contour[end % len(contour)]
        along = b - a
        length = float(np.hypot(*along))
        if length < 1e-9:
            continue
        off = contour[inside] - a
        depth = np.abs(along[0] * off[:, 1] - along[1] * off[:, 0]) / length
        deepest = int(depth.argmax())
        if depth[deepest] > least:
            found.append(
                Dent(int(inside[deepest]), float(depth[deepest]), start, end % len(contour))
            )
    return sorted(found, key=lambda dent: -dent.depth)


def path(contour: F64, start: int, end: int, *, forward: bool) -> NDArray[np.intp]:
    """Indices from one contour point to another, with or against the contour's direction."""
    count = len(contour)
    if forward:
        return np.arange(start, start + (end - start) % count + 1) % count
    return np.arange(start, start - (start - end) % count - 1, -1) % count


def nearest(contour: F64, point: F64) -> int:
    return int(((contour - point) ** 2).sum(axis=1).argmin())


def sharpest(line: F64, reach: float) -> F64:
    """(K,) how far a line turns to the outside of its course at each point, radians.

    A point is compared with what lies `reach` pixels before and behind it; the ends count as
    straight. Positive turns are clockwise on the screen.
    """
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    before = np.maximum(length - reach, 0)
    behind = np.minimum(length + reach, length[-1])
    a = np.stack([np.interp(before, length, line[:, k]) for k in range(2)], axis=1)
    b = np.stack([np.interp(behind, length, line[:, k]) for k in range(2)], axis=1)
    u, w = line - a, b - line
    angle = np.arctan2(u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0], (u * w).sum(axis=1))
    share = np.minimum(length, length[-1] - length) / reach
    return np.asarray(angle * np.clip(share, 0, 1))


def find_corners(build: Build, frame: Frame) -> Points | None:
    """The landmarks of a build, without the front neckline; None where the outline has none."""
    return {
        Build.SLEEVED: _sleeved,
        Build.SLEEVELESS: _sleeveless,
        Build.SKIRT: _skirt,
        Build.TROUSERS: _trousers,
    }[build](frame)


def _bottom_at(frame: Frame) -> int:
    """The contour's lowest point on the axis."""
    off = np.abs(frame.contour[:, 0] - frame.axis) - 0.2 * frame.contour[:, 1]
    return int(off.argmin())


def _top_at(frame: Frame) -> int:
    off = np.abs(frame.contour[:, 0] - frame.axis) + 0.2 * frame.contour[:, 1]
    return int(off.argmin())


def armpits(frame: Frame) -> dict[str, Dent]:
    """The deepest dent of each side between the shoulder and the lower body."""
    found: dict[str, Dent] = {}
    for dent in dents(frame.contour, 0.035 * frame.width):
        x, y = frame.contour[dent.at]
        share = (y - frame.top) / frame.height
        for side, sign in _SIDES:
            outside = sign * (x - frame.axis) > 0.22 * frame.width
            if outside and 0.1 < share < 0.8 and side not in found:
                found[side] = dent
    return found


def _sleeved(frame: Frame) -> Points | None:
    pits = armpits(frame)
    if len(pits) < 2:
        return None
    contour, found = frame.contour, Points()
    bottom, top = _bottom_at(frame), _top_at(frame)
    for side, sign in _SIDES:
        armpit = pits[side].at
        # The contour runs clockwise: on the right from the top down, on the left upwards.
        down = path(contour, armpit, bottom, forward=sign > 0)
        up = path(contour, armpit, top, forward=sign < 0)
        found[f"armpit_{side}"] = contour[armpit]
        found[f"hem_{side}"] = _lower_corner(contour[down], sign)
        line = contour[up]
        neck = _neck_corner(line, frame, sign)
        found[f"neck_{side}"] = line[neck]
        cuffs = _cuff(line[: neck + 1], frame, sign)
        if cuffs is None:
            return None
        found[f"cuff_bottom_{side}"], found[f"cuff_top_{side}"] = cuffs
    found["back"] = _lowest_between(frame, found["neck_left"], found["neck_right"])
    return found


def _lower_corner(line: F64, sign: float) -> F64:
    return np.asarray(line[int((line @ np.array([sign * 0.5, 0.87])).argmax())])


def _neck_corner(line: F64, frame: Frame, sign: float) -> int:
    """Where the shoulder meets the neck: the highest point, leaning a little outwards."""
    off = sign * (line[:, 0] - frame.axis)
    near = (off > 0.05 * frame.width) & (off < 0.44 * frame.width)
    near &= line[:, 1] < frame.top + 0.35 * frame.height
    if not near.any():
        return len(line) - 1
    score = np.where(near, -line[:, 1] + 0.17 * off, -np.inf)
    return int(score.argmax())


def _cuff(line: F64, frame: Frame, sign: float) -> tuple[F64, F64] | None:
    """The lower and the upper corner of a sleeve's end; `line` runs from armpit to neck."""
    if len(line) < 12:
        return None
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    away = np.linalg.norm(line - line[-1], axis=1)
    tip = int(away.argmax())
    turn = -sign * sharpest(line, 0.055 * frame.width)
    turn[away < 0.45 * away[tip]] = 0
    peaks = [
        k
        for k in range(1, len(turn) - 1)
        if turn[k] > 0.42 and turn[k] >= turn[max(0, k - 4) : k + 5].max()
    ]
    best, pair = 0.0, None
    for index, lower in enumerate(peaks):
        for upper in peaks[index + 1 :]:
            wide = (length[upper] - length[lower]) / frame.width
            if not 0.07 < wide < 0.62:
                continue
            # The two corners that turn most, near the sleeve's end.
            score = min(turn[lower], turn[upper]) + 0.4 * (turn[lower] + turn[upper])
            score += 0.8 * (away[lower] + away[upper]) / (2 * away[tip])
            if score > best:
                best, pair = score, (lower, upper)
    if pair is None:
        return _blunt_cuff(line, length, tip, frame)
    return np.asarray(line[pair[0]]), np.asarray(line[pair[1]])


def _blunt_cuff(line: F64, length: F64, tip: int, frame: Frame) -> tuple[F64, F64] | None:
    """A rounded end: as wide as the sleeve is a little above it."""
    half = 0.12 * frame.width
    lower = int(np.searchsorted(length, length[tip] - half))
    upper = int(np.searchsorted(length, min(length[tip] + half, length[-1])))
    if lower < 2 or upper >= len(line) - 2:
        return None
    return np.asarray(line[lower]), np.asarray(line[upper])


def _lowest_between(frame: Frame, left: F64, right: F64) -> F64:
    """The back neckline's lowest point, on the contour between the two neck corners."""
    contour = frame.contour
    inside = contour[path(contour, nearest(contour, left), nearest(contour, right), forward=True)]
    middle = inside[np.abs(inside[:, 0] - (left[0] + right[0]) / 2) < 0.3 * (right[0] - left[0])]
    line = middle if len(middle) else inside
    return np.asarray(line[int(line[:, 1].argmax())])


def _sleeveless(frame: Frame) -> Points | None:
    contour, found = frame.contour, Points()
    bottom, top = _bottom_at(frame), _top_at(frame)
    for side, sign in _SIDES:
        line = contour[path(contour, top, bottom, forward=sign > 0)]
        off = sign * (line[:, 0] - frame.axis)
        upper = line[:, 1] < frame.top + 0.3 * frame.height
        peak = int(np.where(upper & (off > 0.08 * frame.width), -line[:, 1], -np.inf).argmax())
        end = _hem_index(line, sign)
        turn = sign * sharpest(line, 0.04 * frame.width)
        strap = _strap_end(line, turn, peak, frame, sign)
        neck = _strap_start(line, turn, peak, frame, sign)
        pit = _bulge(line, strap, end, frame, sign)
        if pit is None or neck >= strap:
            return None
        found[f"neck_{side}"], found[f"strap_{side}"] = line[neck], line[strap]
        found[f"armpit_{side}"], found[f"hem_{side}"] = line[pit], line[end]
    found["back"] = _lowest_between(frame, found["neck_left"], found["neck_right"])
    return found


def _hem_index(line: F64, sign: float) -> int:
    return int((line @ np.array([sign * 0.5, 0.87])).argmax())


def _strap_end(line: F64, turn: F64, peak: int, frame: Frame, sign: float) -> int:
    """The outer corner of a shoulder: the sharpest turn outwards soon after its highest point."""
    reach = np.abs(line - line[peak]).sum(axis=1) < 0.36 * frame.width
    rows = np.arange(len(line))
    allowed = reach & (rows >= peak) & (sign * (line[:, 0] - line[peak, 0]) > -2)
    return int(np.where(allowed, turn, -np.inf).argmax())


def _strap_start(line: F64, turn: F64, peak: int, frame: Frame, sign: float) -> int:
    reach = np.abs(line - line[peak]).sum(axis=1) < 0.12 * frame.width
    allowed = reach & (np.arange(len(line)) <= peak)
    return int(np.where(allowed, turn, -np.inf).argmax()) if allowed.any() else peak


def _bulge(line: F64, strap: int, end: int, frame: Frame, sign: float) -> int | None:
    """Where an armhole ends: the side's first point that stands out from the strap's end."""
    if end - strap < 8:
        return None
    rows = np.arange(strap, end)
    share = (line[rows, 1] - frame.top) / frame.height
    turn = sign * sharpest(line, 0.05 * frame.width)[rows]
    score = np.where((share > 0.1) & (share < 0.55), turn, -np.inf)
    score = score - 0.5 * np.abs(line[rows, 1] - line[strap, 1] - 0.48 * frame.width) / frame.width
    if not np.isfinite(score).any():
        return None
    return int(rows[int(score.argmax())])


def _skirt(frame: Frame) -> Points | None:
    contour, found = frame.contour, Points()
    for side, sign in _SIDES:
        half = contour[sign * (contour[:, 0] - frame.axis) > 0]
        found[f"waist_{side}"] = half[int((half @ np.array([sign * 0.45, -0.89])).argmax())]
        found[f"hem_{side}"] = _lower_corner(half, sign)
    return found


def crotch(frame: Frame) -> Dent | None:
    """The dent between two legs, from below; a dent on either side are armpits under sleeves."""
    middle = (frame.contour[:, 0].min() + frame.contour[:, 0].max()) / 2
    spread = float(np.ptp(frame.contour[:, 0]))
    found: list[tuple[float, Dent]] = []
    for dent in dents(frame.contour, 0.03 * frame.height):
        x, y = frame.contour[dent.at]
        ends = frame.contour[[dent.start, dent.end]]
        if abs(x - middle) < 0.22 * spread and ends[:, 1].min() > y:
            found.append((float(x - middle), dent))
    if not found:
        return None
    aside, dent = min(found, key=lambda each: abs(each[0]))
    has_twin = any(other * aside < 0 for other, _ in found)
    return None if has_twin and abs(aside) > 0.1 * spread else dent


def _trousers(frame: Frame) -> Points | None:
    dent = crotch(frame)
    if dent is None:
        return None
    contour = frame.contour
    found: Points = {"crotch": contour[dent.at]}
    top = _top_at(frame)
    for side, sign in _SIDES:
        leg = contour[path(contour, dent.at, top, forward=sign < 0)]
        below = leg[leg[:, 1] > contour[dent.at, 1] + 0.35 * (frame.bottom - contour[dent.at, 1])]
        upper = leg[leg[:, 1] < frame.top + 0.3 * frame.height]
        if not len(below) or not len(upper):
            return None
        found[f"hem_inner_{side}"] = below[int((below @ np.array([-sign * 0.5, 0.87])).argmax())]
        found[f"hem_outer_{side}"] = below[int((below @ np.array([sign * 0.5, 0.87])).argmax())]
        found[f"waist_{side}"] = upper[int((upper @ np.array([sign * 0.45, -0.89])).argmax())]
    return found
