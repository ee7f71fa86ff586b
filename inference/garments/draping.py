"""Put a cloth on a mannequin: sewn round the sewing pose, carried into another, left to settle.

Source: the sewing of flat panels round a body follows Volino and Magnenat-Thalmann, "Accurate
garment prototyping and simulation", 2005, in spirit; the solver is `cloth`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.cloth import Cloth, Collider, Motion, walk
from inference.garments.kinds import KINDS
from inference.garments.mannequin import (
    HEAD,
    LEFT_ARM,
    LEFT_LEG,
    RIGHT_ARM,
    RIGHT_LEG,
    TRUNK,
    Mannequin,
    figure_of,
)
from inference.garments.pattern import (
    INSEAM,
    SIDE,
    TOP,
    UNDER,
    WAIST,
    Pattern,
    sewn_particles,
)
from inference.garments.poses import Pose

F64 = NDArray[np.float64]

GROUPS = ((TRUNK, HEAD), (LEFT_ARM,), (RIGHT_ARM,), (LEFT_LEG,), (RIGHT_LEG,))
_SEAMS = (TOP, UNDER, SIDE, INSEAM)
_PILLOW_M = 0.075
_LIFT_M = 0.012
_KEYS = 9
# Points nearer to each other than this say the same.
_THIN_M = 0.009


@dataclass(frozen=True, slots=True)
class Schedule:
    """Frames of 1/60 s: to close the panels round the body, to move it, to settle."""

    closing: int = 40
    moving: int = 55
    settling: int = 75

    @property
    def frames(self) -> int:
        return self.closing + self.moving + self.settling


class MovingBody:
    """A mannequin on its way from the sewing pose to another, as colliders."""

    def __init__(self, mannequin: Mannequin, pose: Pose, *, keys: int = _KEYS) -> None:
        # One key is a body that stands in its pose already.
        shares = np.linspace(0, 1, keys) if keys > 1 else np.ones(1)
        eased = shares * shares * (3 - 2 * shares)
        figures = [figure_of(mannequin, pose, float(share)) for share in eased]
        chosen = _thinned(figures[0].vertices)
        self._part = figures[0].part[chosen]
        self._points = [figure.vertices[chosen] for figure in figures]
        self._normals = [figure.normals[chosen] for figure in figures]

    def at(self, share: float) -> Collider:
        """The body `share` of the way."""
        place = min(max(share, 0.0), 1.0) * (len(self._points) - 1)
        low = min(int(place), len(self._points) - 1)
        high = min(low + 1, len(self._points) - 1)
        part = place - low
        points = self._points[low] * (1 - part) + self._points[high] * part
        normals = self._normals[low] * (1 - part) + self._normals[high] * part
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
        groups = [np.flatnonzero(np.isin(self._part, group)) for group in GROUPS]
        return Collider(
            tuple(np.ascontiguousarray(points[group]) for group in groups),
            tuple(np.ascontiguousarray(normals[group]) for group in groups),
        )


def _thinned(points: F64) -> NDArray[np.intp]:
    cells = np.floor(points / _THIN_M).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return np.sort(first)


def lay_round(cloth: Cloth, pattern: Pattern, flat: F64, mannequin: Mannequin, pose: Pose) -> None:
    """Place a cloth as two pillows round the body in its sewing pose."""
    figure = figure_of(mannequin, pose, 0.0)
    spots = sewn_particles(pattern, flat)
    panel = sewn_particles(pattern, pattern.panel[:, None].astype(np.float64))[:, 0]
    seam = np.unique(pattern.part[np.isin(pattern.edge, _SEAMS)])
    is_seam = np.zeros(pattern.particles, bool)
    is_seam[seam[np.bincount(pattern.part, minlength=pattern.particles)[seam] > 1]] = True
    off = _distance(spots, spots[is_seam])
    trunk = figure.vertices[figure.part == TRUNK]
    height = _hang_height(pattern, flat, mannequin, figure.vertices, figure.part)
    reach = trunk[np.abs(trunk[:, 1] - height + 0.15) < 0.15]
    middle = (reach[:, 2].min() + reach[:, 2].max()) / 2
    depth = np.ptp(reach[:, 2]) / 2 + 0.045
    bulge = np.sqrt(1 - (1 - np.minimum(off / _PILLOW_M, 1)) ** 2)
    bulge[is_seam] = 0
    side = np.where(is_seam, 0.0, np.where(panel < 0.5, 1.0, -1.0))
    cloth.position[:, 0] = spots[:, 0]
    cloth.position[:, 1] = spots[:, 1] + height
    cloth.position[:, 2] = middle + side * bulge * depth
    cloth.velocity[:] = 0


def _hang_height(
    pattern: Pattern, flat: F64, mannequin: Mannequin, body: F64, part: NDArray[np.int32]
) -> float:
    """Where the pattern's origin lies above the floor."""
    if KINDS[pattern.kind].hangs_from_waist:
        return waist_height(mannequin)
    half = float(flat[pattern.corners["neck_right"], 0])
    trunk = body[part == TRUNK]
    over = trunk[np.abs(np.abs(trunk[:, 0]) - half) < 0.008]
    return float(over[:, 1].max()) + _LIFT_M


def waist_height(mannequin: Mannequin) -> float:
    """Where waistbands sit, metres above the floor."""
    return float(mannequin.joints[mannequin.names.index("spine05"), 1]) + 0.135


def _distance(points: F64, others: F64) -> F64:
    out = np.empty(len(points))
    for start in range(0, len(points), 512):
        rows = points[start : start + 512]
        out[start : start + 512] = np.sqrt(
            ((rows[:, None] - others[None]) ** 2).sum(axis=-1).min(axis=1)
        )
    return out


def drape(cloth: Cloth, pattern: Pattern, body: MovingBody, schedule: Schedule) -> Iterator[float]:
    """Sew, move and settle a cloth that was laid round a body; yields the share done, 0..1."""
    closing, moving = schedule.closing, schedule.moving

    def collider_at(frame: int) -> Collider:
        return body.at((frame - closing) / moving)

    def motion_at(frame: int) -> Motion:
        if frame < closing:
            gravity = 0.0 if frame < closing // 2 else -9.81
            return Motion(
                gravity=gravity,
                damping=12.0,
                most_speed=0.9,
                collides_with_itself=frame > 0.6 * closing,
            )
        late = frame >= closing + moving + schedule.settling // 2
        return Motion(damping=6.0 if late else 2.0)

    waist = np.unique(pattern.part[pattern.edge == WAIST])
    for frame in walk(cloth, schedule.frames, collider_at, motion_at):
        if len(waist):
            if frame == closing - 1:
                cloth.inverse_mass[waist] = 0
            if frame >= closing:
                # A waistband goes with the body, which only rises or sinks there.
                lift = _lift(collider_at, frame)
                cloth.position[waist, 1] += lift
        yield (frame + 1) / schedule.frames


def _lift(collider_at: Callable[[int], Collider], frame: int) -> float:
    before, after = collider_at(frame).points[0], collider_at(frame + 1).points[0]
    return float(np.median(after[:, 1] - before[:, 1]))
