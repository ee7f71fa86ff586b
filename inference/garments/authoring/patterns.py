"""Cut the reference patterns: outlines drawn in metres, meshed symmetrically, front and back.

Run once: `python -m inference.garments.authoring.patterns [KIND ...]`.
"""

import itertools
import sys
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from inference.garments.kinds import CORNERS, KINDS, Build, Kind
from inference.garments.packed import data_file, to_steps, write_packed
from inference.garments.pattern import (
    ARMHOLE,
    CUFF,
    HEM,
    INSEAM,
    INSIDE,
    NECK,
    SIDE,
    STEP_M,
    TOP,
    UNDER,
    WAIST,
    pattern_file,
)

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
Piece = tuple[F64, int]

_SPACING_M = {
    Kind.TEE: 0.0145,
    Kind.LONG_SLEEVE: 0.0155,
    Kind.TANK: 0.0145,
    Kind.DRESS: 0.0165,
    Kind.SKIRT: 0.0155,
    Kind.TROUSERS: 0.0165,
    Kind.SHORTS: 0.0145,
}
_SEAMS = (TOP, UNDER, SIDE, INSEAM)


def _bezier(points: list[tuple[float, float]], count: int = 60) -> F64:
    t = np.linspace(0, 1, count)[:, None]
    rows = [np.asarray(point, np.float64)[None] + 0 * t for point in points]
    while len(rows) > 1:
        rows = [a * (1 - t) + b * t for a, b in itertools.pairwise(rows)]
    return rows[0]


def _neckline(half: float, drop: float, power: float) -> F64:
    t = np.linspace(0, np.pi / 2, 60)
    return np.stack([half * np.sin(t), -drop * np.cos(t) ** power], axis=1)


def _sleeved(sleeve: float, cuff: float) -> Mapping[int, list[Piece]]:
    """Right half of a kimono-cut top, per panel; the sleeve lies 36 degrees below the level."""
    angle = np.radians(36)
    along, across = (
        np.array([np.cos(angle), -np.sin(angle)]),
        np.array([-np.sin(angle), -np.cos(angle)]),
    )
    neck, tip, armpit = np.array([0.088, 0.0]), np.array([0.208, -0.048]), np.array([0.240, -0.232])
    top = tip + along * sleeve
    bottom = top + across * cuff
    shoulder = neck + (tip - neck) * 0.82
    bend = tip + along * 0.05
    upper = np.concatenate(
        [
            _bezier([tuple(neck), tuple(shoulder)]),
            _bezier([tuple(shoulder), tuple(tip), tuple(bend)])[1:],
            _bezier([tuple(bend), tuple(top)])[1:],
        ]
    )
    back = (bottom - armpit) / np.linalg.norm(bottom - armpit)
    under = np.concatenate(
        [
            _bezier([tuple(bottom), tuple(armpit + back * 0.03)]),
            _bezier([tuple(armpit + back * 0.03), tuple(armpit)])[1:],
        ]
    )
    hem = (0.246, -0.665)
    side = _bezier([tuple(armpit), (0.228, -0.44), hem])
    rest: list[Piece] = [
        (upper, TOP),
        (np.stack([top, bottom]), CUFF),
        (under, UNDER),
        (side, SIDE),
        (np.array([hem, (0.0, hem[1])]), HEM),
    ]
    return {
        0: [(_neckline(0.088, 0.090, 1.05), NECK), *rest],
        1: [(_neckline(0.088, 0.018, 1.6), NECK), *rest],
    }


def _sleeveless(length: float, hem_half: float, waist_half: float) -> Mapping[int, list[Piece]]:
    neck, strap, armpit = (0.098, 0.0), (0.150, -0.018), (0.232, -0.235)
    hem = (hem_half, -length)
    rest: list[Piece] = [
        (np.array([neck, strap]), TOP),
        (_bezier([strap, (0.146, -0.19), (0.175, -0.225), armpit]), ARMHOLE),
        (_bezier([armpit, (waist_half, -0.36), (waist_half, -0.46), hem]), SIDE),
        (_bezier([hem, (0.5 * hem_half, -length - 0.004), (0.0, -length - 0.004)]), HEM),
    ]
    return {
        0: [(_neckline(0.098, 0.125, 1.0), NECK), *rest],
        1: [(_neckline(0.098, 0.045, 1.3), NECK), *rest],
    }


