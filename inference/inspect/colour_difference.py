"""CIELAB and the CIEDE2000 colour difference, on arrays of pixels.

ΔE of 1 is about what an eye can tell side by side; 2 to 3 passes for the same colour in print.
"""

import numpy as np
from numpy.typing import NDArray

from inference.pixels.arrays import RgbU8

LabF32 = NDArray[np.float32]  # (..., 3): L* 0..100, a* and b* about -128..127

# IEC 61966-2-1: sRGB to XYZ under D65, 2° observer, and that white.
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ],
    dtype=np.float32,
)
_WHITE = np.array([0.95047, 1.0, 1.08883], dtype=np.float32)
# CIE 15:2004: where the cube root becomes a straight line.
_LAB_KNEE = 216 / 24389
_LAB_SLOPE = 24389 / 27
_LEVELS = np.arange(256, dtype=np.float64) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_CHROMA_7 = 25.0**7


def to_lab(rgb: RgbU8) -> LabF32:
    """CIELAB (D65) of sRGB pixels: (..., 3) uint8 in, (..., 3) float32 out."""
    xyz = (_LINEAR[rgb] @ _TO_XYZ.T) / _WHITE
    root = np.where(
        xyz > _LAB_KNEE, np.cbrt(xyz), (_LAB_SLOPE * xyz + 16) / np.float32(116)
    ).astype(np.float32)
    return np.stack(
        [
            116 * root[..., 1] - 16,
            500 * (root[..., 0] - root[..., 1]),
            200 * (root[..., 1] - root[..., 2]),
        ],
        axis=-1,
    )


def delta_e_2000(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    """CIEDE2000 difference of two CIELAB arrays, (..., 3) each; (...) float32, 0 = the same.

    Source: Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", Color Research and
    Application 30 (2005), equations 2 to 22, with kL = kC = kH = 1.
    """
    light_1, a_1, b_1 = np.moveaxis(first, -1, 0)
    light_2, a_2, b_2 = np.moveaxis(second, -1, 0)
    grey_7 = ((np.hypot(a_1, b_1) + np.hypot(a_2, b_2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(grey_7 / (grey_7 + _CHROMA_7))
    chroma_1, chroma_2 = np.hypot(stretch * a_1, b_1), np.hypot(stretch * a_2, b_2)
    hue_1, hue_2 = _hue(b_1, stretch * a_1), _hue(b_2, stretch * a_2)
    is_grey = chroma_1 * chroma_2 == 0
    turn = np.where(is_grey, 0, (hue_2 - hue_1 + 180) % 360 - 180)
    # Exactly opposite hues: the source leaves +180° as it is.
    turn = np.where((turn == -180) & (hue_2 > hue_1), 180, turn)
    d_hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(np.radians(turn) / 2)
    chroma = (chroma_1 + chroma_2) / 2
    weight_light, weight_chroma, weight_hue, rotation = _weights(
        (light_1 + light_2) / 2, chroma, _mean_hue(hue_1, hue_2, is_grey)
    )
    in_light = (light_2 - light_1) / weight_light
    in_chroma = (chroma_2 - chroma_1) / weight_chroma
    in_hue = d_hue / weight_hue
    total = in_light**2 + in_chroma**2 + in_hue**2 + rotation * in_chroma * in_hue
    return np.asarray(np.sqrt(np.maximum(total, 0)), dtype=np.float32)


def _hue(b: NDArray[np.floating], a: NDArray[np.floating]) -> NDArray[np.floating]:
    """Degrees 0..360; 0 where there is no chroma."""
    hue: NDArray[np.floating] = np.degrees(np.arctan2(b, a)) % 360
    return hue


def _mean_hue(
    first: NDArray[np.floating], second: NDArray[np.floating], is_grey: NDArray[np.bool_]
) -> NDArray[np.floating]:
    total = first + second
    is_near = np.abs(first - second) <= 180
    mean = np.where(is_near, total, np.where(total < 360, total + 360, total - 360)) / 2
    return np.where(is_grey, total, mean)


def _weights(
    light: NDArray[np.floating], chroma: NDArray[np.floating], hue: NDArray[np.floating]
) -> tuple[NDArray[np.floating], ...]:
    """S_L, S_C, S_H and R_T of the source."""
    tint = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    middle = (light - 50) ** 2
    chroma_7 = chroma**7
    bend = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma_7 / (chroma_7 + _CHROMA_7)) * np.sin(np.radians(bend))
    return (
        1 + 0.015 * middle / np.sqrt(20 + middle),
        1 + 0.045 * chroma,
        1 + 0.015 * chroma * tint,
        rotation,
    )
