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
from inference.pixels.arrays import AlphaF32, RgbF32

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
    if rows.size == 0:
        return clean
    top, left = int(rows.min()), int(columns.min())
    window = np.s_[top : rows.max() + 1, left : columns.max() + 1]
    guess = _guess(rgb[window], alpha[window])
    size = (int(rows.max()) + 1 - top, int(columns.max()) + 1 - left)
    near = _sampled(guess, rows - top, columns - left, size)
    product, background = near[:, :3], near[:, 3:]
    matte = torch.from_numpy(alpha[rows, columns])[:, None]
    unexplained = torch.from_numpy(rgb[rows, columns]) - matte * product - (1 - matte) * background
    leverage = matte / (matte * matte + (1 - matte) ** 2 + _GUESS_PULL)
    clean[rows, columns] = (product + leverage * unexplained).clamp(0, 1).numpy()
    return clean


def _guess(rgb: RgbF32, alpha: AlphaF32) -> torch.Tensor:
    """(6, h, w): the product's and the background's colour everywhere, from pure pixels nearby."""
    step = max(1, -(-max(alpha.shape) // _GUESS_SIDE_PX))
    # Whole pixels are picked, not averaged: an average over an edge would be a mixture again.
    colour = torch.from_numpy(np.ascontiguousarray(rgb[::step, ::step].transpose(2, 0, 1)))
    matte = torch.from_numpy(np.ascontiguousarray(alpha[::step, ::step]))[None]
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


def _sampled(
    guess: torch.Tensor,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    size: tuple[int, int],
) -> torch.Tensor:
    """Bilinear samples (N, 6) of the guess at pixels of the window of that size."""
    step_y, step_x = -(-size[0] // guess.shape[1]), -(-size[1] // guess.shape[2])
    y = torch.from_numpy(rows).float() / (step_y * max(1, guess.shape[1] - 1)) * 2 - 1
    x = torch.from_numpy(columns).float() / (step_x * max(1, guess.shape[2] - 1)) * 2 - 1
    grid = torch.stack([x, y], 1)[None, :, None]
    samples = F.grid_sample(guess[None], grid, padding_mode="border", align_corners=True)
    return samples[0, :, :, 0].T
