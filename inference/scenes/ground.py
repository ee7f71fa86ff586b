"""Bring shadows from the plate's geometry to its pictures, and mix its lights under them."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.pixels.colour import Plane, RgbLinear
from inference.plates.format import Tone

# However deep a shadow, this share of what the plate shows stays: light finds its way round.
_LEAST = 0.08
# A shadow lighter than this is not seen.
_UNTOUCHED = 0.998
# Root-encoded colours this far apart belong to different things.
_ALIKE = 0.02


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


@dataclass(frozen=True, slots=True)
class Enlargement:
    """How coarse geometry pixels add up to the picture's, within `rows` and `columns` of it.

    `taps` are four neighbours: coarse rows (n,), coarse columns (m,) and weights (n, m).
    """

    rows: slice
    columns: slice
    taps: tuple[tuple[torch.Tensor, torch.Tensor, Plane], ...]

    def of(self, coarse: Plane) -> Plane:
        """(n, m) the coarse plane's values at the picture's pixels."""
        parts = [coarse[rows][:, columns] * weight for rows, columns, weight in self.taps]
        return parts[0] + parts[1] + parts[2] + parts[3]


def enlargement(kept: torch.Tensor, picture: RgbLinear) -> Enlargement | None:
    """Plan how shadows come from the geometry's size to the picture's; None where there are none.

    Bilinear, but a neighbour counts the less the more its colour in the picture differs: so a
    shadow ends where the thing that it falls on ends, not at the edge of a coarse pixel.

    Args:
        kept: (G, h, w) share of light that stays.
        picture: (3, H, W) float32, linear light, without the product.

    Source: Kopf, Cohen, Lischinski and Uyttendaele, "Joint Bilateral Upsampling", 2007.
    """
    shaded = kept.amin(dim=0) < _UNTOUCHED
    if not bool(shaded.any()):
        return None
    coarse, fine = kept.shape[1:], picture.shape[1:]
    rows, columns = (_reach(shaded.any(dim=1 - axis), coarse[axis], fine[axis]) for axis in (0, 1))
    guide = picture[:, rows, columns].clamp(min=0).sqrt()
    near = [
        _neighbours(part, coarse[axis], fine[axis], picture.device)
        for axis, part in enumerate((rows, columns))
    ]
    at_centre = [
        ((torch.arange(count, device=picture.device) + 0.5) * whole / count).long()
        for count, whole in zip(coarse, fine, strict=True)
    ]
    seen = picture[:, at_centre[0]][:, :, at_centre[1]].clamp(min=0).sqrt()
    taps = []
    for row, row_weight in near[0]:
        for column, column_weight in near[1]:
            apart = (seen[:, row][:, :, column] - guide).square_().sum(dim=0)
            alike = torch.exp_(apart.mul_(-0.5 / _ALIKE**2)).add_(1e-3)
            taps.append((row, column, alike * row_weight[:, None] * column_weight))
    total = taps[0][2] + taps[1][2] + taps[2][2] + taps[3][2]
    return Enlargement(rows, columns, tuple((r, c, weight / total) for r, c, weight in taps))


def _reach(line: torch.Tensor, coarse: int, fine: int) -> slice:
    """The picture's lines that shaded coarse lines can touch."""
    places = line.nonzero()
    first, last = int(places[0]) - 1, int(places[-1]) + 2
    return slice(max(0, first * fine // coarse), min(fine, -(-last * fine // coarse)))


def _neighbours(
    part: slice, coarse: int, fine: int, device: torch.device
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The two coarse lines beside each of the picture's, with their bilinear weights."""
    place = (torch.arange(part.start, part.stop, device=device) + 0.5) * coarse / fine - 0.5
    low = place.floor()
    share = place - low
    first = low.long().clamp(0, coarse - 1)
    second = (low.long() + 1).clamp(0, coarse - 1)
    return [(first, 1 - share + 1e-4), (second, share + 1e-4)]


def mixed(
    pictures: torch.Tensor,
    gains: torch.Tensor,
    kept: torch.Tensor | None = None,
    strength: float = 1.0,
    plan: Enlargement | None = None,
) -> RgbLinear:
    """Sum the groups' pictures, each under its own shadow.

    Args:
        pictures: (G, C, H, W) float32, linear light, 0 and up; C is 3, or 4 with alpha last.
        gains: (G, 3) factors.
        kept: (G, h, w) share of light that stays, or None.
        strength: of the shadows, 0..1 and above for deeper ones.
        plan: how `kept` comes to the pictures' size; no shadows without.

    Returns:
        (3, H, W) float32, linear light.
    """
    total = torch.zeros_like(pictures[0, :3])
    for group in range(pictures.shape[0]):
        lit = pictures[group, :3] * gains[group].view(3, 1, 1)
        if kept is not None and plan is not None:
            lit[:, plan.rows, plan.columns] *= plan.of(_deepened(kept[group], strength))
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
