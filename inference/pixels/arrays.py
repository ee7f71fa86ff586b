"""Names for array types, so that a signature says what it holds.

The name gives channels and dtype; each function's docstring gives shape, colour and range.
`U8` runs 0..255 (sRGB unless said otherwise); `F32` runs 0..1.
"""

import numpy as np
from numpy.typing import NDArray

RgbU8 = NDArray[np.uint8]
RgbaU8 = NDArray[np.uint8]
GreyU8 = NDArray[np.uint8]
RgbF32 = NDArray[np.float32]
RgbaF32 = NDArray[np.float32]
AlphaF32 = NDArray[np.float32]
BoolMask = NDArray[np.bool_]
