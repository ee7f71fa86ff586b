"""Cast the product's shadow: a volume raised from its outline, lit by sampled lamps.

The photo's camera is taken to look down at the floor by its estimated pitch, from far away. Every
column of the outline stands at the depth where it meets the floor and has a thickness, so that
legs, heels and second objects cast their own shadows. The volume's points are thrown onto the
floor along each light sample; contact and penumbra come out of that geometry.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.pixels.colour import Plane
from inference.pixels.geometry import Stance, light_vector
from inference.pixels.resize import Axis, Kernel, blur, resample
from inference.sessions.transfer import facts_to_host

# Real product photos look down by 4..31 degrees (10th to 90th percentile of 133 photos). Under
# 7 degrees the floor is a sliver on which no shadow can be seen.
MIN_PITCH_DEG = 7.0
MAX_PITCH_DEG = 35.0
# Layers of points through the volume's thickness.
_LAYERS = 6
_KEY_SAMPLES = 40
_SKY_SAMPLES = 56
# No part of the floor is darker than this under a full-strength shadow: light bounces.
_DARKEST = 0.06
# The contact line: how far it reaches (share of the product's height) and how dark it is. The first
# is the crack itself, the last what a low soft light cannot reach.
_CONTACT_LINES = ((0.006, 0.52), (0.016, 0.24), (0.04, 0.26))
_GOLDEN_TURN = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class KeyLight:
    """The lamp.

    `softness` 0..1 goes from a bare bulb to a large softbox; `share` 0..1 is its part of the
    floor's light, the rest comes from all around.
    """

    direction_deg: float
    height_deg: float
    softness: float
    share: float = 0.6


@dataclass(frozen=True, slots=True)
class _Volume:
    """The product over the floor, in frame pixels seen square on.

    `points` are (3, layers, N) float32: right, up and away from the camera.
    """

    points: torch.Tensor
    spacing: float
    height: float


@dataclass(frozen=True, slots=True)
class _FloorGrid:
    """A lattice of floor cells: `cell` frame pixels wide, its corner at (`across`, `away`)."""

    across: float
    away: float
    cell: float
    columns: int
    rows: int


def cast_shadow(
    alpha: Plane, stance: Stance, light: KeyLight, *, pitch_deg: float, detail: int, seed: int
) -> Plane:
    """How much of its light the floor around a placed product keeps.

    Args:
        alpha: (H, W) float32 coverage of the product in the frame, 0..1.
        stance: where it stands.
        light: the lamp.
        pitch_deg: how far the photo's camera looks down.
        detail: points along the product's longest side (64 is a thumb's, 144 a final's).
        seed: feeds the jitter of points; the same seed gives the same shadow.

    Returns:
        (H, W) float32, 1 = all of it, as if the whole frame were floor.
    """
    pitch = math.radians(min(max(pitch_deg, MIN_PITCH_DEG), MAX_PITCH_DEG))
    generator = torch.Generator().manual_seed(seed)
    volume = _raise_volume(alpha, stance, pitch, detail, generator)
    grid = _floor_grid(volume, light, detail)
    if alpha.device.type != "cpu":
        # The rays' noise, millions of numbers, is made where it is used.
        generator = torch.Generator(alpha.device).manual_seed(seed)
        volume = replace(volume, points=volume.points.to(alpha.device))
    dark = light.share * _occlusion(volume, grid, _lamp_samples(light), generator)
    dark += (1 - light.share) * _occlusion(volume, grid, _sky_samples(), generator)
    dark = blur(dark[None], 0.9) * _taper(grid).to(alpha.device)
    # The floor as the camera sees it: depth is foreshortened and grows upwards in the frame.
    squash = grid.cell * math.sin(pitch)
    far_edge = stance.base_row - grid.away * math.sin(pitch) - grid.rows * squash
    height, width = alpha.shape
    seen = resample(
        dark.flip(1),
        rows=Axis(height, squash, far_edge),
        columns=Axis(width, grid.cell, grid.across),
        kernel=Kernel.SPLINE,
    )[0]
    kept = 1 - seen
    _draw_contact(kept, stance)
    return kept


def _taper(grid: _FloorGrid) -> torch.Tensor:
    """(rows, columns) 1 inside, falling to 0 at the lattice's edges, so that none shows."""
    sides = []
    for length in (grid.rows, grid.columns):
        inward = torch.minimum(torch.arange(length), torch.arange(length).flip(0)) / (0.16 * length)
        inward = inward.clamp(0, 1)
        sides.append(inward * inward * (3 - 2 * inward))
    return sides[0][:, None] * sides[1][None, :]


