"""Lay artwork on a face as the camera sees it: filtered as finely as each pixel's footprint."""

import torch
from torch.nn import functional

from inference.mockups.artwork import Artwork, enlarged
from inference.mockups.format import Face
from inference.mockups.placing import Laying
from inference.mockups.surface import Surface
from inference.mockups.view import Window

# A footprint this much longer than wide is sampled more often, or it would blur along its width.
_STEEP = (2.2, 3.6)
# Below this many artwork pixels a frame pixel the artwork is drawn larger first.
_TOO_FEW = 0.75
_LARGEST_ENLARGEMENT = 6.0
# Half a level finer than the footprint: several samples are averaged within it.
_SHARPER = 0.4
_CHUNK = 400_000


def printed(
    artwork: Artwork,
    laying: Laying,
    face: Face,
    surface: Surface,
    window: Window,
    cover: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The artwork on one face.

    Args:
        artwork: what is printed.
        laying: where on the face.
        face: what it lies on; ink keeps within its area.
        surface: the face as the camera sees it.
        window: what of the plate the frame shows.
        cover: (H, W) how much of each frame pixel the face covers.

    Returns:
        (4, N) float32, linear light, premultiplied: ink where `cover` is more than nothing, in
        row-major order; and (N, 2) float32 the face's centimetres there.
    """
    places = cover.nonzero()
    matrix = torch.tensor(laying.matrix(face), dtype=torch.float64, device=cover.device)
    centres = places.flip(1).double() + 0.5
    flat = _flat(surface, window, centres)
    right = _flat(surface, window, centres + centres.new_tensor([0.5, 0.0]))
    lower = _flat(surface, window, centres + centres.new_tensor([0.0, 0.5]))
    size = flat.new_tensor([artwork.width, artwork.height])

    def to_artwork(points: torch.Tensor) -> torch.Tensor:
        return points @ matrix[:, :2].T + matrix[:, 2]

    # Per frame pixel: how far artwork coordinates go, right and down.
    step_x = 2 * (right - flat) @ matrix[:, :2].T
    step_y = 2 * (lower - flat) @ matrix[:, :2].T
    long = torch.stack([(step_x * size).norm(dim=1), (step_y * size).norm(dim=1)])
    artwork, long = _fine_enough(artwork, long)
    side = _samples_a_side(long)
    level = torch.log2(long.amax(dim=0) / side).float() - _SHARPER
    total = torch.zeros((4, len(places)), device=cover.device)
    for j in range(side):
        for i in range(side):
            x, y = (i + 0.5) / side - 0.5, (j + 0.5) / side - 0.5
            # Where the face ends within a pixel, its edge speaks for the whole pixel: how much of
            # the pixel is the face's is said by the mask, once.
            there = (flat + 2 * x * (right - flat) + 2 * y * (lower - flat)).clamp(0, 1)
            taken = _sampled(artwork, to_artwork(there), level, repeats=laying.repeats)
            total += taken * _inside(face, there)
    total /= side * side
    on_face = flat * flat.new_tensor([face.width_cm, face.height_cm])
    return total.clamp_(0, 1), on_face.float()


def _flat(surface: Surface, window: Window, points: torch.Tensor) -> torch.Tensor:
    return surface.flat(points * window.step + points.new_tensor([window.left, window.top]))


def _inside(face: Face, flat: torch.Tensor) -> torch.Tensor:
    left, top, right, bottom = face.area
    # A wrap that goes all around has no edge; a hair of slack keeps seams of neighbours closed.
    slack = 2e-4
    s, t = flat[:, 0], flat[:, 1]
    within = (s >= left - slack) & (s <= right + slack) & (t >= top - slack) & (t <= bottom + slack)
    return within.float()


def _fine_enough(artwork: Artwork, long: torch.Tensor) -> tuple[Artwork, torch.Tensor]:
    usual = float(long.amax(dim=0).median()) if long.numel() else 1.0
    if usual >= _TOO_FEW:
        return artwork, long
    factor = min(_LARGEST_ENLARGEMENT, 1 / max(usual, 1e-3))
    return enlarged(artwork, factor), long * factor


def _samples_a_side(long: torch.Tensor) -> int:
    """How many samples a side a pixel takes, by how stretched most footprints are."""
    if long.numel() == 0:
        return 2
    ratio = long.amax(dim=0) / long.amin(dim=0).clamp(min=1e-9)
    steep = float(torch.quantile(ratio[:: max(1, len(ratio) // 4096)], 0.9))
    return 2 + sum(steep > limit for limit in _STEEP)


def _sampled(
    artwork: Artwork, at: torch.Tensor, level: torch.Tensor, *, repeats: bool
) -> torch.Tensor:
    """(4, N): artwork at (N, 2) shares of it, between the two levels of detail around `level`."""
    last = len(artwork.levels) - 1
    level = level.clamp(0, last)
    lower = level.floor().clamp(max=max(last - 1, 0)).long()
    out = torch.zeros((4, len(at)), device=at.device)
    for number in torch.unique(lower).tolist():
        chosen = (lower == number).nonzero()[:, 0]
        share = (level[chosen] - number).clamp(0, 1)
        points = at[chosen]
        fine = _bilinear(artwork.levels[number], points, repeats=repeats)
        if number < last:
            coarse = _bilinear(artwork.levels[number + 1], points, repeats=repeats)
            fine = fine + share * (coarse - fine)
        out[:, chosen] = fine
    return out


def _bilinear(level: torch.Tensor, at: torch.Tensor, *, repeats: bool) -> torch.Tensor:
    height, width = level.shape[1:]
    if repeats:
        # One line of the far side on each side, so that tiles meet without a seam.
        level = functional.pad(level[None], (1, 1, 1, 1), mode="circular")[0]
        size = at.new_tensor([width, height])
        at = ((at - at.floor()) * size + 1) / (size + 2)
    grid = (at * 2 - 1).float()[None, None]
    parts = [
        functional.grid_sample(level[None], grid[:, :, start : start + _CHUNK], align_corners=False)
        for start in range(0, grid.shape[2], _CHUNK)
    ]
    return torch.cat(parts, dim=3)[0, :, 0] if parts else at.new_zeros((4, 0), dtype=torch.float32)
