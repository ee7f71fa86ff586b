"""Find what should be white in a photo, and bring its colour and brightness there.

A patch that should be without colour tells the light's colour; a change of adaptation takes it to
the colour of sRGB's own white. All in linear light.

Sources: Lam, "Metamerism and colour constancy", thesis 1985 (the Bradford transform, as ICC.1:2022
annex E gives it); IEC 61966-2-1 (sRGB to XYZ).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.pixels.arrays import GreyU8
from inference.pixels.colour import RgbLinear

_RGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_TO_CONES = _BRADFORD @ _RGB_TO_XYZ
_LUMINANCE = _RGB_TO_XYZ[1]
# What a grey card and a sheet of paper reflect; paper is left below the top so that it has a shade.
GREY_CARD, PAPER = 0.18, 0.87
# A point is judged with this much round it, as a share of the photo's longest side.
_PATCH_SHARE = 0.012
_CLIPPED = 0.985
_DARK = 0.02
# Beyond this, a surface has a colour of its own (chroma over luminance, in linear light).
_MOST_COLOURED = 0.6
# The rim of the photo in which a ground is looked for where no cutout says what is product.
_RIM_SHARE = 0.12
_LEAST_GROUND = 0.04
CONFIDENT_FROM = 0.5
_BRIGHTEST_SHARE = 0.5
# A gain may push this share of pixels over the top, and no more.
_MOST_CLIPPED = 0.004


@dataclass(frozen=True, slots=True)
class WhitePatch:
    """A surface that should be without colour, as the photo shows it.

    `colour` is linear sRGB; `confidence` is 0..1; `problem` says in a sentence why it cannot be
    used, or is empty.
    """

    colour: tuple[float, float, float]
    confidence: float
    problem: str = ""

    @property
    def luminance(self) -> float:
        return float(np.dot(_LUMINANCE, self.colour))

    @property
    def cast(self) -> str:
        """The light's colour in a word, or "" where it has none that one would see."""
        red, green, blue = (channel / max(self.luminance, 1e-6) for channel in self.colour)
        if max(abs(red - 1), abs(green - 1), abs(blue - 1)) < 0.03:
            return ""
        tint = green - (red + blue) / 2
        if abs(tint) > abs(red - blue) / 2:
            return "greenish" if tint > 0 else "pinkish"
        return "warm" if red > blue else "cold"


def patch_at(linear: RgbLinear, x: float, y: float) -> WhitePatch:
    """The patch round a point that a person pressed.

    Args:
        linear: (3, H, W) float32, linear light, 0..1.
        x: from the left, 0..1.
        y: from the top, 0..1.
    """
    height, width = linear.shape[1:]
    reach = max(2, round(_PATCH_SHARE * max(height, width) / 2))
    column = min(width - 1, max(0, round(x * (width - 1))))
    row = min(height - 1, max(0, round(y * (height - 1))))
    window = linear[
        :, max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1
    ]
    pixels = window.flatten(1).T.cpu().numpy().astype(np.float64)
    colour = np.median(pixels, axis=0)
    confidence = _evenness(pixels)
    return _judged(colour, confidence)


def ground_patch(linear: RgbLinear, alpha: GreyU8 | None) -> WhitePatch:
    """The paper white of the ground round the product, and how sure it is.

    Args:
        linear: (3, H, W) float32, linear light, 0..1.
        alpha: (H, W) uint8, the product's; None where it is not known, then the rim is judged.
    """
    ground = _ground(linear, alpha)
    if len(ground) < _LEAST_GROUND * linear.shape[1] * linear.shape[2]:
        problem = "The photo shows too little of the ground to tell its white. Press on it instead."
        return WhitePatch((1.0, 1.0, 1.0), 0.0, problem)
    luminance = ground @ _LUMINANCE
    # Paper is the ground's bright part; what lies in shadow is lit by the room.
    bright = ground[luminance >= np.quantile(luminance, 1 - _BRIGHTEST_SHARE)]
    usable = bright[(bright.max(axis=1) < _CLIPPED)]
    if len(usable) < 0.2 * len(bright):
        problem = (
            "The ground is clipped to pure white, so it says nothing about the light. "
            "Press on a grey part of the photo instead."
        )
        return WhitePatch((1.0, 1.0, 1.0), 0.0, problem)
    colour = np.median(usable, axis=0)
    spread = _evenness(usable)
    share = min(1.0, len(ground) / (0.25 * linear.shape[1] * linear.shape[2]))
    # Paper is bright and nearly without colour: the further from it, the less sure.
    level = float(np.clip((colour @ _LUMINANCE - 0.08) / 0.25, 0.0, 1.0))
    plain = float(np.clip(1.5 * (1.0 - _coloured(colour) / _MOST_COLOURED), 0.0, 1.0))
    return _judged(colour, spread * math.sqrt(share) * level * math.sqrt(plain))


