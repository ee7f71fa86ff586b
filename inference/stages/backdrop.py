"""Set the backdrop: one flat colour, or a paper sweep under a studio lamp."""

import math
from dataclasses import dataclass

import torch

from inference.pixels.colour import Plane, RgbLinear
from inference.pixels.geometry import light_vector
from inference.pixels.resize import Axis, Kernel, resample

LinearColour = tuple[float, float, float]

# The light field is smooth: this many cells along the frame's longest side are enough.
_FIELD_CELLS = 72
# How much of a weak channel full shade takes on top.
_DEEPENING = 0.5
_KNEE = 0.9
# Distances in frame heights: the lamp from the product, the wall behind it.
_LAMP_DISTANCE = 1.9
_WALL_DISTANCE = 0.75


@dataclass(frozen=True, slots=True)
class FlatBackdrop:
    """The same colour everywhere, to the last bit."""

    colour: LinearColour


@dataclass(frozen=True, slots=True)
class SweepBackdrop:
    """Seamless paper that runs from the floor up the wall.

    `horizon` is the row, as a share of the frame's height, about which floor becomes wall; `bend`
    0..1 goes from a sharp edge to a wide cove. `falloff` 0..1 is how much of the lamp's uneven
    light shows; `glow` 0..1 a lit patch on the wall behind the product. `sheen` 0..1 is how far
    the floor mirrors the lit wall near the horizon.
    """

    wall: LinearColour
    floor: LinearColour
    direction_deg: float
    height_deg: float
    horizon: float = 0.62
    bend: float = 1.0
    falloff: float = 0.6
    glow: float = 0.3
    sheen: float = 0.0


Backdrop = FlatBackdrop | SweepBackdrop


def set_backdrop(backdrop: Backdrop, *, width: int, height: int, device: torch.device) -> RgbLinear:
    """(3, height, width) float32, linear light, 0..1: the empty studio."""
    if isinstance(backdrop, FlatBackdrop):
        colour = torch.tensor(backdrop.colour, device=device)
        return colour.view(3, 1, 1).expand(3, height, width)
    rows = (torch.arange(height, dtype=torch.float32) + 0.5) / height
    wallness = _wallness(rows, backdrop).to(device)
    light = _light_field(backdrop, width=width, height=height, device=device)
    wall = torch.tensor(backdrop.wall, device=device)[:, None]
    floor = torch.tensor(backdrop.floor, device=device)[:, None]
    paper = floor + (wall - floor) * wallness[None]
    return _lit_paper(paper[:, :, None], light)


def floor_share(backdrop: Backdrop, *, height: int, device: torch.device) -> torch.Tensor:
    """(height,) 0..1: how much of a floor shadow a frame row can show; 1 on a flat backdrop."""
    if isinstance(backdrop, FlatBackdrop):
        return torch.ones(height, device=device)
    rows = (torch.arange(height, dtype=torch.float32) + 0.5) / height
    return (1 - _wallness(rows, backdrop) ** 2).to(device)


def _wallness(rows: torch.Tensor, backdrop: SweepBackdrop) -> torch.Tensor:
    """0 on the floor, 1 on the wall, smooth through the bend; `rows` are shares of the height."""
    half = 0.0015 + 0.30 * backdrop.bend
    rise = ((backdrop.horizon + half - rows) / (2 * half)).clamp(0, 1)
    return rise * rise * rise * (rise * (rise * 6 - 15) + 10)


def _lit_paper(paper: torch.Tensor, light: Plane) -> RgbLinear:
    """Paper, (3, H, 1), under `light` (1 = shows its own colour): (3, H, W).

    Light that reaches a shaded part has bounced off the paper more often, and each bounce tints
    it: shade gains depth of colour, not grey.
    """
    peak = paper.amax(dim=0).clamp(min=1e-4)
    depth = _DEEPENING * (1 - paper / peak)
    # Roll off towards white, so that a hot spot on light paper never clips to a flat patch.
    knee = (_KNEE / peak).expand_as(light)
    room = (1 - _KNEE) / peak
    light = torch.where(light > knee, knee + room * (1 - torch.exp((knee - light) / room)), light)
    shaded = torch.addcmul(paper * (1 - depth), paper * depth, light.clamp(max=1.0)[None])
    return shaded.mul_(light)


def _light_field(
    backdrop: SweepBackdrop, *, width: int, height: int, device: torch.device
) -> Plane:
    """(height, width) light on the paper, about 1 where the picture is brightest."""
    longest = max(width, height)
    columns = max(8, round(_FIELD_CELLS * width / longest))
    rows = max(8, round(_FIELD_CELLS * height / longest))
    # Three cells beyond each side: the spline reads past the frame's edge.
    across = torch.arange(-3, columns + 3, device=device) + 0.5
    x = (across / columns - 0.5)[None, :] * (width / height)
    y = ((torch.arange(-3, rows + 3, device=device) + 0.5) / rows)[:, None]
    light = _paper_light(x, y, backdrop)
    scale_y, scale_x = height / rows, width / columns
    field = resample(
        light[None],
        rows=Axis(height, scale_y, -3 * scale_y),
        columns=Axis(width, scale_x, -3 * scale_x),
        kernel=Kernel.SPLINE,
    )[0]
    return field / float(torch.quantile(light.flatten(), 0.97))


def _paper_light(x: torch.Tensor, y: torch.Tensor, backdrop: SweepBackdrop) -> torch.Tensor:
    """Light on the paper's own curved surface, at points in frame heights about the centre."""
    wallness = _wallness(y, backdrop)
    tilt = wallness * (math.pi / 2)
    normal_up, normal_near = torch.cos(tilt), torch.sin(tilt)
    depth = _WALL_DISTANCE * wallness
    lift = (backdrop.horizon - y).clamp(min=0)
    right, up, away = light_vector(backdrop.direction_deg, backdrop.height_deg)
    to_x = right * _LAMP_DISTANCE - x
    to_y = up * _LAMP_DISTANCE - lift
    to_z = away * _LAMP_DISTANCE - depth
    distance = torch.sqrt(to_x**2 + to_y**2 + to_z**2)
    facing = (normal_up * to_y - normal_near * to_z) / distance
    # A softbox wraps a little round the bend.
    key = ((facing + 0.35) / 1.35).clamp(min=0) * (_LAMP_DISTANCE / distance) ** 2
    sky = 0.75 + 0.25 * normal_up
    uneven = 0.62 * key + 0.38 * sky
    light = 1 + backdrop.falloff * (uneven / uneven.max() - 1)
    spot = _wall_spot(x, y, backdrop)
    sheen = backdrop.sheen * (1 - wallness) * torch.exp(-(((y - backdrop.horizon) / 0.16) ** 2))
    # The more the wall's own lamp does, the less is left of the key light on the paper.
    return light * (1 - 0.8 * backdrop.glow) + backdrop.glow * spot + sheen * (0.3 + 0.7 * spot)


def _wall_spot(x: torch.Tensor, y: torch.Tensor, backdrop: SweepBackdrop) -> torch.Tensor:
    """A second lamp's soft pool on the wall, a little to the key light's far side."""
    right = math.sin(math.radians(backdrop.direction_deg))
    across = (x + 0.10 * right) / 0.50
    upward = (y - (backdrop.horizon - 0.20)) / 0.38
    return torch.exp(-(across**2 + upward**2))
