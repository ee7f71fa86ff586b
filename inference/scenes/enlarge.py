"""Bring shadows from the plate's geometry to its pictures without steps at the edges of things.

Geometry is a quarter of the pictures' size. On one surface a shadow is enlarged smoothly. Where two
things overlap (a vase before a wall) and the shadow on them differs, each picture pixel is asked to
which of the two it belongs, by its colour between theirs, and takes that one's shadow: so a shadow
ends where the thing ends on which it lies, as finely as the picture shows it.

Sources: Kopf, Cohen, Lischinski and Uyttendaele, "Joint Bilateral Upsampling", SIGGRAPH 2007 (a
picture guides a coarse solution); Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural
Image Matting", 2008 (two colours in a small window, and a pixel's share between them).
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.pixels.colour import Plane, RgbLinear

# A shadow lighter than this is not seen.
_UNTOUCHED = 0.998
# Shadows this different on two overlapping things show a step.
_APART = 0.03
# Inverse depths that differ by this share belong to two things; floors seen at a slant less so.
_TORN = 0.03
# Squared distance of root-encoded colours below which two things look the same.
_SAME_COLOUR = 4e-4
# Coarse neighbours each way: four by four.
_SIDE = 4
# Picture pixels worked on together.
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Enlargement:
    """How coarse planes come to the picture's size, within `rows` and `columns` of it.

    `size` is the picture's (H, W). `torn` are indices (P,) into the part's pixels, flat, that take
    `weights` (P, 16) of the coarse pixels whose flat indices are `first` (P,) and `offsets` (16,).
    """

    size: tuple[int, int]
    rows: slice
    columns: slice
    torn: torch.Tensor
    first: torch.Tensor
    offsets: torch.Tensor
    weights: torch.Tensor

    def of(self, coarse: Plane) -> Plane:
        """(n, m) the coarse plane's values at the picture's pixels."""
        part = enlarged_part(coarse[None], self.size, self.rows, self.columns)[0]
        flat, source = part.view(-1), _padded(coarse).flatten()
        for start in range(0, self.torn.numel(), _CHUNK):
            chosen = slice(start, start + _CHUNK)
            near = source[self.first[chosen, None] + self.offsets]
            flat[self.torn[chosen]] = (near * self.weights[chosen]).sum(dim=1)
        return part


def enlargement(kept: torch.Tensor, depth: Plane, picture: RgbLinear) -> Enlargement | None:
    """Plan how shadows come from the geometry's size to the picture's; None where there are none.

    Args:
        kept: (G, h, w) share of light that stays.
        depth: (h', w') cm along the optical axis; at the size of `kept` or finer.
        picture: (3, H, W) float32, linear light, without the product.
    """
    shaded = kept.amin(dim=0) < _UNTOUCHED
    if not bool(shaded.any()):
        return None
    coarse, size = (kept.shape[1], kept.shape[2]), (int(picture.shape[1]), int(picture.shape[2]))
    rows, columns = (_reach(shaded.any(dim=1 - axis), coarse[axis], size[axis]) for axis in (0, 1))
    nearness = 1 / _at(depth, coarse).clamp(min=1e-3)
    torn = _torn(kept, nearness)
    row, column = _first(rows, coarse[0], size[0]), _first(columns, coarse[1], size[1])
    row, column = row.to(picture.device), column.to(picture.device)
    # Places are those of the upper left of four by four, in planes padded by two.
    is_torn = torn[row.floor().long() + 1][:, column.floor().long() + 1]
    pixels = is_torn.flatten().nonzero()[:, 0]
    wide = coarse[1] + _SIDE
    steps = torch.arange(_SIDE, device=picture.device)
    offsets = (steps[:, None] * wide + steps).flatten()
    line, place = torch.div(pixels, column.numel(), rounding_mode="floor"), pixels % column.numel()
    top, left = row[line], column[place]
    first = (top.floor().long() + 1) * wide + left.floor().long() + 1
    weights = _weights(
        torch.stack([top - top.floor(), left - left.floor()], dim=1),
        first[:, None] + offsets,
        nearness=_padded(nearness).flatten(),
        seen=_seen(picture, coarse).flatten(1),
        guide=picture[:, line + rows.start, place + columns.start].clamp(min=0).sqrt(),
    )
    return Enlargement(size, rows, columns, pixels, first, offsets, weights)


def _at(plane: Plane, size: tuple[int, int]) -> Plane:
    return functional.interpolate(plane[None, None], size=size, mode="nearest-exact")[0, 0]


def _padded(plane: Plane) -> Plane:
    return functional.pad(plane[None, None], (2, 2, 2, 2), mode="replicate")[0, 0]


def _reach(line: torch.Tensor, coarse: int, fine: int) -> slice:
    """The picture's lines that shaded coarse lines can touch."""
    places = line.nonzero()
    first, last = int(places[0]) - 2, int(places[-1]) + 3
    return slice(max(0, first * fine // coarse), min(fine, -(-last * fine // coarse)))


def _first(part: slice, coarse: int, fine: int) -> torch.Tensor:
    """Where each picture line lies among the coarse ones: the second of its four neighbours."""
    return (torch.arange(part.start, part.stop) + 0.5) * coarse / fine - 0.5


def _torn(kept: torch.Tensor, nearness: Plane) -> torch.Tensor:
    """(h + 2, w + 2) bool, padded by one: four by four around a place hold two things, unlike lit.

    The entry at a place's own (row + 1, column + 1) answers for the four by four from row - 1.
    """

    def extent(planes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        padded = functional.pad(planes[None], (2, 3, 2, 3), mode="replicate")
        high = functional.max_pool2d(padded, _SIDE, stride=1)[0]
        low = -functional.max_pool2d(-padded, _SIDE, stride=1)[0]
        return high, low

    lightest, darkest = extent(kept)
    nearest, farthest = extent(nearness[None])
    unlike = (lightest - darkest).amax(dim=0) > _APART
    return unlike & ((nearest - farthest)[0] > _TORN * nearest[0])


def _seen(picture: RgbLinear, coarse: tuple[int, int]) -> torch.Tensor:
    """(3, h + 4, w + 4) the picture's root-encoded colours at the coarse pixels' centres."""
    places = [
        ((torch.arange(count, device=picture.device) + 0.5) * whole / count).long()
        for count, whole in zip(coarse, picture.shape[1:], strict=True)
    ]
    seen = picture[:, places[0]][:, :, places[1]].clamp(min=0).sqrt()
    return functional.pad(seen[None], (2, 2, 2, 2), mode="replicate")[0]


def _weights(
    share: torch.Tensor,
    index: torch.Tensor,
    *,
    nearness: torch.Tensor,
    seen: torch.Tensor,
    guide: torch.Tensor,
) -> torch.Tensor:
    """(P, 16) weights of the neighbours of each torn pixel; they sum to 1.

    Args:
        share: (P, 2) how far a pixel lies past its second neighbour, down and right, 0..1.
        index: (P, 16) its neighbours in the flat arrays.
        nearness: flat inverse depth.
        seen: (3, …) flat root-encoded colours there.
        guide: (3, P) the pixels' own root-encoded colours.
    """
    weights = torch.empty(index.shape, device=index.device)
    steps = torch.arange(_SIDE, device=index.device) - 1.0
    for start in range(0, index.shape[0], _CHUNK):
        part = slice(start, start + _CHUNK)
        tent = (2 - (steps - share[part, :, None]).abs()).clamp(min=0) + 1e-3
        spatial = (tent[:, 0, :, None] * tent[:, 1, None, :]).flatten(1)
        near_by = nearness[index[part]]
        middle = (near_by.amax(dim=1, keepdim=True) + near_by.amin(dim=1, keepdim=True)) / 2
        front = spatial * (near_by > middle)
        back = spatial - front
        front_sum, back_sum = front.sum(dim=1), back.sum(dim=1).clamp(min=1e-6)
        front, back = front / front_sum[:, None], back / back_sum[:, None]
        colours = seen[:, index[part]]
        of_front, of_back = (colours * front).sum(dim=2), (colours * back).sum(dim=2)
        way = of_front - of_back
        along = ((guide[:, part] - of_back) * way).sum(dim=0)
        # Where both look alike, the place decides.
        nearby = front_sum / (front_sum + back_sum)
        belongs = (along + _SAME_COLOUR * nearby) / ((way * way).sum(dim=0) + _SAME_COLOUR)
        belongs = belongs.clamp(0, 1)[:, None]
        weights[part] = front * belongs + back * (1 - belongs)
    return weights


def enlarged(plane: Plane, size: tuple[int, int]) -> Plane:
    """A coarse plane (h, w) at a picture's size (H, W)."""
    return functional.interpolate(
        plane[None, None], size=size, mode="bilinear", align_corners=False
    )[0, 0]


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
