"""A phone-like photo of a product that does not exist, for benchmarks and tests.

A glazed vase with a printed band on a textured table, with uneven light, a cast shadow, sensor
noise and JPEG. Its true alpha is known, no one has rights in it, and a seed makes it again.
"""

import io

import numpy as np
from PIL import Image, ImageFilter

from inference.pixels.arrays import AlphaF32, GreyU8, RgbF32, RgbU8

# Where the vase stands in the frame, as shares of its height: lip, foot and middle column.
_TOP, _FOOT = 0.17, 0.84
_GLAZE = (0.13, 0.33, 0.42)
_PRINT = (0.86, 0.80, 0.66)


def synthetic_photo(width: int, height: int, *, seed: int = 7) -> tuple[RgbU8, GreyU8]:
    """Draw the photo and its true alpha.

    Returns:
        (H, W, 3) uint8 sRGB and (H, W) uint8 alpha.
    """
    random = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    # Columns in units of the height, 0 in the middle, so that the vase never looks stretched.
    columns = np.asarray((np.arange(width)[None, :] - width / 2) / height, dtype=np.float32)
    scene = _table(rows, columns, random)
    scene *= 1 - 0.5 * _shadow(rows, columns, width, height)[..., None]
    vase, alpha = _vase(rows, columns, pixel=1.0 / height)
    scene += (vase - scene) * alpha[..., None]
    # Noise of a small sensor: about 1.5 levels in the middle tones.
    scene += random.standard_normal((height, width, 1), dtype=np.float32) * 0.006
    return _to_u8(scene), (alpha * 255 + 0.5).astype(np.uint8)


def synthetic_jpeg(width: int = 4000, height: int = 3000, *, seed: int = 7) -> bytes:
    """The photo as a phone would save it: JPEG, quality 92, no metadata."""
    rgb, _ = synthetic_photo(width, height, seed=seed)
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _table(rows: AlphaF32, columns: AlphaF32, random: np.random.Generator) -> RgbF32:
    """(H, W, 3) float32 sRGB: a pale wall over a wooden table, brighter on the left."""
    height, width = rows.shape[0], columns.shape[1]
    is_table = np.clip((rows - 0.62) / 0.03, 0, 1)
    grain = _noise(random, (width, height), cells=(10, 90)) * 0.10
    fibre = _noise(random, (width, height), cells=(60, 700)) * 0.05
    plaster = _noise(random, (width, height), cells=(160, 120)) * 0.02
    light = 0.92 - 0.22 * (columns / 1.3 + 0.5) - 0.10 * np.abs(rows - 0.5)
    wood = np.asarray((0.66, 0.50, 0.35), dtype=np.float32)
    wall = np.asarray((0.86, 0.85, 0.82), dtype=np.float32)
    table = (wood + (grain + fibre)[..., None]) * light[..., None]
    upper = (wall + plaster[..., None]) * light[..., None]
    return np.asarray(upper + (table - upper) * is_table[..., None], dtype=np.float32)


def _noise(
    random: np.random.Generator, size: tuple[int, int], *, cells: tuple[int, int]
) -> AlphaF32:
    """(H, W) float32, -1..1: smooth noise with that many cells across and down."""
    values = random.uniform(-1, 1, (cells[1], cells[0])).astype(np.float32)
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BICUBIC))


def _shadow(rows: AlphaF32, columns: AlphaF32, width: int, height: int) -> AlphaF32:
    """(H, W) float32, 0..1: a soft ellipse to the right of the foot."""
    across, down = (columns - 0.10) / 0.26, (rows - _FOOT + 0.01) / 0.045
    ellipse = Image.fromarray(((across**2 + down**2 < 1) * 255).astype(np.uint8))
    small = ellipse.resize((max(1, width // 8), max(1, height // 8)), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(height / 8 * 0.02))
    return np.asarray(np.asarray(soft.resize((width, height))) / 255, dtype=np.float32)


def _vase(rows: AlphaF32, columns: AlphaF32, *, pixel: float) -> tuple[RgbF32, AlphaF32]:
    """A turned body, lit from the upper left: (H, W, 3) float32 sRGB and (H, W) float32 alpha."""
    along = np.clip((rows - _TOP) / (_FOOT - _TOP), 0, 1)
    belly = np.exp(-(((along - 0.66) / 0.30) ** 2))
    radius = 0.075 + 0.15 * belly + 0.03 * np.clip(1 - along / 0.05, 0, 1)
    # The foot is round: seen from above it sags in the middle.
    turn = np.clip(columns / radius, -1, 1)
    facing = np.sqrt(1 - turn**2)
    low = _FOOT - 0.03 * (1 - facing)
    inside = np.minimum(radius - np.abs(columns), np.minimum(rows - _TOP, low - rows))
    alpha = np.clip(inside / pixel + 0.5, 0, 1)
    lit = np.clip(0.35 + 0.45 * facing - 0.45 * turn * facing, 0.08, None)
    gloss = np.exp(-(((turn + 0.45) / 0.06) ** 2)) * np.clip(belly - 0.2, 0, 1) * 0.7
    is_print = ((along > 0.50) & (along < 0.80) & (np.sin(turn * 26) * np.sin(along * 75) > 0.1))[
        ..., None
    ]
    paint = np.where(is_print, np.asarray(_PRINT), np.asarray(_GLAZE))
    return np.asarray(paint * lit[..., None] + gloss[..., None], dtype=np.float32), alpha


def _to_u8(scene: RgbF32) -> RgbU8:
    return (np.clip(scene, 0, 1) * 255 + 0.5).astype(np.uint8)
