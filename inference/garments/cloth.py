"""Cloth: particles held by threads, bending, colliders and pins.

Knows nothing of garments: totes and cushions are cloth as well.

Lengths are metres, times seconds, y points up. Loads numba; never imported by the web side.

Source: Macklin, Mueller and Chentanez, "XPBD: position-based simulation of compliant constrained
dynamics", MIG 2016; Macklin et al., "Small steps in physics simulation", SCA 2019.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.garments.cloth_kernels import advance, close_pairs, nearest_points, sorted_by_cell

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

GRAVITY = -9.81
_FRAME_S = 1 / 60
# A particle further than this from the collider's nearest point is free.
_REACH_M = 0.06


@dataclass(frozen=True, slots=True)
class Threads:
    """Distances that are kept: `pairs` (E, 2) int32, `lengths` (E,), `compliance` (E,) in m/N."""

    pairs: I32
    lengths: F64
    compliance: F64


@dataclass(frozen=True, slots=True)
class Bends:
    """Vertices that stay a weighted mean of their ring, in rows as in a sparse matrix.

    `centres` (B,), `starts` (B + 1,), `ring` and `weights` (R,), `compliance` (B,).
    """

    centres: I32
    starts: I32
    ring: I32
    weights: F64
    compliance: F64


@dataclass(slots=True)
class Cloth:
    """A cloth in motion. `position` and `velocity` are (N, 3); `inverse_mass` (N,), 0 for a pin.

    `apart` (N, 2) are flat coordinates: particles nearer than four spacings there never collide.
    """

    position: F64
    velocity: F64
    inverse_mass: F64
    threads: Threads
    bends: Bends
    apart: F64
    spacing: float


@dataclass(frozen=True, slots=True)
class Collider:
    """What cloth lies on: groups of (P, 3) points with unit normals, the same points each frame.

    Parts that come close to each other (an arm and the trunk) are groups of their own, so that
    cloth between them is pushed by both.
    """

    points: tuple[F64, ...]
    normals: tuple[F64, ...]


@dataclass(frozen=True, slots=True)
class Motion:
    """How one frame of 1/60 s is walked."""

    substeps: int = 12
    gravity: float = GRAVITY
    damping: float = 2.0
    most_speed: float = 3.0
    thickness: float = 0.004
    friction: float = 0.35
    collides_with_itself: bool = True


@dataclass(slots=True)
class Neighbours:
    """What is near each particle, found once a frame."""

    points: F64
    normals: F64
    moves: F64
    pairs: I32 = field(default_factory=lambda: np.zeros((0, 2), np.int32))


def walk(
    cloth: Cloth,
    frames: int,
    collider_at: Callable[[int], Collider],
    motion_at: Callable[[int], Motion],
) -> Iterator[int]:
    """Move `cloth` in place, frame by frame; yields the number of each finished frame.

    `collider_at` is asked for the collider at the start of each frame and at the end of the last;
    `motion_at` says how a frame is walked.
    """
    now = collider_at(0)
    for frame in range(frames):
        then = collider_at(frame + 1)
        motion = motion_at(frame)
        near = _neighbours(cloth, now, then, motion)
        advance(
            cloth.position,
            cloth.velocity,
            cloth.inverse_mass,
            (cloth.threads.pairs, cloth.threads.lengths, cloth.threads.compliance),
            (
                cloth.bends.centres,
                cloth.bends.starts,
                cloth.bends.ring,
                cloth.bends.weights,
                cloth.bends.compliance,
            ),
            (near.points, near.normals, near.moves),
            near.pairs,
            (motion.thickness, motion.friction, 0.85 * cloth.spacing, _REACH_M),
            (_FRAME_S, motion.gravity, motion.damping, motion.most_speed),
            motion.substeps,
        )
        now = then
        yield frame


def _neighbours(cloth: Cloth, now: Collider, then: Collider, motion: Motion) -> Neighbours:
    groups = len(now.points)
    shape = (groups, *cloth.position.shape)
    near = Neighbours(np.full(shape, 1e3), np.zeros(shape), np.zeros(shape))
    for group in range(groups):
        points = now.points[group]
        index = nearest_points(cloth.position, points, *sorted_by_cell(points, _REACH_M), _REACH_M)
        hit = index >= 0
        at = index[hit]
        near.points[group, hit] = points[at]
        near.normals[group, hit] = now.normals[group][at]
        near.moves[group, hit] = then.points[group][at] - points[at]
    if motion.collides_with_itself:
        reach = 1.2 * cloth.spacing
        near.pairs = close_pairs(
            cloth.position,
            cloth.apart,
            *sorted_by_cell(cloth.position, reach),
            reach,
            4 * cloth.spacing,
        )
    return near


def strain_of(cloth: Cloth) -> F64:
    """(E,) each thread's length over its rest length; 1 is unstretched."""
    first, second = cloth.threads.pairs.T
    length = np.linalg.norm(cloth.position[first] - cloth.position[second], axis=1)
    return np.asarray(length / cloth.threads.lengths)
