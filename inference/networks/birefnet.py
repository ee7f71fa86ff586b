"""BiRefNet: a large 1024 × 1024 network, only for operators who bring their own export.

Source: Zheng et al., "Bilateral reference for high-resolution dichotomous image segmentation",
CAAI AIR 2024 (normalisation as in the authors' released code; exports end in logits).
"""

import torch

NAME = "birefnet"
INPUT_SIDE_PX = 1024
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


def to_input(rgb: torch.Tensor) -> torch.Tensor:
    """Normalise (3, 1024, 1024) float32 sRGB 0..1 to the network's (3, 1024, 1024)."""
    mean, deviation = (rgb.new_tensor(values).view(3, 1, 1) for values in (_MEAN, _DEVIATION))
    return (rgb - mean) / deviation


def to_alpha(output: torch.Tensor) -> torch.Tensor:
    """The network's (1, S, S) logits as (S, S) float32 0..1."""
    return torch.sigmoid(output[0])