def _skirt(waist: float, hip: float, hem: float, length: float) -> Mapping[int, list[Piece]]:
    half: list[Piece] = [
        (np.array([(0.0, 0.0), (waist, 0.0)]), WAIST),
        (
            _bezier([(waist, 0.0), (hip, -0.12), (hip + 0.3 * (hem - hip), -0.25), (hem, -length)]),
            SIDE,
        ),
        (np.array([(hem, -length), (0.0, -length)]), HEM),
    ]
    return {0: half, 1: half}


def _trousers(
    waist: float, hip: float, rise: float, length: float, leg: tuple[float, float]
) -> Mapping[int, list[Piece]]:
    outer, inner = leg
    half: list[Piece] = [
        (np.array([(0.0, 0.0), (waist, 0.0)]), WAIST),
        (_bezier([(waist, 0.0), (hip, -0.12), (hip + 0.004, -0.30), (outer, -length)]), SIDE),
        (np.array([(outer, -length), (inner, -length)]), HEM),
        (
            _bezier(
                [(inner, -length), (0.5 * inner, -rise - 0.25 * (length - rise)), (0.0, -rise)]
            ),
            INSEAM,
        ),
    ]
    return {0: half, 1: half}


def outlines(kind: Kind) -> Mapping[int, list[Piece]]:
    """The pieces of the right half's outline for the front and the back panel."""
    return {
        Kind.TEE: lambda: _sleeved(0.185, 0.165),
        Kind.LONG_SLEEVE: lambda: _sleeved(0.575, 0.105),
        Kind.TANK: lambda: _sleeveless(0.62, 0.235, 0.216),
        Kind.DRESS: lambda: _sleeveless(0.98, 0.300, 0.205),
        Kind.SKIRT: lambda: _skirt(0.185, 0.245, 0.300, 0.52),
        Kind.TROUSERS: lambda: _trousers(0.190, 0.252, 0.312, 1.03, (0.255, 0.090)),
        Kind.SHORTS: lambda: _trousers(0.190, 0.256, 0.315, 0.47, (0.290, 0.028)),
    }[kind]()


def cut(kind: Kind) -> int:
    """Write a kind's pattern; returns its bytes."""
    spacing = _SPACING_M[kind]
    halves = outlines(kind)
    panels = [_panel(halves[0], spacing), _panel(halves[1], spacing)]
    flat = np.concatenate([panel[0] for panel in panels])
    edge = np.concatenate([panel[2] for panel in panels])
    seam = np.concatenate([panel[3] for panel in panels])
    front = len(panels[0][0])
    first = np.arange(len(flat))
    at = {tuple(np.rint(flat[i] * 1e6).astype(int)): i for i in range(front) if seam[i]}
    for i in range(front, len(flat)):
        if seam[i]:
            first[i] = at[tuple(np.rint(flat[i] * 1e6).astype(int))]
    _, part = np.unique(first, return_inverse=True)
    faces = np.concatenate([panels[0][1], panels[1][1][:, ::-1] + front])
    panel = np.repeat([0, 1], [front, len(flat) - front])
    corners = _corners(kind, halves[0], flat[:front])
    return write_packed(
        data_file(pattern_file(kind)),
        {
            "flat": to_steps(flat, STEP_M),
            "faces": to_steps(faces, 1),
            "part": part.astype(np.uint16),
            "panel": panel.astype(np.uint8),
            "edge": edge.astype(np.uint8),
            "mirror": _mirror(flat, panel).astype(np.uint16),
            "corner_names": np.array(list(corners)),
            "corner_at": np.array(list(corners.values()), np.uint16),
            "spacing": np.array(spacing),
        },
    )


