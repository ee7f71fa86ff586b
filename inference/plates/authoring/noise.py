"""Seeded, tileable noise: the raw stuff of every texture."""

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

# Textures are always made at this size, so that a small bake shows the same veins as a large one.
TEXTURE_SIDE_PX = 2048


def noise(
    seed: int,
    *,
    falloff: float = 2.0,
    stretch_x: float = 1.0,
    stretch_y: float = 1.0,
    lowest: float = 0.0,
    highest: float = np.inf,
    shape: tuple[int, int] = (TEXTURE_SIDE_PX, TEXTURE_SIDE_PX),
) -> Field:
    """Gaussian noise with a power-law spectrum, made in the frequency domain.

    Args:
        seed: of the generator.
        falloff: exponent of the power spectrum; 0 is white, 2 and up is cloudy.
        stretch_x: above 1 features are shorter across; below 1 longer.
        stretch_y: the same down the picture.
        lowest: frequencies below are left out, in cycles per tile.
        highest: frequencies above are left out.
        shape: rows and columns.

    Returns:
        `shape` float32, mean 0, standard deviation 1, tileable.
    """
    rows, columns = shape
    generator = np.random.default_rng(seed)
    down = np.fft.fftfreq(rows)[:, None] * rows / stretch_y
    across = np.fft.rfftfreq(columns)[None] * columns / stretch_x
    frequency = np.hypot(down, across)
    frequency[0, 0] = 1.0
    amplitude = frequency ** (-falloff / 2)
    amplitude[(frequency < lowest) | (frequency > highest)] = 0
    amplitude[0, 0] = 0
    white = generator.standard_normal(shape, dtype=np.float32)
    field = np.fft.irfft2(np.fft.rfft2(white) * amplitude, s=shape)
    even: Field = ((field - field.mean()) / (field.std() + 1e-9)).astype(np.float32)
    return even


def grid(side_px: int = TEXTURE_SIDE_PX) -> tuple[Field, Field]:
    """Row and column coordinates of a tile, 0..1."""
    rows, columns = np.mgrid[0:side_px, 0:side_px].astype(np.float32)
    return rows / side_px, columns / side_px


def sampled(field: Field, rows: Field, columns: Field) -> Field:
    """`field` read at fractional tile coordinates, wrapping, bilinear."""
    height, width = field.shape
    y, x = rows * height, columns * width
    y0, x0 = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    fy, fx = (y - y0).astype(np.float32), (x - x0).astype(np.float32)
    y0, x0 = y0 % height, x0 % width
    y1, x1 = (y0 + 1) % height, (x0 + 1) % width
    top = field[y0, x0] * (1 - fx) + field[y0, x1] * fx
    bottom = field[y1, x0] * (1 - fx) + field[y1, x1] * fx
    blended: Field = top * (1 - fy) + bottom * fy
    return blended


def smooth(field: Field, cycles: float) -> Field:
    """A gaussian blur that keeps details longer than 1/`cycles` of the tile, wrapping."""
    rows, columns = field.shape
    down = np.fft.fftfreq(rows)[:, None] * rows
    across = np.fft.rfftfreq(columns)[None] * columns
    transfer = np.exp(-(down**2 + across**2) / (2 * cycles**2))
    return np.fft.irfft2(np.fft.rfft2(field) * transfer, s=field.shape).astype(np.float32)


def smooth_along(field: Field, length_px: float) -> Field:
    """A gaussian blur along rows only, wrapping, renormalised to standard deviation 1."""
    across = np.fft.rfftfreq(field.shape[1])
    transfer = np.exp(-2 * (np.pi * across * length_px) ** 2)
    blurred = np.fft.irfft(np.fft.rfft(field, axis=1) * transfer, n=field.shape[1], axis=1)
    even: Field = (blurred / (blurred.std() + 1e-9)).astype(np.float32)
    return even


def linear(red: float, green: float, blue: float) -> NDArray[np.float32]:
    """An sRGB colour, 0..255 a channel, in linear light 0..1."""
    encoded = np.array([red, green, blue], np.float32) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(
        np.float32
    )


def ramp(field: Field, stops: list[tuple[float, tuple[int, int, int]]]) -> NDArray[np.float32]:
    """Colours along a field: (H, W, 3) linear; `stops` are (position, sRGB 0..255)."""
    places = [place for place, _ in stops]
    colours = np.stack([linear(*colour) for _, colour in stops])
    planes = [np.interp(field, places, colours[:, channel]) for channel in range(3)]
    return np.stack(planes, axis=-1).astype(np.float32)
