"""Resampling and blurring of planar tensors, the same on every device.

A resample is two banded matrix products (rows, then columns), done in blocks of output lines so
that the band stays small; on two CPU cores that beats a gather per tap.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch.nn import functional

# Output lines per matrix product. 48 keeps the band narrow while BLAS still has work to do; a GPU
# multiplies zeros faster than it starts products.
_BLOCK, _GPU_BLOCK = 48, 512


class Kernel(StrEnum):
    """How neighbours are weighted.

    `LANCZOS` has two lobes: with three, a cut-out's alpha would ring *outside* its edge (a second,
    positive lobe) and leave a faint contour on pure white. `SPLINE` is the cubic B-spline: it never
    overshoots and shows no lattice when a coarse light field is enlarged.
    """

    LANCZOS = "lanczos"
    SPLINE = "spline"


@dataclass(frozen=True, slots=True)
class Axis:
    """How one output axis reads its input: `source = (target + 0.5 - offset) / scale - 0.5`.

    `offset` is where the input's leading edge lies, in output pixels; `length` counts output
    pixels. Outside the input there is nothing (zero).
    """

    length: int
    scale: float
    offset: float

    @property
    def is_copy(self) -> bool:
        """True when every output pixel is one whole input pixel."""
        return self.scale == 1.0 and float(self.offset).is_integer()


def resample(
    planes: torch.Tensor, *, rows: Axis, columns: Axis, kernel: Kernel = Kernel.LANCZOS
) -> torch.Tensor:
    """Lay `planes` onto a new canvas at a scale and a place; a plain copy at 1:1.

    Args:
        planes: (C, H, W) float32; premultiplied if it carries alpha.
        rows: the vertical axis of the output.
        columns: the horizontal axis of the output.
        kernel: the interpolation kernel, widened when minifying.

    Returns:
        (C, rows.length, columns.length) float32. `LANCZOS` may leave the input's range a little.
    """
    if rows.is_copy and columns.is_copy:
        return _copy(planes, rows, columns)
    channels, height, width = planes.shape
    row_range = _covered(rows, height)
    column_range = _covered(columns, width)
    canvas = planes.new_zeros((channels, rows.length, columns.length))
    if not row_range or not column_range:
        return canvas
    bands = planes.new_zeros((channels, len(row_range), width))
    block = _BLOCK if planes.device.type == "cpu" else _GPU_BLOCK
    for start, stop, first, last in _blocks(rows, row_range, height, block):
        weights = _weights(rows, range(start, stop), range(first, last), kernel, planes.device)
        start, stop = start - row_range.start, stop - row_range.start
        for channel in range(channels):
            torch.mm(weights, planes[channel, first:last], out=bands[channel, start:stop])
    # Columns: all channels and rows side by side are one tall matrix.
    tall = bands.view(channels * len(row_range), width)
    laid = planes.new_zeros((channels * len(row_range), len(column_range)))
    for start, stop, first, last in _blocks(columns, column_range, width, block):
        weights = _weights(columns, range(start, stop), range(first, last), kernel, planes.device)
        start, stop = start - column_range.start, stop - column_range.start
        laid[:, start:stop] = tall[:, first:last] @ weights.T
    canvas[:, row_range.start : row_range.stop, column_range.start : column_range.stop] = laid.view(
        channels, len(row_range), len(column_range)
    )
    return canvas


def _copy(planes: torch.Tensor, rows: Axis, columns: Axis) -> torch.Tensor:
    channels, height, width = planes.shape
    canvas = planes.new_zeros((channels, rows.length, columns.length))
    top, left = int(rows.offset), int(columns.offset)
    first_row, last_row = max(0, top), min(rows.length, top + height)
    first_column, last_column = max(0, left), min(columns.length, left + width)
    if first_row < last_row and first_column < last_column:
        canvas[:, first_row:last_row, first_column:last_column] = planes[
            :, first_row - top : last_row - top, first_column - left : last_column - left
        ]
    return canvas


def _reach(axis: Axis) -> float:
    """How far, in input pixels, an output pixel looks."""
    return 2.0 * max(1.0, 1.0 / axis.scale)


def _covered(axis: Axis, length: int) -> range:
    """The output pixels that an input of `length` can touch."""
    reach = _reach(axis) * axis.scale
    start = max(0, math.floor(axis.offset - reach))
    return range(start, min(axis.length, math.ceil(axis.offset + length * axis.scale + reach)))


def _blocks(
    axis: Axis, targets: range, length: int, block: int
) -> Iterator[tuple[int, int, int, int]]:
    """Blocks of outputs with the inputs that they read: (start, stop, first, last)."""
    reach = _reach(axis)
    for start in range(targets.start, targets.stop, block):
        stop = min(start + block, targets.stop)
        low = (start + 0.5 - axis.offset) / axis.scale - 0.5 - reach
        high = (stop - 0.5 - axis.offset) / axis.scale - 0.5 + reach
        first, last = max(0, math.floor(low)), min(length, math.ceil(high) + 1)
        if first < last:
            yield start, stop, first, last


def _weights(
    axis: Axis, targets: range, sources: range, kernel: Kernel, device: torch.device
) -> torch.Tensor:
    """(targets, sources) float32 weights; a target well inside the input has weights of sum 1."""
    stretch = max(1.0, 1.0 / axis.scale)
    target = torch.arange(targets.start, targets.stop, dtype=torch.float64, device=device)
    centre = (target + 0.5 - axis.offset) / axis.scale - 0.5
    source = torch.arange(sources.start, sources.stop, dtype=torch.float64, device=device)
    distance = (source[None, :] - centre[:, None]) / stretch
    weights = _kernel_values(distance, kernel)
    # Normalised by the whole kernel, taps outside the input included: those count as nothing, so
    # an edge fades out instead of being stretched.
    reach = math.ceil(2 * stretch)
    taps = torch.arange(-reach - 1, reach + 2, device=device)
    whole = (taps[None, :] + centre.floor()[:, None] - centre[:, None]) / stretch
    total = _kernel_values(whole.to(torch.float64), kernel).sum(dim=1, keepdim=True)
    return (weights / total).to(torch.float32)


def _kernel_values(distance: torch.Tensor, kernel: Kernel) -> torch.Tensor:
    if kernel is Kernel.LANCZOS:
        lobes = torch.sinc(distance) * torch.sinc(distance / 2)
        return torch.where(distance.abs() < 2, lobes, torch.zeros_like(distance))
    near = distance.abs()
    inner = 2 / 3 - near**2 + near**3 / 2
    outer = (2 - near).clamp(min=0) ** 3 / 6
    return torch.where(near < 1, inner, outer)


def blur(planes: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian blur of (C, H, W) by `sigma` pixels, edges repeated; a new tensor.

    A wide blur is made on a smaller grid, which no eye can tell from the full one.
    """
    if sigma < 0.25:
        return planes.clone()
    height, width = planes.shape[-2:]
    step = int(sigma / 2.5)
    if step >= 2 and min(height, width) >= 4 * step:
        small = functional.interpolate(
            planes[None], size=(math.ceil(height / step), math.ceil(width / step)), mode="area"
        )[0]
        wide = _blur_direct(small, sigma * small.shape[-1] / width)
        return functional.interpolate(
            wide[None], size=(height, width), mode="bicubic", align_corners=False
        )[0]
    return _blur_direct(planes, sigma)


def _blur_direct(planes: torch.Tensor, sigma: float) -> torch.Tensor:
    # Shifted sums: for one-plane kernels torch's CPU convolution is 20 times slower.
    radius = max(1, math.ceil(3 * sigma))
    weights = [math.exp(-0.5 * (tap / sigma) ** 2) for tap in range(-radius, radius + 1)]
    total = sum(weights)
    weights = [weight / total for weight in weights]
    for axis in (-1, -2):
        pads = (radius, radius, 0, 0) if axis == -1 else (0, 0, radius, radius)
        padded = functional.pad(planes[None], pads, mode="replicate")[0]
        length = planes.shape[axis]
        blurred = padded.narrow(axis, 0, length) * weights[0]
        for shift, weight in enumerate(weights[1:], start=1):
            blurred.add_(padded.narrow(axis, shift, length), alpha=weight)
        planes = blurred
    return planes
