"""Where product and background differ in colour, the line between them tells each pixel's mixture.

The surely pure colours on both sides are carried into the band between (a pyramid filled from
coarse to fine), with their spread. A pixel's alpha is where it lies on the line from the one colour
to the other; how far that can be trusted follows from the spread, from the distance between the two
colours and from the pixel's own distance to the line. Fur, hair and fringes outside the network's
outline come back this way; where the background is as colourful as the product, nothing is said.

Source: the colour-line likelihood of Chuang, Curless, Salesin and Szeliski, "A Bayesian approach to
digital matting", CVPR 2001, with one Gaussian a side.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name

_HIDDEN = 1e-6  # the say of a doubtful pixel, so that no weight is ever zero
_OWN_SHARE = 0.03  # of a pure pixel's colours, this share comes from its surroundings
_NOISE = 0.002  # variance of colour that is no evidence: about 11 of 255, squared
_LEAST_DISTANCE = 1e-4
_OFF_THE_LINE = 0.5  # how much of the squared distance to the line counts as uncertainty
# Variance of alpha at which the line is trusted half; below 70 % of all trust it says nothing.
_HALF_TRUST = 0.03
_TRUST_FROM, _TRUST_RANGE = 0.5, 0.3
_STRETCH = 1.4  # an estimate short of 0 or 1 by less than noise is meant to be 0 or 1


@dataclass(frozen=True, slots=True)
class ColourLine:
    """Alpha as an affine function of colour: `planes` (4, H, W), three slopes and an offset.

    `say` is (H, W) float32, 0..1: how far the planes can be trusted. Outside the band both are 0.
    """

    planes: torch.Tensor
    say: torch.Tensor


def colour_line(guide: torch.Tensor, inside: torch.Tensor, outside: torch.Tensor) -> ColourLine:
    """Read alpha off the photo's colours in the band between two sure masks.

    Args:
        guide: (3, H, W) float32 sRGB, 0..1.
        inside: (H, W) bool, where alpha is surely 1.
        outside: (H, W) bool, where alpha is surely 0.
    """
    band = ~(inside | outside)
    rows, columns = band.nonzero(as_tuple=True)
    colour = guide[:, rows, columns]
    product, product_spread = _carried(guide, inside, rows, columns)
    background, background_spread = _carried(guide, outside, rows, columns)
    line = product - background
    squared = (line * line).sum(0) + _LEAST_DISTANCE
    slopes = line / squared
    offset = -(background * slopes).sum(0)
    alpha = ((colour * slopes).sum(0) + offset).clamp(0, 1)
    off_line = (colour - background - alpha * line).square().sum(0)
    along = line * line / squared
    spread = (
        alpha**2 * (product_spread * along).sum(0)
        + (1 - alpha) ** 2 * (background_spread * along).sum(0)
        + _OFF_THE_LINE * off_line
        + _NOISE
    )
    trust = _HALF_TRUST / (_HALF_TRUST + spread / squared)
    planes = guide.new_zeros((5, *band.shape))
    planes[:3, rows, columns] = slopes * _STRETCH
    planes[3, rows, columns] = offset * _STRETCH - (_STRETCH - 1) / 2
    planes[4, rows, columns] = ((trust - _TRUST_FROM) / _TRUST_RANGE).clamp(0, 1)
    return ColourLine(planes[:4], planes[4])


def _carried(
    guide: torch.Tensor, sure: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance of the sure pixels' colours, filled in at N doubtful pixels: (3, N) each.

    A doubtful pixel has no say in its own value, so the finest level of the pyramid need not be
    filled: it is read off the level below, where it is wanted.
    """
    height, width = sure.shape
    level = guide.new_empty((7, height, width))
    level[6] = sure
    level[6] += _HIDDEN
    torch.mul(guide, level[6], out=level[:3])
    torch.mul(level[:3], guide, out=level[3:6])
    if min(height, width) <= 2:
        filled = _filled(level[None])[0, :, rows, columns]
    else:
        coarser = _filled(F.avg_pool2d(level[None], 2, ceil_mode=True))
        # The same places and weights as `F.interpolate(mode="bilinear")` to the finest size.
        across, down = (columns + 0.5) * (2 / width) - 1, (rows + 0.5) * (2 / height) - 1
        grid = torch.stack([across, down], -1)[None, None]
        around = F.grid_sample(coarser, grid, padding_mode="border", align_corners=False)[0, :, 0]
        own = level[:, rows, columns]
        filled = (own[:6] + _OWN_SHARE * around) / (own[6] + _OWN_SHARE)
    mean, square = filled[:3], filled[3:]
    return mean, (square - mean * mean).clamp_min(0)


def _filled(level: torch.Tensor) -> torch.Tensor:
    """Divide (1, 7, h, w) weighted values by their weight, filling gaps from coarser levels."""
    values, weight = level[:, :-1], level[:, -1:]
    if min(level.shape[2:]) <= 2:
        return values / weight.clamp_min(1e-8)
    coarser = _filled(F.avg_pool2d(level, 2, ceil_mode=True))
    around = F.interpolate(coarser, size=level.shape[2:], mode="bilinear")
    return (values + _OWN_SHARE * around) / (weight + _OWN_SHARE)
