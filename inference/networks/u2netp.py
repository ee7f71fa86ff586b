"""U²-Net-p: a small salient-object network, 320 × 320, and what softbox-matte starts from.

Source: Qin et al., "U²-Net: Going deeper with nested U-structure for salient object detection",
Pattern Recognition 2020 (normalisation as in the authors' released code).
"""

import torch

NAME = "u2netp"
INPUT_SIDE_PX = 320
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


def to_input(rgb: torch.Tensor) -> torch.Tensor:
    """Normalise (3, 320, 320) float32 sRGB 0..1 to the network's (3, 320, 320)."""
    # The network was trained on pictures stretched to their own maximum.
    stretched = rgb / rgb.max().clamp(min=1e-3)
    mean, deviation = (rgb.new_tensor(values).view(3, 1, 1) for values in (_MEAN, _DEVIATION))
    return (stretched - mean) / deviation


def to_alpha(output: torch.Tensor) -> torch.Tensor:
    """The network's (1, S, S) saliency as (S, S) float32 0..1."""
    return output[0].clamp(0.0, 1.0)
