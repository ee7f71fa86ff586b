"""Measure a photo's noise and take it out: thresholded, then weighted, sliding cosine transforms.

The noise is measured in the photo itself, for each frequency apart, because cameras and JPEG leave
noise that is coarser than white. Only what cannot be told from it goes.

Sources: Yu and Sapiro, "DCT image denoising: a simple and effective image denoising algorithm",
IPOL 2011 (sliding blocks, weights by sparsity); Dabov and others, "Image denoising by sparse 3-D
transform-domain collaborative filtering", IEEE TIP 2007 (a second pass weighted after Wiener by
the first one's result); Lebrun, Colom and Morel, "The Noise Clinic", IPOL 2015 (noise by frequency
from the flattest blocks).
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.pixels.colour import RgbSrgb

# Grey and two opponent colours, orthonormal: noise of equal strength stays so.
_OPPONENT = torch.tensor(
    [
        [1 / math.sqrt(3), 1 / math.sqrt(3), 1 / math.sqrt(3)],
        [1 / math.sqrt(2), 0.0, -1 / math.sqrt(2)],
        [1 / math.sqrt(6), -2 / math.sqrt(6), 1 / math.sqrt(6)],
    ]
)
_BLOCK = 8
_STEP = 3
# The share of blocks, the flattest, in which what is left is taken for noise.
_FLATTEST = 0.06
# Blocks darker or brighter than this are clipped, and show less noise than there is.
_DARKEST, _BRIGHTEST = 0.04, 0.96
# How far above the noise a coefficient must stand in the first pass; the paper's 3 leaves less
# texture in product photos (measured, see docs/enhancing.md).
_THRESHOLD = 2.7
# The strength at which the noise is taken for what was measured.
_NEUTRAL = 50.0
_BAND_ROWS = 256
_LEAST_BLOCKS = 32


@dataclass(frozen=True, slots=True)
class Noise:
    """A photo's noise.

    `spectrum` is (3, 64) float32: the standard deviation of each coefficient of an 8 × 8 cosine
    block, for grey and both opponent colours, sRGB 0..1. `level` is the grey noise in steps of 255,
    as one would see it in a flat area.
    """

    spectrum: torch.Tensor
    level: float


def measure_noise(rgb: RgbSrgb) -> Noise:
    """The noise of a photo, from its flattest blocks.

    Args:
        rgb: (3, H, W) float32, sRGB 0..1, at least 64 px a side, at the photo's own size.
    """
    planes = _opponent(rgb)
    blocks = torch.stack([_blocks(plane, step=_BLOCK) for plane in planes])  # (3, 64, L)
    brightness = blocks[0].mean(dim=0) / math.sqrt(3)
    is_lit = (brightness > _DARKEST) & (brightness < _BRIGHTEST)
    if int(is_lit.sum()) < _LEAST_BLOCKS:
        return Noise(torch.zeros(3, _BLOCK * _BLOCK), 0.0)
    basis = _basis(rgb.device)
    coefficients = torch.einsum("kp,cpl->ckl", basis, blocks[:, :, is_lit])
    # Slow gradients are light, not texture: the lowest frequencies do not count as structure.
    order = _frequency_order(rgb.device)
    structure = coefficients[0][order >= 2].square().mean(dim=0)
    count = max(_LEAST_BLOCKS, int(_FLATTEST * structure.numel()))
    flattest = structure.topk(min(count, structure.numel()), largest=False).indices
    # The median, so that a flat block with one edge in it does not count.
    spectrum = coefficients[:, :, flattest].abs().median(dim=2).values / 0.6745
    spectrum = _without_light(spectrum, order)
    level = float(spectrum[0, 1:].square().mean().sqrt()) * 255
    return Noise(spectrum, level)


def take_out_noise(rgb: RgbSrgb, noise: Noise, *, strength: float) -> RgbSrgb:
    """The photo with less noise; mean colours stay.

    Args:
        rgb: (3, H, W) float32, sRGB 0..1.
        noise: as measured in the whole photo at this size.
        strength: 0..100; 50 takes the noise for what was measured.

    Returns:
        (3, H, W) float32, sRGB 0..1; a new tensor.
    """
    if strength <= 0 or noise.level <= 0:
        return rgb.clone()
    spectrum = noise.spectrum.to(rgb.device) * (strength / _NEUTRAL)
    planes = _opponent(rgb)
    cleaned = torch.stack(
        [_cleaned(plane, spectrum[channel]) for channel, plane in enumerate(planes)]
    )
    back = torch.einsum("co,chw->ohw", _OPPONENT.to(rgb.device), cleaned)
    return back.clamp_(0.0, 1.0)


def _cleaned(plane: torch.Tensor, spectrum: torch.Tensor) -> torch.Tensor:
    """One plane (H, W), in bands of rows, so that the blocks of a large photo fit into memory."""
    height, width = plane.shape
    margin = 2 * _BLOCK
    padded = functional.pad(
        plane[None, None],
        (margin, margin + width % 2, margin, margin + height % 2),
        mode="reflect",
    )[0, 0]
    out = torch.empty_like(plane)
    for top in range(0, height, _BAND_ROWS):
        bottom = min(height, top + _BAND_ROWS)
        rows = padded[top : bottom + 2 * margin + height % 2]
        rows = rows[: rows.shape[0] // 2 * 2]
        pilot = _filtered(rows, rows, spectrum)
        done = _filtered(rows, pilot, spectrum)
        out[top:bottom] = done[margin : margin + bottom - top, margin : margin + width]
    return out


def _filtered(noisy: torch.Tensor, guide: torch.Tensor, spectrum: torch.Tensor) -> torch.Tensor:
    """One pass: thresholded where the guide is the noisy plane itself, else weighted by it."""
    basis = _basis(noisy.device)
    coefficients = basis @ _blocks(noisy, step=_STEP)
    deviation = spectrum[:, None]
    if guide is noisy:
        gain = (coefficients.abs() > _THRESHOLD * deviation).to(coefficients.dtype)
    else:
        power = (basis @ _blocks(guide, step=_STEP)).square()
        gain = power / (power + deviation.square() + 1e-12)
    gain[0] = 1.0  # the block's mean
    # A block that needs few coefficients shows less of what is left of the noise.
    weight = 1.0 / gain.square().sum(dim=0, keepdim=True)
    blocks = basis.T @ (coefficients * gain) * weight
    size = (noisy.shape[0], noisy.shape[1])
    total = _folded(blocks, size)
    weights = _folded(weight.expand_as(blocks), size)
    return torch.where(weights > 0, total / weights.clamp(min=1e-12), noisy)


def _blocks(plane: torch.Tensor, *, step: int) -> torch.Tensor:
    """(64, L): every `step`-th 8 × 8 block of a plane."""
    return functional.unfold(plane[None, None], _BLOCK, stride=step)[0]


def _folded(blocks: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    return functional.fold(blocks[None], size, _BLOCK, stride=_STEP)[0, 0]


def _opponent(rgb: torch.Tensor) -> torch.Tensor:
    return torch.einsum("oc,chw->ohw", _OPPONENT.to(rgb.device), rgb)


def _basis(device: torch.device) -> torch.Tensor:
    """(64, 64): the orthonormal two-dimensional cosine transform of a block, as one matrix."""
    steps = torch.arange(_BLOCK, dtype=torch.float32, device=device)
    rows = torch.cos(math.pi * (2 * steps[None] + 1) * steps[:, None] / (2 * _BLOCK))
    rows *= math.sqrt(2 / _BLOCK)
    rows[0] /= math.sqrt(2)
    return torch.kron(rows, rows)


def _frequency_order(device: torch.device) -> torch.Tensor:
    """(64,): the row's and the column's frequency of each coefficient, added."""
    steps = torch.arange(_BLOCK, device=device)
    return (steps[:, None] + steps[None]).flatten()


def _without_light(spectrum: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """The lowest frequencies hold the scene's light: they get the next ones' noise."""
    cleaned = spectrum.clone()
    next_ones = spectrum[:, (order == 2) | (order == 3)].median(dim=1).values
    low = order < 2
    cleaned[:, low] = torch.minimum(cleaned[:, low], next_ones[:, None])
    return cleaned