def _raise_volume(
    alpha: Plane, stance: Stance, pitch: float, detail: int, generator: torch.Generator
) -> _Volume:
    """Points of the volume whose silhouette is `alpha`; depth from base, width and height."""
    small, spacing, top, left = _shrink(alpha, detail)
    # Half of the most: a wire is thinner than a cell and never covers half of one.
    solid = small > 0.5 * min(1.0, float(small.max()))
    rows, columns = np.nonzero(solid)
    across = left + (columns + 0.5) * spacing
    seen_row = top + (rows + 0.5) * spacing
    column_x = left + (np.arange(solid.shape[1], dtype=np.float64) + 0.5) * spacing
    thickness = _thickness(solid) * np.float32(spacing)
    centre = _depths(stance, column_x, solid, thickness, pitch)
    half = thickness[rows, columns] / 2
    nearest = np.maximum(centre[columns] - half, 0.0)
    lift = (stance.base_row - seen_row - nearest * math.sin(pitch)) / math.cos(pitch)
    layers = (np.arange(_LAYERS) + 0.5) / _LAYERS
    count = len(rows)
    away = nearest[None, :] + 2 * half[None, :] * layers[:, None]
    jitter = (torch.rand((3, _LAYERS, count), generator=generator) - 0.5).numpy() * spacing
    points = np.stack(
        [
            np.broadcast_to(across, away.shape) + jitter[0],
            np.broadcast_to(lift, away.shape) + jitter[1],
            away + jitter[2] * (half[None, :] > 0),
        ]
    )
    points[1] = np.maximum(points[1], 0.15 * spacing)
    return _Volume(torch.from_numpy(points.astype(np.float32)), spacing, stance.height)


def _shrink(alpha: Plane, detail: int) -> tuple[NDArray[np.float32], float, float, float]:
    """The product's alpha on a coarse lattice: (alpha, frame pixels per cell, top, left)."""
    solid = alpha > 0.02
    filled = facts_to_host(torch.cat([solid.any(dim=1), solid.any(dim=0)]))
    rows = np.flatnonzero(filled[: alpha.shape[0]])
    columns = np.flatnonzero(filled[alpha.shape[0] :])
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    spacing = max(1.0, max(bottom - top, right - left) / detail)
    small = resample(
        alpha[None, top:bottom, left:right],
        rows=Axis(math.ceil((bottom - top) / spacing), 1 / spacing, 0.0),
        columns=Axis(math.ceil((right - left) / spacing), 1 / spacing, 0.0),
        kernel=Kernel.SPLINE,
    )
    return np.asarray(facts_to_host(small[0])), spacing, float(top), float(left)


