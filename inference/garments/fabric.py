"""The seller's photo as cloth: sampled where the drape says, creases and old light taken out."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.pixels.colour import RgbaLinear
from inference.pixels.resize import blur
from inference.stages.prepare import Product

# Below this much alpha a pixel's colour is a guess; the cloth's own mean stands in.
_LEAST_ALPHA = 0.2
# Of the garment's width: how far the old background's colour reaches into its rim.
_RIM_SHARE = 0.006
# Base fabric lies this near to the most common colour, in units of its spread.
_SPREAD = 2.6
# Shading is taken out between these factors only: beyond them lie prints, not folds.
_LEAST_SHADE, _MOST_SHADE = 0.62, 1.45


@dataclass(frozen=True, slots=True)
class Neckline:
    """The opening between the front and the back neckline, in upright photo pixels.

    An ellipse below the line of the neck corners, and all that lies above that line.
    """

    centre: tuple[float, float]
    half_width: float
    depth: float


@dataclass(frozen=True, slots=True)
class Fabric:
    """`planes` (7, h, w): colour, alpha and the plain colour round about, linear, straight.

    `left`, `top` and `scale` take photo pixels to the planes'.
    """

    planes: torch.Tensor
    left: float
    top: float
    scale: float
    neckline: Neckline | None

    @property
    def size_bytes(self) -> int:
        return self.planes.numel() * self.planes.element_size()

    def at(
        self, x: torch.Tensor, y: torch.Tensor, *, is_inside: torch.Tensor, is_back: torch.Tensor
    ) -> torch.Tensor:
        """(3, h, w) the cloth's colour at photo pixels (h, w).

        The inside shows the plain colour, except where the photo shows the inside itself: within
        the front neckline, on the back panel.
        """
        height, width = self.planes.shape[-2:]
        grid = torch.stack(
            [
                (x - self.left) * self.scale / width * 2 - 1,
                (y - self.top) * self.scale / height * 2 - 1,
            ],
            dim=-1,
        )
        sampled = functional.grid_sample(
            self.planes[None],
            grid[None],
            mode="bicubic",
            padding_mode="border",
            align_corners=False,
        )[0]
        colour, cover, plain = sampled[:3], sampled[3:4], sampled[4:7]
        share = (cover / _LEAST_ALPHA).clamp(0, 1)
        shown = (colour * share + plain * (1 - share)).clamp(min=0)
        hidden = is_inside & ~(is_back & self._in_neckline(x, y))
        return torch.where(hidden, plain.clamp(min=0), shown)

    def _in_neckline(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if self.neckline is None:
            return torch.zeros_like(x, dtype=torch.bool)
        across = (x - self.neckline.centre[0]) / self.neckline.half_width
        down = (y - self.neckline.centre[1]).clamp(min=0) / self.neckline.depth
        return across**2 + down**2 < 1


def make_fabric(product: Product, *, smoothing: float, neckline: Neckline | None) -> Fabric:
    """Prepare a cut-out as cloth; `smoothing` 0..1 is how much of its creases is taken out."""
    colour, alpha = product.planes[:3], product.planes[3:]
    straight = colour / alpha.clamp(min=1e-3)
    solid = (alpha > 0.9).to(colour.dtype)
    if smoothing > 0:
        shade = _shading(straight, solid)
        straight = straight / shade.pow(smoothing)
    width = float(max(8, product.planes.shape[-1]))
    plain = _filled(straight, solid, sigma=0.05 * width)
    # Colours are carried over the rim, so that no sample meets the old background.
    edge = _eroded(solid, max(1, round(_RIM_SHARE * width)))
    near = _filled(straight, edge, sigma=max(2.0, 1.5 * _RIM_SHARE * width))
    straight = straight * edge + near * (1 - edge)
    return Fabric(
        torch.cat([straight, alpha, plain]).contiguous(),
        product.left,
        product.top,
        product.native_scale,
        neckline,
    )


def _eroded(solid: torch.Tensor, reach: int) -> torch.Tensor:
    """A (1, h, w) mask without its rim of `reach` pixels."""
    size = 2 * reach + 1
    return 1 - functional.max_pool2d(1 - solid[None], size, stride=1, padding=reach)[0]


def _filled(colour: torch.Tensor, solid: torch.Tensor, *, sigma: float) -> torch.Tensor:
    """Colour blurred within the garment only, and its mean where nothing is near."""
    weight = blur(solid, sigma)
    mean = (colour * solid).sum(dim=(1, 2)) / solid.sum().clamp(min=1)
    smooth = blur(colour * solid, sigma) + 0.002 * mean.view(3, 1, 1)
    return smooth / (weight + 0.002)


def _shading(colour: RgbaLinear, solid: torch.Tensor) -> torch.Tensor:
    """(1, h, w) the light and folds of the base fabric, about 1; prints are bridged.

    The base fabric is what lies near the garment's most common colour; its brightness against its
    own wide mean, blurred over a crease's width, is shading.
    """
    log = torch.log(colour.clamp(min=1e-3)) * solid
    luma = log.mean(dim=0, keepdim=True)
    tint = log - luma
    inside = solid[0] > 0
    if int(inside.sum()) < 64:
        return torch.ones_like(luma)
    values = luma[0][inside]
    middle = _mode(values)
    tone = torch.stack([channel[inside].median() for channel in tint]).view(3, 1, 1)
    off = ((luma - middle) / 0.55) ** 2 + ((tint - tone) ** 2).sum(dim=0, keepdim=True) / 0.12**2
    base = torch.exp(-0.5 * off) * solid
    share = float(base.sum() / solid.sum().clamp(min=1))
    width = colour.shape[-1]
    fine = _weighted(luma, base, 0.006 * width)
    # The garment's overall brightness stays: only what varies over less than its size goes.
    level = float((luma * base).sum() / base.sum().clamp(min=1e-3))
    shade = torch.exp((fine - level) * min(1.0, share / 0.35))
    return shade.clamp(_LEAST_SHADE, _MOST_SHADE)


def _weighted(values: torch.Tensor, weight: torch.Tensor, sigma: float) -> torch.Tensor:
    """Means over the weights near by, wider where few are near."""
    total = torch.zeros_like(values)
    known = torch.zeros_like(values)
    for factor, part in ((1.0, 1.0), (4.0, 0.02), (16.0, 0.0004)):
        total = total + part * blur(values * weight, factor * sigma)
        known = known + part * blur(weight, factor * sigma)
    return total / known.clamp(min=1e-6)


def _mode(values: torch.Tensor) -> float:
    """The fullest of 48 bins between the 2nd and the 98th percentile."""
    sample = values[:: max(1, len(values) // 20000)]
    low, high = torch.quantile(sample, 0.02), torch.quantile(sample, 0.98)
    counts = torch.histc(sample, bins=48, min=float(low), max=float(high) + 1e-6)
    smooth = functional.avg_pool1d(counts[None, None], 5, stride=1, padding=2)[0, 0]
    return float(low + (float(smooth.argmax()) + 0.5) / 48 * (high - low))
