"""What the network is asked to get right: area, value, edge and detail."""

import torch
from torch.nn import functional

_EDGE_WEIGHT = 3.0
_LEVELS = 4
_COARSE_WEIGHT = 0.3


def loss(
    logits: torch.Tensor,
    coarse: list[torch.Tensor],
    alpha: torch.Tensor,
    weight: torch.Tensor,
    exact: int,
) -> torch.Tensor:
    """Sum of cross-entropy and L1 (both heavier near edges), soft IoU, and detail where exact.

    Args:
        logits: (N, 1, S, S) float32.
        coarse: logits at lower sizes, each compared with the alpha averaged down.
        alpha: (N, 1, S, S) float32, 0..1.
        weight: (N, 1, S, S) float32, 0 where the truth is unknown.
        exact: how many examples, from the first, have an alpha right to the pixel.
    """
    guess = torch.sigmoid(logits)
    edge = functional.max_pool2d(alpha, 9, 1, 4) + functional.max_pool2d(-alpha, 9, 1, 4)
    near = torch.ones_like(alpha)
    near[:exact] += _EDGE_WEIGHT * edge[:exact]
    entropy = functional.binary_cross_entropy_with_logits(logits, alpha, reduction="none")
    total = (entropy * weight * near).mean() + ((guess - alpha).abs() * weight * near).mean()
    both = (guess * alpha * weight).sum((1, 2, 3))
    either = ((guess + alpha - guess * alpha) * weight).sum((1, 2, 3))
    total = total + (1 - (both + 1) / (either + 1)).mean()
    total = total + 1.5 * _detail(guess[:exact], alpha[:exact])
    total = total + 2.0 * _slope(guess[:exact], alpha[:exact])
    for level in coarse:
        size = level.shape[-2:]
        known = functional.interpolate(weight, size=size, mode="area")
        truth = functional.interpolate(alpha, size=size, mode="area")
        missed = functional.binary_cross_entropy_with_logits(level, truth, reduction="none")
        total = total + _COARSE_WEIGHT * (missed * known).mean()
    return total


def _detail(guess: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Differences of Laplacian pyramids, coarser levels counting more."""
    total = guess.new_zeros(())
    error = guess - alpha
    for level in range(_LEVELS):
        lower = functional.avg_pool2d(error, 2)
        back = functional.interpolate(lower, scale_factor=2.0)
        total = total + 2**level * (error - back).abs().mean()
        error = lower
    return total


def _slope(guess: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    error = guess - alpha
    return error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