def _thickness(solid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Depth of the volume at each cell, in cells.

    A row's run is taken for a round section (bottles, cans, mugs), but nothing is deeper than its
    column is tall (shoes, sofas, planks).
    """
    along = _runs(solid)
    upward = _runs(solid.T).transpose(1, 0, 2)
    before, after = along[..., 0], along[..., 1]
    chord = 2 * np.sqrt(np.maximum(before * after, 0))
    tall = upward.sum(axis=2)
    depth = np.minimum(np.minimum(chord, tall), 0.9 * (before + after))
    return np.asarray(depth, dtype=np.float32)


def _runs(solid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(rows, columns, 2): solid cells up to the run's start and end along each row."""
    width = solid.shape[1]
    index = np.arange(width, dtype=np.float32)[None, :]
    last_gap = np.maximum.accumulate(np.where(solid, -1.0, index), axis=1)
    flipped = solid[:, ::-1]
    next_gap = np.maximum.accumulate(np.where(flipped, -1.0, index), axis=1)[:, ::-1]
    before = index - last_gap - 0.5
    after = (width - 1 - index) - next_gap - 0.5
    runs = np.stack([before, after], axis=-1) * solid[..., None]
    return np.asarray(runs, dtype=np.float32)


def _depths(
    stance: Stance,
    column_x: NDArray[np.float64],
    solid: NDArray[np.bool_],
    thickness: NDArray[np.float32],
    pitch: float,
) -> NDArray[np.float64]:
    """Floor depth of the volume's middle, per coarse column.

    A column's front stands where the outline meets the floor; columns that hang (a handle, a seat
    between legs) take the depth of their neighbours that stand.
    """
    frame_x = stance.left + np.arange(stance.stand.size) + 0.5
    stand = np.interp(column_x, frame_x, stance.stand)
    base = max(1.0, stance.base_right - stance.base_left)
    front = np.clip((stance.base_row - stand) / math.sin(pitch), 0, 0.9 * base)
    lowest = solid.shape[0] - 1 - np.argmax(solid[::-1], axis=0)
    # The section a little above the floor: the very last row of a round base is a sliver.
    lift = max(1, round(0.03 * solid.shape[0]))
    section = thickness[np.maximum(lowest - lift, 0), np.arange(solid.shape[1])]
    touching = np.interp(column_x, frame_x, stance.contact) > 0.3
    touching &= solid.any(axis=0)
    middle = front + section / 2
    if touching.any():
        middle = np.interp(column_x, column_x[touching], middle[touching])
    return np.asarray(np.minimum(middle, front.max() + 0.9 * base), dtype=np.float64)


def _lamp_samples(light: KeyLight) -> torch.Tensor:
    """(N, 3) unit vectors towards points spread over the lamp's face."""
    index = torch.arange(_KEY_SAMPLES, dtype=torch.float64)
    radius = torch.sqrt((index + 0.5) / _KEY_SAMPLES)
    angle = index * _GOLDEN_TURN
    spread = math.tan(math.radians(2.0 + 26.0 * light.softness))
    right, up, away = light_vector(light.direction_deg, light.height_deg)
    level = math.hypot(right, away) or 1.0
    aside = torch.tensor([away / level, 0.0, -right / level], dtype=torch.float64)
    above = torch.tensor([-up * right / level, level, -up * away / level], dtype=torch.float64)
    centre = torch.tensor([right, up, away], dtype=torch.float64)
    offset_a = (radius * torch.cos(angle) * spread)[:, None]
    offset_b = (radius * torch.sin(angle) * spread)[:, None]
    samples = centre + offset_a * aside + offset_b * above
    samples[:, 1].clamp_(min=0.17)
    return functional.normalize(samples, dim=1).to(torch.float32)


def _sky_samples() -> torch.Tensor:
    """(N, 3) unit vectors over the sky down to 35 degrees, denser overhead (cosine-weighted)."""
    index = torch.arange(_SKY_SAMPLES, dtype=torch.float64)
    radius = torch.sqrt((index + 0.5) / _SKY_SAMPLES) * 0.82
    angle = index * _GOLDEN_TURN
    up = torch.sqrt(1 - radius**2)
    return torch.stack([radius * torch.cos(angle), up, radius * torch.sin(angle)], dim=1).to(
        torch.float32
    )


def _floor_grid(volume: _Volume, light: KeyLight, detail: int) -> _FloorGrid:
    """A lattice that holds the product's base and the far end of its shadow."""
    right, up, away = light_vector(light.direction_deg, light.height_deg)
    reach = 1.25 * volume.height / max(up, 0.25)
    margin = 0.9 * volume.height + 4 * volume.spacing
    (left, _, near), (stop, _, far) = (
        ends.tolist() for ends in (volume.points.amin(dim=(1, 2)), volume.points.amax(dim=(1, 2)))
    )
    left -= margin + max(0.0, reach * right)
    stop += margin + max(0.0, -reach * right)
    near -= margin + max(0.0, reach * away)
    far += margin + max(0.0, -reach * away)
    cell = max(1.5 * volume.spacing, max(stop - left, far - near) / (1.6 * detail))
    columns, rows = math.ceil((stop - left) / cell), math.ceil((far - near) / cell)
    return _FloorGrid(left, near, cell, columns, rows)


def _occlusion(
    volume: _Volume, grid: _FloorGrid, directions: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """(rows, columns) share of the samples hidden from each floor cell, weighted by height.

    Each sample throws two of the layers, in turn: together they fill the volume at a third of the
    price.
    """
    samples, device = directions.shape[0], volume.points.device
    slope = (directions / directions[:, 1:2].clamp(min=0.15))[:, :, None]
    gap = _sample_gap(slope)
    slope, directions = slope.to(device), directions.to(device)
    layers = (torch.arange(samples)[:, None] + torch.tensor([0, _LAYERS // 2])) % _LAYERS
    layers = layers.to(device)
    across, up, away = (points[layers].flatten(1) for points in volume.points)
    # Every point sees its sample a little elsewhere, as far as the next sample is: the penumbra is
    # smooth instead of a fan of copies.
    stray = torch.rand((2, *up.shape), generator=generator, device=device).sub_(0.5).mul_(gap)
    column = ((across - (slope[:, 0] + stray[0]) * up - grid.across) / grid.cell).to(torch.int32)
    row = ((away - (slope[:, 2] + stray[1]) * up - grid.away) / grid.cell).to(torch.int32)
    inside = (column > 0) & (column < grid.columns) & (row > 0) & (row < grid.rows)
    cells = grid.rows * grid.columns
    first = torch.arange(samples, dtype=torch.int32, device=device)[:, None] * cells
    # The lattice's first cell is outside its taper: what misses the lattice lands there.
    index = first + (row * grid.columns + column) * inside
    counts = torch.bincount(index.flatten(), minlength=samples * cells).to(torch.float32)
    # Points that fall on a cell covered once by the thinnest part of the volume.
    stretch = slope[:, 0].hypot(slope[:, 2]).clamp(min=1.0)
    single = 0.7 * (grid.cell / volume.spacing) ** 2 / stretch
    hidden = 1 - torch.exp(counts.view(samples, cells) * (-2.5 / single))
    weights = directions[:, 1] / directions[:, 1].sum()
    return (weights @ hidden).view(grid.rows, grid.columns)


def _sample_gap(slope: torch.Tensor) -> float:
    """Typical distance between neighbouring samples, as slopes; `slope` is (samples, 3, 1)."""
    extent = slope.amax(dim=0) - slope.amin(dim=0)
    return 1.5 * math.sqrt(float(extent[0] * extent[2]) / slope.shape[0])


def _draw_contact(kept: Plane, stance: Stance) -> None:
    """Darken, in place, the thin line where the product meets the floor."""
    height, width = kept.shape
    device = kept.device
    columns = np.arange(width) - stance.left
    stand_row = np.interp(columns, np.arange(stance.stand.size), stance.stand)
    stand = torch.from_numpy(stand_row.astype(np.float32)).to(device)
    contact = torch.zeros((1, 1, width), device=device)
    contact[0, 0, stance.left : stance.left + stance.contact.size] = torch.from_numpy(
        stance.contact
    )
    reach = max(1.0, 0.04 * stance.height)
    top = max(0, math.floor(float(stance.stand.min()) - 5 * reach))
    bottom = min(height, math.ceil(float(stance.stand.max()) + 5 * reach))
    rows = torch.arange(top, bottom, dtype=torch.float32, device=device)[:, None] + 0.5
    distance = (rows - stand).abs_()
    line = torch.zeros_like(distance)
    for share, depth in _CONTACT_LINES:
        depth_px = max(0.6, share * stance.height)
        # As wide as it is deep, or each lug of a sole would draw its own stripe.
        line += depth * blur(contact, 1.2 * depth_px)[0] * torch.exp(distance / -depth_px)
    kept[top:bottom] *= 1 - line


def with_strength(kept: Plane, strength: torch.Tensor) -> Plane:
    """Scale a shadow: 0 hides it, 1 is what the lamps cast; never quite black, as light bounces.

    Args:
        kept: (H, W) from `cast_shadow`.
        strength: anything that broadcasts over it, 0..1.
    """
    return 1 - strength * (1 - _DARKEST) * (1 - kept)


def fade_to_clean(kept: Plane, *, floor_px: float) -> Plane:
    """End a shadow for good: whispers become nothing, and nothing reaches the frame's edge.

    Args:
        kept: (H, W) from `floor_light`.
        floor_px: width of the fade along the frame's edges.
    """
    dark = 1 - kept
    quiet = ((dark - 0.005) / 0.045).clamp(0, 1)
    dark = dark * quiet * quiet * (3 - 2 * quiet)
    height, width = kept.shape
    edge = dark.new_ones((height, width))
    for length, view in ((height, (-1, 1)), (width, (1, -1))):
        index = torch.arange(length, dtype=torch.float32, device=kept.device)
        inward = ((torch.minimum(index, length - 1 - index) - 1) / floor_px).clamp(0, 1)
        edge = edge * (inward * inward * (3 - 2 * inward)).view(view)
    return 1 - dark * edge
