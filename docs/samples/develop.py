"""Turn traced light into a phone's JPEG: exposure, tone curve, vignette, sensor grain."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy import ndimage
from surfaces import Image

MIDDLE_GREY = 0.20
LARGEST_BYTES = 300_000


def develop(light: Image, exposure: float, warmth: float, seed: int) -> NDArray[np.uint8]:
    """Expose, bend and grain a picture.

    Args:
        light: (H, W, 3) float32, linear RGB, unbounded above.
        exposure: stops on top of the metered exposure.
        warmth: -1..1, blue to amber.
        seed: fixes the grain.

    Returns:
        (H, W, 3) uint8, sRGB.
    """
    height, width = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    centre = np.exp(-1.5 * (x**2 + y**2))[..., None]
    level = (np.log(light.mean(-1, keepdims=True) + 1e-4) * centre).sum() / centre.sum()
    scene = light * (MIDDLE_GREY * 2.0**exposure / np.exp(level))
    scene = scene * np.array([1 + 0.10 * warmth, 1.0, 1 - 0.12 * warmth])
    scene = scene * (1 - 0.10 * (x**2 + y**2))[..., None]
    encoded = _tone(scene)
    encoded = encoded + 0.35 * (encoded - ndimage.gaussian_filter(encoded, (1.0, 1.0, 0)))
    rng = np.random.default_rng(seed)
    grain = ndimage.gaussian_filter(rng.standard_normal((height, width, 1)), (0.6, 0.6, 0))
    tint = ndimage.gaussian_filter(rng.standard_normal((height, width, 3)), (1.6, 1.6, 0))
    depth = 0.010 * np.sqrt(np.clip(1.15 - encoded.mean(-1, keepdims=True), 0.1, 1))
    encoded = encoded + depth * (grain / grain.std() * 0.8 + tint / tint.std() * 0.35)
    return (np.clip(encoded, 0, 1) * 255 + 0.5).astype(np.uint8)


def _tone(scene: Image) -> Image:
    """Bend linear light into sRGB: straight below the knee, a soft shoulder, mild contrast."""
    knee = 0.55
    scene = np.maximum(scene, 0)
    bent = np.where(
        scene < knee, scene, knee + (1 - knee) * (1 - np.exp(-(scene - knee) / (1 - knee) * 0.8))
    )
    encoded = np.where(
        bent < 0.0031308, 12.92 * bent, 1.055 * np.maximum(bent, 1e-6) ** (1 / 2.4) - 0.055
    )
    return encoded + 0.06 * np.sin(2 * np.pi * (encoded - 0.5)) * encoded


def write_jpeg(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write a bare sRGB JPEG at quality 88, less where that would pass `LARGEST_BYTES`."""
    for quality in range(88, 70, -2):
        Pillow.fromarray(pixels).save(path, quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= LARGEST_BYTES:
            return
    raise ValueError(f"{path.name} does not fit into {LARGEST_BYTES} bytes")
