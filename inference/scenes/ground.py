"""Bring shadows from the plate's geometry to its pictures, and mix its lights under them."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.pixels.colour import Plane, RgbLinear
from inference.plates.format import Tone

# However deep a shadow, this share of what the plate shows stays: light finds its way round.
_LEAST = 0.08


@dataclass(frozen=True, slots=True)
class Shadows:
    """What the product takes from each group, at the geometry's size.

    `kept` is (G, h, w) float32, the share of each group's light that stays; `occlusion` is the
    contact map over the ground with its `extent` in cm, or None where nothing touches ground.
    """

    kept: torch.Tensor
    occlusion: torch.Tensor | None
    extent: tuple[float, float, float, float]

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        cells = 0 if self.occlusion is None else self.occlusion.numel()
        return (self.kept.numel() + cells) * 4


def mixed(
    pictures: torch.Tensor,
    gains: torch.Tensor,
    kept: torch.Tensor | None,
    strength: float,
) -> RgbLinear:
    """Sum the groups' pictures, each under its own shadow.

    Args:
        pictures: (G, C, H, W) float32, linear light, 0 and up; C is 3, or 4 with alpha last.
        gains: (G, 3) factors.
        kept: (G, h, w) share of light that stays, or None.
        strength: of the shadows, 0..1 and above for deeper ones.

    Returns:
        (3, H, W) float32, linear light.
    """
    total = torch.zeros_like(pictures[0, :3])
    size = (int(total.shape[1]), int(total.shape[2]))
    for group in range(pictures.shape[0]):
        lit = pictures[group, :3] * gains[group].view(3, 1, 1)
        if kept is not None and float(kept[group].min()) < 0.999:
            lit *= enlarged(_deepened(kept[group], strength), size)
        total += lit
    return total


def _deepened(kept: Plane, strength: float) -> Plane:
    if strength <= 1:
        return 1 - (1 - kept) * strength
    return kept.clamp(min=1e-3).pow(strength)


def enlarged(plane: Plane, size: tuple[int, int]) -> Plane:
    """A coarse plane (h, w) at a picture's size (H, W)."""
    return functional.interpolate(
        plane[None, None], size=size, mode="bilinear", align_corners=False
    )[0, 0]


def soften_depths(shadowed: RgbLinear, clear: RgbLinear) -> RgbLinear:
    """Keep overlapping shadows from going black: darkness bends towards a floor, in place."""
    ratio = shadowed.sum(dim=0) / clear.sum(dim=0).clamp(min=1e-5)
    bent = torch.where(ratio < 2 * _LEAST, _LEAST + ratio * ratio / (4 * _LEAST), ratio)
    return shadowed.mul_((bent / ratio.clamp(min=1e-4)).clamp(1, 8)[None])


def toned(picture: RgbLinear, tone: Tone) -> RgbLinear:
    """The plate's tone curve: linear up to its knee, then a shoulder that never clips; in place."""
    knee = tone.knee
    if tone.exposure != 1:
        picture *= tone.exposure
    over = (picture - knee).clamp_(min=0)
    if not bool(over.any()):
        return picture
    shoulder = knee + (1 - knee) * (1 - torch.exp(over / (knee - 1)))
    return torch.where(picture > knee, shoulder, picture)


def enlarged_part(
    planes: torch.Tensor, size: tuple[int, int], rows: slice, columns: slice
) -> torch.Tensor:
    """Rows and columns of coarse planes (C, h, w) enlarged to `size` (H, W), bilinear."""
    down = (torch.arange(rows.start, rows.stop, device=planes.device) + 0.5) / size[0] * 2 - 1
    across = (torch.arange(columns.start, columns.stop, device=planes.device) + 0.5) / size[1]
    across = across * 2 - 1
    grid = torch.stack(
        [across[None].expand(down.numel(), -1), down[:, None].expand(-1, across.numel())], dim=-1
    )
    return functional.grid_sample(
        planes[None], grid[None], align_corners=False, padding_mode="border"
    )[0]
