"""Softbox's own network: a matte of the product, trained by `inference.training` at 576 × 576.

Its weights work at any size. At 960 × 960 it sees thin parts and outlines better and takes nearly
three times as long; it knows less well there what the product is.
"""

import torch

NAME = "softbox-matte"
INPUT_SIDE_PX = 576
FINE_SIDE_PX = 960


def to_input(rgb: torch.Tensor) -> torch.Tensor:
    """The network takes (3, S, S) float32 sRGB 0..1 as it is."""
    return rgb


def to_alpha(output: torch.Tensor) -> torch.Tensor:
    """The network's (1, S, S) alpha as (S, S) float32 0..1."""
    return output[0].clamp(0.0, 1.0)
