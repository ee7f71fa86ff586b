"""Woven cotton: threads over and under, drawn in the cloth's own centimetres."""

import math
from dataclasses import dataclass

import torch

# How much darker the gaps between threads are, and how much less ink they take.
_DEPTH = 0.30
_INK_LOST = 0.08
# Below this height lies a gap, which ink reaches less.
_GAP = 0.25
# The mean height of the pattern below over a period, slubs left out.
_MEAN_HEIGHT = 0.53
# A thread narrower than this many pixels is too fine to draw and fades out.
_FINEST_PX = 2.0


@dataclass(frozen=True, slots=True)
class Weave:
    """What a weave does to N points.

    `light` is (N,), the factor on reflectance, 1 on average; `ink` is (N,), the share of ink that
    they take.
    """

    light: torch.Tensor
    ink: torch.Tensor


def woven(
    on_face: torch.Tensor, where: torch.Tensor, threads_per_cm: float, strength: float
) -> Weave:
    """A plain weave at points of a face.

    Args:
        on_face: (N, 2) float32, centimetres on the face.
        where: (H, W) bool, the N pixels that they lie in, row-major.
        threads_per_cm: in either direction.
        strength: 0 is smooth, 1 as woven.
    """
    amount = strength * _visibility(on_face, where, threads_per_cm)
    x, y = (on_face * threads_per_cm).unbind(dim=1)
    # Threads wander a little and are not all as thick.
    x = x + 0.16 * torch.sin(y * 0.37 + 1.3 * torch.sin(x * 0.11)) + 0.08 * torch.sin(y * 1.9)
    y = y + 0.16 * torch.sin(x * 0.41 + 1.1 * torch.sin(y * 0.13)) + 0.08 * torch.sin(x * 2.3)
    across, down = (math.pi * x).sin().abs(), (math.pi * y).sin().abs()
    is_warp = (x.floor() + y.floor()).remainder(2) < 0.5
    height = torch.where(is_warp, across * (0.55 + 0.45 * down), down * (0.55 + 0.45 * across))
    # One in several threads is a slub, thicker and lighter.
    slub = torch.where(is_warp, _hash(x.floor()), _hash(y.floor() + 57))
    height = height + 0.18 * (slub - 0.5)
    gap = ((_GAP - height) / _GAP).clamp(0, 1)
    return Weave(
        light=1 + amount * _DEPTH * (height - _MEAN_HEIGHT), ink=1 - amount * _INK_LOST * gap
    )


def _visibility(on_face: torch.Tensor, where: torch.Tensor, threads_per_cm: float) -> float:
    """1 where a thread spans enough pixels to be drawn, falling to 0 where it does not."""
    if len(on_face) < 2:
        return 0.0
    rows = where.nonzero()
    is_pair = (rows[1:, 0] == rows[:-1, 0]) & (rows[1:, 1] == rows[:-1, 1] + 1)
    steps = (on_face[1:] - on_face[:-1]).norm(dim=1)[is_pair]
    if steps.numel() == 0:
        return 0.0
    thread_px = 1 / (float(steps.median()) * threads_per_cm + 1e-9)
    return min(1.0, max(0.0, (thread_px - _FINEST_PX / 2) / (_FINEST_PX / 2)))


def _hash(value: torch.Tensor) -> torch.Tensor:
    """A number 0..1 that looks random, the same for equal input."""
    mixed = (value * 12.9898).sin() * 43758.5453
    return mixed - mixed.floor()