def _panel(pieces: list[Piece], spacing: float) -> tuple[F64, I32, I32, NDArray[np.bool_]]:
    """Points, faces, edge names and seams of a panel: its right half meshed and mirrored."""
    points, names, seams = [], [], []
    for line, name in pieces:
        row = _resampled(line, spacing)
        points.append(row[:-1])
        names.append(np.full(len(row) - 1, name))
        is_seam = np.full(len(row) - 1, name in _SEAMS)
        # A seam's end belongs to it as well, so the first point of what follows one does.
        if points[:-1] and names[-2][0] in _SEAMS:
            is_seam[0] = True
        seams.append(is_seam)
    last = _resampled(pieces[-1][0], spacing)[-1:]
    points.append(last)
    names.append(np.array([pieces[-1][1]]))
    seams.append(np.array([pieces[-1][1] in _SEAMS]))
    rim, edge, seam = np.concatenate(points), np.concatenate(names), np.concatenate(seams)
    axis = _resampled(np.stack([rim[-1], rim[0]]), spacing)[1:-1]
    inner = _lattice(np.concatenate([rim, axis]), spacing)
    half = np.concatenate([rim, axis, inner])
    edge = np.concatenate([edge, np.full(len(axis) + len(inner), INSIDE)])
    seam = np.concatenate([seam, np.zeros(len(axis) + len(inner), bool)])
    faces = _inside_faces(half, np.concatenate([rim, axis]))
    on_axis = np.abs(half[:, 0]) < 1e-9
    twin = np.full(len(half), -1)
    twin[on_axis] = np.flatnonzero(on_axis)
    twin[~on_axis] = len(half) + np.arange((~on_axis).sum())
    whole = np.concatenate([half, half[~on_axis] * [-1, 1]])
    return (
        whole,
        np.concatenate([faces, twin[faces][:, ::-1]]),
        np.concatenate([edge, edge[~on_axis]]),
        np.concatenate([seam, seam[~on_axis]]),
    )


def _resampled(line: F64, spacing: float) -> F64:
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = max(2, round(length[-1] / spacing) + 1)
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, line[:, 0]), np.interp(at, length, line[:, 1])], axis=1)


def _lattice(polygon: F64, spacing: float) -> F64:
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    rows = np.arange(low[1], high[1], spacing * np.sqrt(3) / 2)
    points = [
        (x + (spacing / 2 if number % 2 else 0.0), y)
        for number, y in enumerate(rows)
        for x in np.arange(0.0, high[0], spacing)
    ]
    grid = np.array(points)
    distance = np.sqrt(((grid[:, None] - polygon[None]) ** 2).sum(axis=-1)).min(axis=1)
    return np.asarray(grid[_is_inside(grid, polygon) & (distance > 0.62 * spacing)])


def _is_inside(points: F64, polygon: F64) -> NDArray[np.bool_]:
    inside = np.zeros(len(points), bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (points[:, 1] - y0) / (y1 - y0) * (x1 - x0)
        inside ^= crosses & (points[:, 0] < at)
    return inside


def _inside_faces(points: F64, polygon: F64) -> I32:
    faces = Delaunay(points).simplices
    a, b, c = (points[faces[:, k]] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    faces = np.where((area < 0)[:, None], faces[:, ::-1], faces)
    keep = _is_inside((a + b + c) / 3, polygon) & (np.abs(area) > 1e-9)
    return np.asarray(faces[keep], np.int32)


def _mirror(flat: F64, panel: I32) -> I32:
    keys = np.rint(np.column_stack([flat * 1e6, panel])).astype(np.int64)
    at = {tuple(key): index for index, key in enumerate(keys.tolist())}
    return np.array([at[(-x, y, side)] for x, y, side in keys.tolist()])


def _corners(kind: Kind, pieces: list[Piece], flat: F64) -> dict[str, int]:
    build = KINDS[kind].build
    ends = [line[-1] for line, _ in pieces]
    found: dict[str, int] = {}
    for name, end in zip(CORNERS[build], ends, strict=False):
        for side, sign in (("right", 1), ("left", -1)):
            where = end * [sign, 1]
            found[f"{name}_{side}"] = int(np.abs(flat - where).sum(axis=1).argmin())
    if build is Build.TROUSERS:
        found["crotch"] = int(np.abs(flat - ends[-1]).sum(axis=1).argmin())
    if build in (Build.SLEEVED, Build.SLEEVELESS):
        found["front"] = int(np.abs(flat - pieces[0][0][0]).sum(axis=1).argmin())
    return found


if __name__ == "__main__":
    for each in [Kind(name) for name in sys.argv[1:]] or list(Kind):
        sys.stdout.write(f"{each}: {cut(each)} bytes\n")
