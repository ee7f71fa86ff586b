"""Take the old background's colour out of the product's soft edge.

A pixel of the edge is a mixture, alpha · product + (1 - alpha) · background. Both colours are
solved for from coarse to fine: at each level they must mix to what the photo shows and be near
their neighbours', the more so across a step of alpha. At the photo's own size they are corrected
once more, so that the product keeps its texture.

It works on sRGB values, because the matte is fitted to those: the same space undoes the mixture.

Source: Germer, Uelwer, Conrad and Harmeling, "Fast multi-level foreground estimation", ICPR 2020
(the levels; solved here for all pixels at once), and Forte, "Approximate fast foreground colour
estimation", ICIP 2021 (the correction).
"""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name
from numpy.typing import NDArray

from inference.errors import ShapeMismatch
from inference.pixels.arrays import AlphaF32, GreyU8, RgbF32, RgbU8

Indices = NDArray[np.intp]

_OPAQUE = 0.999
_LEAST_TIE, _STEP_TIE = 1e-5, 1.0  # how neighbours' colours are tied: always, and per step of alpha
_SMALL_LEVEL_PX, _SMALL_ROUNDS, _ROUNDS = 32, 10, 2  # rounds per level; small ones cost nothing
_GUESS_PULL = 0.1  # how strongly the correction is drawn back to the guess: noise stays small
# Guesses are smooth: larger pictures are guessed on every n-th pixel. half as many cost a quarter
# and gave 3 % more error on fibres of known colour.
_GUESS_SIDE_PX = 512


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
    """(6, h, w): the product's and the background's colour everywhere."""
    seen = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))[None]
    levels = [torch.cat([seen, torch.from_numpy(alpha)[None, None]], 1)]
    while min(levels[-1].shape[2:]) > 2:
        levels.append(F.avg_pool2d(levels[-1], 2, ceil_mode=True))
    product, background = _means(levels[-1])
    for level in reversed(levels):
        size = level.shape[2:]
        product = F.interpolate(product, size=size, mode="bilinear")
        background = F.interpolate(background, size=size, mode="bilinear")
        rounds = _SMALL_ROUNDS if max(size) <= _SMALL_LEVEL_PX else _ROUNDS
        product, background = _solved(level, product, background, rounds)
    return torch.cat([product, background], 1)[0]


def _means(level: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean colours (1, 3, 1, 1) of what a (1, 4, h, w) level holds of either."""
    seen, matte = level[:, :3], level[:, 3:]

    def mean(share: torch.Tensor) -> torch.Tensor:
        total = (seen * share).sum((2, 3), keepdim=True)
        return total / share.sum((2, 3), keepdim=True).clamp_min(1e-6)

    return mean(matte), mean(1 - matte)


def _solved(
    level: torch.Tensor, product: torch.Tensor, background: torch.Tensor, rounds: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Both colours (1, 3, h, w) after some Jacobi rounds on the level's pairs of equations."""
    seen, matte = level[:, :3], level[:, 3:]
    rest = 1 - matte
    ties = [_LEAST_TIE + _STEP_TIE * (matte - near).abs() for near in _neighbours(matte)]
    tie = torch.stack(ties).sum(0)
    first, both, second = matte * matte + tie, matte * rest, rest * rest + tie
    determinant = first * second - both * both
    for _ in range(rounds):
        asks, other = matte * seen, rest * seen
        pairs = zip(ties, _neighbours(product), _neighbours(background), strict=True)
        for weight, near_product, near_background in pairs:
            asks = torch.addcmul(asks, weight, near_product)
            other = torch.addcmul(other, weight, near_background)
        product = ((second * asks - both * other) / determinant).clamp(0, 1)
        background = ((first * other - both * asks) / determinant).clamp(0, 1)
    return product, background


def _neighbours(planes: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What lies above, below, left and right of each pixel of (1, C, h, w)."""
    padded = F.pad(planes, (1, 1, 1, 1), mode="replicate")
    above, below = padded[:, :, :-2, 1:-1], padded[:, :, 2:, 1:-1]
    return above, below, padded[:, :, 1:-1, :-2], padded[:, :, 1:-1, 2:]


def _sampled(guess: torch.Tensor, rows: Indices, columns: Indices, step: int) -> torch.Tensor:
    """Bilinear samples (N, 6) of the guess, which was made on every `step`-th pixel."""
    y = torch.from_numpy(rows).float() / (step * max(1, guess.shape[1] - 1)) * 2 - 1
    x = torch.from_numpy(columns).float() / (step * max(1, guess.shape[2] - 1)) * 2 - 1
    grid = torch.stack([x, y], 1)[None, :, None]
    samples = F.grid_sample(guess[None], grid, padding_mode="border", align_corners=True)
    return samples[0, :, :, 0].T
