"""Turn linear light into 8-bit sRGB without banding and without touching the product."""

from functools import lru_cache

import numpy as np
import torch

from inference.pixels.arrays import RgbU8
from inference.pixels.colour import Plane, RgbLinear, linear_to_srgb
from inference.sessions.transfer import to_host

_TILE = 256
_BAND_ROWS = 64  # divides the tile


def finish_picture(picture: RgbLinear, dither: Plane, *, seed: int) -> RgbU8:
    """Encode as sRGB and round to bytes, with noise of under one level where a gradient needs it.

    Args:
        picture: (3, H, W) float32, linear light, 0..1.
        dither: (H, W) float32, 0 where bytes are plainly rounded (the product, flat areas), 1
            where the backdrop is a gradient.
        seed: of the noise; the same seed gives the same bytes.

    Returns:
        (H, W, 3) uint8, sRGB.
    """
    _, height, width = picture.shape
    noise = dither_noise(seed).to(picture.device).repeat(1, -(-width // _TILE))[:, :width]
    levels = picture.new_empty((height, width, 3), dtype=torch.uint8)
    # A CPU's cache holds a band of rows from the first step to the last; a GPU takes all at once.
    band = _BAND_ROWS if picture.device.type == "cpu" else -(-height // _TILE) * _TILE
    for top in range(0, height, band):
        rows = slice(top, min(top + band, height))
        encoded = linear_to_srgb(picture[:, rows]).mul_(255.0)
        at = top % _TILE
        speckle = noise.repeat(-(-band // _TILE), 1)[at : at + encoded.shape[1]]
        # The same noise in all channels: it breaks bands as well, and lossless files stay smaller.
        encoded += (speckle * dither[rows] + 0.5)[None]
        levels[rows] = encoded.floor_().clamp_(0, 255).to(torch.uint8).permute(1, 2, 0)
    return to_host(levels)


@lru_cache(maxsize=16)
def dither_noise(seed: int) -> torch.Tensor:
    """(256, 256) float32 noise within ±0.5, evenly spread, with little low frequency; shared.

    Slow noise looks like dirt on a smooth wall; so white noise loses its low frequencies and is
    then ranked back to an even spread.
    """
    white = np.random.default_rng(seed).random((_TILE, _TILE))
    frequency = np.fft.fftfreq(_TILE)
    radius = np.hypot(frequency[:, None], frequency[None, :])
    high_pass = 1 - np.exp(-((radius / 0.18) ** 2))
    sharp = np.fft.ifft2(np.fft.fft2(white) * high_pass).real
    ranks = np.argsort(np.argsort(sharp, axis=None))
    even = (ranks + 0.5) / ranks.size - 0.5
    return torch.from_numpy(even.reshape(_TILE, _TILE).astype(np.float32))


def gradient_mask(backdrop_is_flat: bool, touched: Plane, alpha: Plane) -> Plane:
    """(H, W) where `finish_picture` may dither.

    Args:
        backdrop_is_flat: the untouched backdrop is one colour and must stay exactly that.
        touched: (H, W) bool, where a shadow or a mirror image changed the backdrop.
        alpha: (H, W) coverage of the product.

    The product and its edge pixels are never dithered.
    """
    bare = alpha <= 0
    return (bare & touched if backdrop_is_flat else bare).to(torch.float32)
