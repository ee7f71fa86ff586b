"""Take the old background's colour out of the product's soft edge.

A pixel of the edge is a mixture, alpha · product + (1 - alpha) · background. Both colours are
guessed from their nearest pure neighbours (a pyramid that is filled from coarse to fine) and then
corrected so that they mix to exactly what the photo shows.

It works on sRGB values, because the matte is fitted to those: the same space undoes the mixture.

Source: Germer, Uelwer, Conrad and Harmeling, "Fast multi-level foreground estimation", ICPR 2020
(levels), and Forte, "Approximate fast foreground colour estimation", ICIP 2021 (the correction).
"""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name
from numpy.typing import NDArray

from inference.errors import ShapeMismatch
from inference.pixels.arrays import AlphaF32, GreyU8, RgbF32, RgbU8

Indices = NDArray[np.intp]

_OPAQUE = 0.999
_PURITY = 32  # a pixel's say in a guess is alpha to this power: mixtures hardly speak
_FAINT = 1e-5  # the say that even a faint pixel keeps, for hair and wires that are pure nowhere
_GUESS_PULL = 0.02  # how strongly the correction is drawn back to the guess
_OWN_SHARE = 0.03  # of a pure pixel's guess, this share comes from its surroundings
_GUESS_SIDE_PX = 768  # guesses are smooth: larger pictures are guessed on every n-th pixel


def clean_foreground(rgb: RgbF32, alpha: AlphaF32) -> RgbF32:
    """Replace the colours of the soft edge by the product's own.

    Args:
        rgb: (H, W, 3) float32 sRGB, 0..1.
        alpha: (H, W) float32, 0..1, straight.

    Returns:
        (H, W, 3) float32 sRGB, 0..1, a new array. Where alpha is 1 or 0 the pixels are the
        input's, bit for bit.

    Raises:
        ShapeMismatch: the two sizes differ.
    """
    if rgb.shape[:2] != alpha.shape:
        raise ShapeMismatch(f"colours are {rgb.shape[:2]}, alpha is {alpha.shape}")
    clean = rgb.copy()
    rows, columns = np.nonzero((alpha > 0) & (alpha < _OPAQUE))
    if rows.size:
        clean[rows, columns] = _unmixed(rgb, alpha, rows, columns)
    return clean


def clean_photo(rgb: RgbU8, alpha: GreyU8) -> RgbU8:
    """As `clean_foreground`, for a whole photo in bytes: only its soft edge is touched.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        alpha: (H, W) uint8, 0..255, straight.

    Returns:
        (H, W, 3) uint8 sRGB, a new array.

    Raises:
        ShapeMismatch: the two sizes differ.
    """
    if rgb.shape[:2] != alpha.shape:
        raise ShapeMismatch(f"colours are {rgb.shape[:2]}, alpha is {alpha.shape}")
    clean = rgb.copy()
    rows, columns = np.nonzero((alpha > 0) & (alpha < 255))
    if rows.size:
        colours = _unmixed(rgb, alpha, rows, columns)
        clean[rows, columns] = (colours * 255 + np.float32(0.5)).astype(np.uint8)
    return clean


def _unmixed(
    rgb: RgbF32 | RgbU8, alpha: AlphaF32 | GreyU8, rows: Indices, columns: Indices
) -> RgbF32:
    """The product's own colours, (N, 3) float32 sRGB 0..1, at the pixels of the soft edge."""
    top, left = int(rows.min()), int(columns.min())
    bottom, right = int(rows.max()) + 1, int(columns.max()) + 1
    step = max(1, -(-max(bottom - top, right - left) // _GUESS_SIDE_PX))
    # Whole pixels are picked, not averaged: an average over an edge would be a mixture again.
    picked = np.s_[top:bottom:step, left:right:step]
    guess = _guess(_as_share(rgb[picked]), _as_share(alpha[picked]))
    near = _sampled(guess, rows - top, columns - left, step)
    product, background = near[:, :3], near[:, 3:]
    matte = torch.from_numpy(_as_share(alpha[rows, columns]))[:, None]
    colour = torch.from_numpy(_as_share(rgb[rows, columns]))
    unexplained = colour - matte * product - (1 - matte) * background
    leverage = matte / (matte * matte + (1 - matte) ** 2 + _GUESS_PULL)
    cleaned: RgbF32 = (product + leverage * unexplained).clamp(0, 1).numpy()
    return cleaned


def _as_share(values: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.float32]:
    if values.dtype == np.uint8:
        return values.astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(values, dtype=np.float32)


def _guess(rgb: RgbF32, alpha: AlphaF32) -> torch.Tensor:
    """(6, h, w): the product's and the background's colour everywhere, from pure pixels nearby."""
    colour = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))
    matte = torch.from_numpy(alpha)[None]
    product_say = matte**_PURITY + _FAINT * matte
    background_say = (1 - matte) ** _PURITY + _FAINT * (1 - matte)
    finest = torch.cat([colour * product_say, colour * background_say, product_say, background_say])
    return _filled(finest[None])[0]


def _filled(level: torch.Tensor) -> torch.Tensor:
    """Divide (1, 8, h, w) weighted colours by their weights, filling gaps from coarser levels."""
    colours, says = level[:, :6], level[:, 6:].repeat_interleave(3, 1)
    if min(level.shape[2:]) <= 2:
        return colours / says.clamp_min(1e-8)
    coarser = _filled(F.avg_pool2d(level, 2, ceil_mode=True))
    around = F.interpolate(coarser, size=level.shape[2:], mode="bilinear")
    return (colours + _OWN_SHARE * around) / (says + _OWN_SHARE)


def _sampled(guess: torch.Tensor, rows: Indices, columns: Indices, step: int) -> torch.Tensor:
    """Bilinear samples (N, 6) of the guess, which was made on every `step`-th pixel."""
    y = torch.from_numpy(rows).float() / (step * max(1, guess.shape[1] - 1)) * 2 - 1
    x = torch.from_numpy(columns).float() / (step * max(1, guess.shape[2] - 1)) * 2 - 1
    grid = torch.stack([x, y], 1)[None, :, None]
    samples = F.grid_sample(guess[None], grid, padding_mode="border", align_corners=True)
    return samples[0, :, :, 0].T
