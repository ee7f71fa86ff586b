"""Our own segmenter: U²-Net-p's verdict, corrected at 576 × 576; how it is fed and read.

How it is trained, and on what: `inference/training/README.md`.
"""

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import AlphaF32, RgbF32

NAME = "softbox-segmenter"
INPUT_SIDE_PX = 576


def to_input(rgb: RgbF32) -> NDArray[np.float32]:
    """Turn (576, 576, 3) float32 sRGB 0..1 into (3, 576, 576); the network normalises itself."""
    channels_first: NDArray[np.float32] = np.transpose(rgb, (2, 0, 1))
    return channels_first


def to_alpha(output: NDArray[np.float32]) -> AlphaF32:
    """The network's (1, S, S) alpha as (S, S) float32 0..1."""
    alpha: AlphaF32 = output[0].clip(0.0, 1.0)
    return alpha