def adaptation(colour: tuple[float, float, float]) -> NDArray[np.float64]:
    """(3, 3): takes linear sRGB in which white looks like `colour` to linear sRGB; luminance stays.

    Of `colour` only its ratios count.
    """
    seen = np.asarray(colour, dtype=np.float64)
    seen = seen / float(_LUMINANCE @ seen)
    gains = (_TO_CONES @ np.ones(3)) / (_TO_CONES @ seen)
    matrix: NDArray[np.float64] = np.linalg.inv(_TO_CONES) @ np.diag(gains) @ _TO_CONES
    return matrix


def apply_light(linear: RgbLinear, matrix: NDArray[np.float64], gain: float) -> RgbLinear:
    """Every pixel through `matrix` and times `gain`; (3, H, W) linear, not clipped above."""
    both = torch.from_numpy((matrix * gain).astype(np.float32)).to(linear.device)
    lit: RgbLinear = torch.einsum("oc,chw->ohw", both, linear).clamp_(min=0.0)
    return lit


def most_gain(linear: RgbLinear, matrix: NDArray[np.float64], alpha: GreyU8 | None) -> float:
    """How much brighter the product may become before its highlights clip.

    What is clipped in the photo already does not count.
    """
    lit = apply_light(linear, matrix, 1.0).amax(dim=0)
    was_clipped = linear.amax(dim=0) >= _CLIPPED
    counts = ~was_clipped
    if alpha is not None:
        counts &= torch.from_numpy(alpha > 127).to(linear.device)
    values = lit[counts]
    if values.numel() < 16:
        return math.inf
    # `quantile` takes at most 16 million values; every n-th of them says the same.
    thinned = values[:: max(1, values.numel() // 1_000_000)]
    top = float(torch.quantile(thinned, 1 - _MOST_CLIPPED))
    return 1.0 / max(top, 1e-6)


def _judged(colour: NDArray[np.float64], confidence: float) -> WhitePatch:
    red, green, blue = (float(channel) for channel in colour)
    patch = WhitePatch((red, green, blue), round(float(np.clip(confidence, 0, 1)), 3))
    problem = ""
    if max(patch.colour) >= _CLIPPED:
        problem = "This place is clipped to white and says nothing about the light's colour."
    elif patch.luminance < _DARK:
        problem = "This place is too dark to tell the light's colour."
    elif _coloured(colour) > _MOST_COLOURED:
        problem = "This surface has a colour of its own; press on something grey or white."
    return WhitePatch(patch.colour, 0.0 if problem else patch.confidence, problem)


def _coloured(colour: NDArray[np.float64]) -> float:
    """How far from grey: the range of the channels over the largest."""
    return float((colour.max() - colour.min()) / max(float(colour.max()), 1e-6))


def _evenness(pixels: NDArray[np.float64]) -> float:
    """1 for one colour all over, 0 where colours differ by a third: of the channels' ratios."""
    ratios = pixels / np.maximum(pixels.sum(axis=1, keepdims=True), 1e-6)
    spread = float(np.quantile(np.abs(ratios - np.median(ratios, axis=0)).max(axis=1), 0.8))
    return float(np.clip(1.0 - spread / 0.035, 0.0, 1.0))


def _ground(linear: RgbLinear, alpha: GreyU8 | None) -> NDArray[np.float64]:
    """(N, 3): pixels of the ground."""
    pixels = linear.permute(1, 2, 0).cpu().numpy().astype(np.float64)
    if alpha is not None:
        return pixels[alpha < 8]
    height, width = pixels.shape[:2]
    rim = max(2, round(_RIM_SHARE * min(height, width)))
    is_rim = np.ones((height, width), dtype=bool)
    is_rim[rim : height - rim, rim : width - rim] = False
    return pixels[is_rim]
