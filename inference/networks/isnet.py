"""IS-Net (general use): a 1024 × 1024 network with finer edges; opt-in for its weights' licence.

Source: Qin et al., "Highly accurate dichotomous image segmentation", ECCV 2022.
"""

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import AlphaF32, RgbF32

NAME = "isnet-general"
INPUT_SIDE_PX = 1024


def to_input(rgb: RgbF32) -> NDArray[np.float32]:
    """Normalise (1024, 1024, 3) float32 sRGB 0..1 to the network's (3, 1024, 1024)."""
    centred: RgbF32 = rgb - np.float32(0.5)
    channels_first: NDArray[np.float32] = np.transpose(centred, (2, 0, 1))
    return channels_first


def to_alpha(output: NDArray[np.float32]) -> AlphaF32:
    """The network's (1, S, S) mask as (S, S) float32 0..1."""
    alpha: AlphaF32 = output[0].clip(0.0, 1.0)
    return alpha
