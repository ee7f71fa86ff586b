"""IS-Net (general use): a 1024 × 1024 network with finer edges; opt-in for its weights' licence.

Source: Qin et al., "Highly accurate dichotomous image segmentation", ECCV 2022.
"""

import torch

NAME = "isnet-general"
INPUT_SIDE_PX = 1024


def to_input(rgb: torch.Tensor) -> torch.Tensor:
    """Normalise (3, 1024, 1024) float32 sRGB 0..1 to the network's (3, 1024, 1024)."""
    return rgb - 0.5


def to_alpha(output: torch.Tensor) -> torch.Tensor:
    """The network's (1, S, S) mask as (S, S) float32 0..1."""
    return output[0].clamp(0.0, 1.0)
