"""U²-Net-p: a small salient-object network, 320 × 320, the default.

Source: Qin et al., "U²-Net: Going deeper with nested U-structure for salient object detection",
Pattern Recognition 2020 (normalisation as in the authors' released code).
"""

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import AlphaF32, RgbF32

NAME = "u2netp"
INPUT_SIDE_PX = 320
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def to_input(rgb: RgbF32) -> NDArray[np.float32]:
    """Normalise (320, 320, 3) float32 sRGB 0..1 to the network's (3, 320, 320)."""
    # The network was trained on pictures stretched to their own maximum.
    stretched = rgb / max(float(rgb.max()), 1e-3)
    normalised: RgbF32 = (stretched - _MEAN) / _DEVIATION
    channels_first: NDArray[np.float32] = np.transpose(normalised, (2, 0, 1))
    return channels_first


def to_alpha(output: NDArray[np.float32]) -> AlphaF32:
    """The network's (1, S, S) saliency as (S, S) float32 0..1."""
    alpha: AlphaF32 = output[0].clip(0.0, 1.0)
    return alpha
