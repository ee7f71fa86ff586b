"""What cameras, shops and file formats do to a picture, on whole batches on the GPU."""

import math

import torch
from torch.nn import functional

# Luminance quantisation of JPEG, ITU-T T.81 annex K.1; colour planes take twice these.
_QUANTA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_TO_YCC = ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813))


def drawn_between(count: int, low: float, high: float, like: torch.Tensor) -> torch.Tensor:
    """(count, 1, 1, 1) even chances between two bounds."""
    return torch.rand(count, 1, 1, 1, device=like.device) * (high - low) + low


def some(count: int, share: float, like: torch.Tensor) -> torch.Tensor:
    """(count, 1, 1, 1) bool, true for about `share` of them."""
    return torch.rand(count, 1, 1, 1, device=like.device) < share


def blurred(x: torch.Tensor, sigma_px: float) -> torch.Tensor:
    """Gaussian blur; wide ones run on a smaller picture."""
    factor = max(1, int(sigma_px / 2))
    height, width = x.shape[-2:]
    if factor > 1:
        x = functional.interpolate(x, size=(height // factor, width // factor), mode="area")
    sigma = sigma_px / factor
    reach = int(3 * sigma + 1)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=x.device) / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, 1, -1)
    x = functional.pad(x, (reach, reach, reach, reach), mode="replicate")
    x = functional.conv2d(x, kernel, groups=x.shape[1])
    x = functional.conv2d(x, kernel.transpose(2, 3), groups=x.shape[1])
    if factor > 1:
        x = functional.interpolate(x, size=(height, width), mode="bilinear")
    return x


def photographed(x: torch.Tensor) -> torch.Tensor:
    """Exposure, white balance, saturation, softness, noise and JPEG; (N, 3, H, W) sRGB 0..1."""
    count = len(x)
    gamma = torch.exp(torch.randn(count, 1, 1, 1, device=x.device) * 0.22)
    balance = torch.exp(torch.randn(count, 3, 1, 1, device=x.device) * 0.05)
    gain = torch.exp(torch.randn(count, 1, 1, 1, device=x.device) * 0.13)
    x = (x.clamp(1e-4, 1) ** gamma * balance * gain).clamp(0, 1)
    grey = x.mean(1, keepdim=True)
    pale = torch.where(some(count, 0.3, x), drawn_between(count, -0.3, 0.6, x), 0.0)
    x = torch.lerp(x, grey.expand_as(x), pale).clamp(0, 1)
    soft = blurred(x, 0.4 + 1.4 * float(torch.rand(1)))
    x = torch.where(some(count, 0.3, x), soft, x)
    less = 0.35 + 0.5 * float(torch.rand(1))
    small = functional.interpolate(x, scale_factor=less, mode="bilinear", antialias=True)
    again = functional.interpolate(small, size=x.shape[-2:], mode="bilinear")
    x = torch.where(some(count, 0.25, x), again, x)
    x = x + torch.randn_like(x) * drawn_between(count, 0, 0.03, x) * some(count, 0.6, x)
    x = x.clamp(0, 1)
    return torch.where(some(count, 0.5, x), compressed(x), x)


def compressed(x: torch.Tensor) -> torch.Tensor:
    """JPEG's loss at a random quality each: 8 × 8 cosine blocks, coarsely rounded."""
    count, _, height, width = x.shape
    scale = torch.exp(drawn_between(count, math.log(0.15), math.log(1.8), x))[..., None, None]
    matrix = x.new_tensor(_TO_YCC)
    planes = torch.einsum("ij,njhw->nihw", matrix, x) * 255
    basis = _cosines(x)
    blocks = planes.view(count, 3, height // 8, 8, width // 8, 8).transpose(3, 4)
    waves = basis @ blocks @ basis.T
    quanta = x.new_tensor(_QUANTA) * x.new_tensor([1.0, 2.0, 2.0]).view(1, 3, 1, 1, 1, 1)
    quanta = (quanta * scale).clamp(min=1)
    blocks = basis.T @ ((waves / quanta).round() * quanta) @ basis
    planes = blocks.transpose(3, 4).reshape(count, 3, height, width) / 255
    return torch.einsum("ij,njhw->nihw", torch.linalg.inv(matrix), planes).clamp(0, 1)


def _cosines(like: torch.Tensor) -> torch.Tensor:
    n = torch.arange(8, device=like.device, dtype=like.dtype)
    basis = torch.cos((2 * n[None] + 1) * n[:, None] * math.pi / 16) / 2
    basis[0] /= math.sqrt(2)
    return basis
