"""BiRefNet: a large 1024 × 1024 network, only for operators who bring their own export.

Source: Zheng et al., "Bilateral reference for high-resolution dichotomous image segmentation",
CAAI AIR 2024 (normalisation as in the authors' released code; exports end in logits).
"""

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import AlphaF32, RgbF32

NAME = "birefnet"
INPUT_SIDE_PX = 1024
_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def to_input(rgb: RgbF32) -> NDArray[np.float32]:
    """Normalise (1024, 1024, 3) float32 sRGB 0..1 to the network's (3, 1024, 1024)."""
    normalised: RgbF32 = (rgb - _MEAN) / _DEVIATION
    channels_first: NDArray[np.float32] = np.transpose(normalised, (2, 0, 1))
    return channels_first


def to_alpha(output: NDArray[np.float32]) -> AlphaF32:
    """The network's (1, S, S) logits as (S, S) float32 0..1."""
    logits: AlphaF32 = output[0].clip(-30.0, 30.0)
    return np.float32(1.0) / (np.float32(1.0) + np.exp(-logits))
