"""Measure how soft a photo's edges are, and sharpen by undoing a Gaussian of that width.

Sources: Zhuo and Sim, "Defocus map estimation from a single image", Pattern Recognition 2011 (the
ratio of an edge's gradient to the one after another known blur tells its width); Wiener,
"Extrapolation, interpolation and smoothing of stationary time series", 1949 (the inverse filter
that does not raise what is lost in noise).
"""

import math

import torch
from torch.nn import functional

from inference.pixels.colour import RgbSrgb

# Edges softer than this are worth sharpening; sharper ones are as the camera sees.
SOFT_FROM_PX = 0.9
# A wider blur has taken details that no filter brings back.
LOST_FROM_PX = 2.8
_REBLUR_PX = 1.0
# The share of pixels, those of the steepest gradients, that count as edges.
_EDGE_SHARE = 0.01
_LEAST_GRADIENT = 0.03
_LEAST_EDGES = 200
_LUMA = (0.2126, 0.7152, 0.0722)
# How far sharpening may go past what surrounds a pixel: further is a halo.
_OVERSHOOT = 0.02
# The least noise that the filter reckons with, in 0..1: 8-bit steps and JPEG.
_LEAST_NOISE = 1.5 / 255
# Usual spectra of photos fall with the frequency; this is their strength at one cycle a pixel.
_DETAIL = 0.03
# The measure takes what lenses and sensors soften for blur too; so much of it is undone.
_UNDONE = 0.7
_MARGIN_PX = 32


def measure_blur(rgb: RgbSrgb) -> float | None:
    """How wide the steepest edges are: the deviation in pixels of a Gaussian that made them so.

    Args:
        rgb: (3, H, W) float32, sRGB 0..1, at the photo's own size.

    Returns:
        Pixels, or None for a photo that shows no edge clear enough to tell.
    """
    luma = luma_of(rgb)
    gradient = _gradient(luma)
    softened = _gradient(blurred(luma, _REBLUR_PX))
    count = int(_EDGE_SHARE * gradient.numel())
    if count < 1:
        return None
    steepest = gradient.flatten().topk(count)
    is_edge = steepest.values > _LEAST_GRADIENT
    if int(is_edge.sum()) < min(_LEAST_EDGES, count):
        return None
    ratio = steepest.values[is_edge] / softened.flatten()[steepest.indices[is_edge]].clamp(min=1e-6)
    # Of an ideal edge of deviation s, re-blurred by b: ratio² = (s² + b²) / s².
    middle = float(ratio.median())
    if middle <= 1.0:
        return LOST_FROM_PX * 2
    return _REBLUR_PX / math.sqrt(middle * middle - 1.0)


def sharpen(rgb: RgbSrgb, *, blur_px: float, noise_level: float, strength: float) -> RgbSrgb:
    """Undo a Gaussian blur in brightness, without halos; colours keep their ratio.

    Args:
        rgb: (3, H, W) float32, sRGB 0..1.
        blur_px: the Gaussian's deviation.
        noise_level: the photo's noise in steps of 255: the filter raises nothing below it.
        strength: 0..100, how far to go.

    Returns:
        (3, H, W) float32, sRGB 0..1; a new tensor.
    """
    luma = luma_of(rgb)
    height, width = luma.shape
    margin = min(_MARGIN_PX, height - 1, width - 1)
    padded = functional.pad(luma[None, None], (margin,) * 4, mode="reflect")[0, 0]
    restored = _wiener(padded, _UNDONE * blur_px, max(_LEAST_NOISE, noise_level / 255))
    restored = restored[margin : margin + height, margin : margin + width]
    near = round(max(1.0, blur_px)) * 2 + 1
    high = functional.max_pool2d(luma[None, None], near, 1, near // 2)[0, 0] + _OVERSHOOT
    low = -functional.max_pool2d(-luma[None, None], near, 1, near // 2)[0, 0] - _OVERSHOOT
    restored = torch.minimum(torch.maximum(restored, low), high)
    change = (restored - luma) * (strength / 100)
    # The same step on all three: hue stays, and greys stay grey.
    return (rgb + change).clamp_(0.0, 1.0)


def luma_of(rgb: RgbSrgb) -> torch.Tensor:
    """(H, W): brightness as sRGB shows it, 0..1."""
    red, green, blue = rgb
    luma: torch.Tensor = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
    return luma


def blurred(plane: torch.Tensor, deviation_px: float) -> torch.Tensor:
    """(H, W) blurred by a Gaussian, the edges continued."""
    reach = max(1, math.ceil(3 * deviation_px))
    steps = torch.arange(-reach, reach + 1, dtype=torch.float32, device=plane.device)
    kernel = torch.exp(-0.5 * (steps / deviation_px).square())
    kernel /= kernel.sum()
    padded = functional.pad(plane[None, None], (reach,) * 4, mode="replicate")
    rows = functional.conv2d(padded, kernel[None, None, None])
    soft: torch.Tensor = functional.conv2d(rows, kernel[None, None, :, None])[0, 0]
    return soft


def _gradient(plane: torch.Tensor) -> torch.Tensor:
    """(H - 2, W - 2): the length of the gradient, by central differences."""
    across = (plane[1:-1, 2:] - plane[1:-1, :-2]) / 2
    down = (plane[2:, 1:-1] - plane[:-2, 1:-1]) / 2
    return torch.hypot(across, down)


def _wiener(plane: torch.Tensor, blur_px: float, noise: float) -> torch.Tensor:
    height, width = plane.shape
    down = torch.fft.fftfreq(height, device=plane.device)[:, None]
    across = torch.fft.rfftfreq(width, device=plane.device)[None]
    squared = down.square() + across.square()
    lens = torch.exp(-2 * math.pi**2 * blur_px**2 * squared)
    # Power of the noise over the power that photos usually have at this frequency.
    ratio = noise**2 * squared / _DETAIL**2
    gain = lens / (lens.square() + ratio)
    # The mean stays, and nothing is made softer than it was.
    gain = torch.maximum(gain, torch.ones_like(gain))
    restored: torch.Tensor = torch.fft.irfft2(torch.fft.rfft2(plane) * gain, s=(height, width))
    return restored
