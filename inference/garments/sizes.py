"""How large a garment is on a body: measured on the mannequin, eased as a tailor would."""

import functools
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inference.garments.draping import waist_height
from inference.garments.kinds import KINDS, Build, Kind
from inference.garments.mannequin import TRUNK, Mannequin, figure_of, load_mannequin
from inference.garments.pattern import load_pattern
from inference.garments.poses import POSES

F64 = NDArray[np.float64]

# Room between body and cloth, as metres of a flat garment's half width at the chest.
_EASE_M = 0.027
# Against a regular fit, how wide a garment is.
FITS: Mapping[str, float] = {"slim": 0.93, "regular": 1.0, "loose": 1.15}
_REFERENCE_HEIGHT_M = 1.76
# Legs: from where below the waist, over which length and how far they leave its width.
_HIP_M, _LEG_BLEND_M, _LEG_SHARE = 0.18, 0.5, 0.3
# Of the reference patterns: where the shoulder ends, how steeply the sleeve falls from there, and
# over which width the body becomes sleeve.
_TIP_M, _SLEEVE_DOWN, _SLEEVE_BLEND_M = (0.208, -0.048), math.radians(36), 0.11


@functools.lru_cache(maxsize=8)
def girths(body: str) -> Mapping[str, float]:
    """Metres round a mannequin's chest and waist."""
    mannequin = load_mannequin(body)
    figure = figure_of(mannequin, POSES["relaxed"], 0.0)
    trunk = figure.vertices[figure.part == TRUNK]
    shoulder = float(mannequin.joints[mannequin.names.index("upperarm01.L"), 1])
    return {
        "chest": _girth(trunk, shoulder - 0.12),
        "waist": _girth(trunk, waist_height(mannequin)),
    }


def _girth(trunk: F64, height: float) -> float:
    """The length of a tape round the trunk: what the eye sees of it from all sides."""
    ring = trunk[np.abs(trunk[:, 1] - height) < 0.012][:, [0, 2]]
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    reach = (ring @ np.stack([np.cos(angles), np.sin(angles)])).max(axis=0)
    # Cauchy's formula: the mean width times pi is a convex outline's length.
    return float(reach.mean() * 2 * np.pi)


def half_width(kind: Kind, body: str, fit: str) -> float:
    """Half the width of the flat garment, metres: at the chest, or at the waist."""
    round_body = girths(body)
    if KINDS[kind].hangs_from_waist:
        return round_body["waist"] / 4 + 0.002
    return (round_body["chest"] / 4 + _EASE_M) * FITS[fit]


def reference_half_width(kind: Kind) -> float:
    """The same of the pattern as it is drawn."""
    pattern = load_pattern(kind)
    name = "waist_right" if KINDS[kind].hangs_from_waist else "armpit_right"
    return float(pattern.flat[pattern.corners[name], 0])


def generic_flat(kind: Kind, body: str, fit: str = "regular") -> F64:
    """(V, 2) the reference pattern in the size of a body."""
    mannequin = load_mannequin(body)
    across = half_width(kind, body, fit) / reference_half_width(kind)
    if KINDS[kind].hangs_from_waist:
        across *= FITS[fit]
    along = height_of(mannequin) / _REFERENCE_HEIGHT_M
    flat = load_pattern(kind).flat
    sized = flat * [across, along]
    if KINDS[kind].build is Build.TROUSERS:
        return _with_legs(flat, sized, across)
    if KINDS[kind].build is Build.SLEEVED:
        return _with_sleeves(flat, sized, across, along)
    return np.asarray(sized)


def _with_legs(flat: F64, sized: F64, across: float) -> F64:
    """Legs stand under the hips, however wide the waist is: only a share of its width goes down."""
    below = np.clip((-flat[:, 1] - _HIP_M) / _LEG_BLEND_M, 0, 1)
    below = below * below * (3 - 2 * below)
    lower = 1 + _LEG_SHARE * (across - 1)
    return np.asarray(
        np.column_stack([flat[:, 0] * (across + (lower - across) * below), sized[:, 1]])
    )


def _with_sleeves(flat: F64, sized: F64, across: float, along: float) -> F64:
    """Sleeves keep their direction: wider for a wider body, longer only for a taller one."""
    side = np.sign(flat[:, 0])
    tip = np.array(_TIP_M)
    way = np.array([math.cos(_SLEEVE_DOWN), -math.sin(_SLEEVE_DOWN)])
    wide = np.array([-way[1], way[0]])
    off = np.column_stack([np.abs(flat[:, 0]), flat[:, 1]]) - tip
    sleeve = (
        tip * [across, along]
        + (off @ way)[:, None] * way * along
        + (off @ wide)[:, None] * wide * across
    )
    share = np.clip((np.abs(flat[:, 0]) - tip[0]) / _SLEEVE_BLEND_M, 0, 1)
    share = (share * share * (3 - 2 * share))[:, None]
    folded = sized * np.column_stack([side, np.ones(len(flat))])
    mixed = folded * (1 - share) + sleeve * share
    return np.asarray(mixed * np.column_stack([side, np.ones(len(flat))]))


def height_of(mannequin: Mannequin) -> float:
    return float(np.ptp(mannequin.rest[:, 1]))
