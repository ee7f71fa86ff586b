"""Softbox's own network: a matte of the product at 576 × 576, trained by `inference.training`."""

import torch

NAME = "softbox-matte"
INPUT_SIDE_PX = 576


def to_input(rgb: torch.Tensor) -> torch.Tensor:
    """The network takes (3, 576, 576) float32 sRGB 0..1 as it is."""
    return rgb


def to_alpha(output: torch.Tensor) -> torch.Tensor:
    """The network's (1, S, S) alpha as (S, S) float32 0..1."""
    return output[0].clamp(0.0, 1.0)
