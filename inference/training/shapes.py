"""Made-up products as point surfaces: endless variety with exact outlines.

Turned vessels with handles, furniture on thin legs, bags, pails, lamps, wire racks, spectacles:
the shapes that segmenters get wrong. Every part takes a plain colour or a patch of a photograph.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional

from inference.training.splat import Surface, joined

_POINTS_PER_AREA = 1_400_000
_FEWEST, _MOST = 20_000, 1_600_000


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where shapes are made: chance, device, and (B, 3, S, S) uint8 patches to cover them with."""

    chance: torch.Generator
    device: torch.device
    patches: torch.Tensor

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand(1, generator=self.chance))

    def whole(self, low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (1,), generator=self.chance))

    def happens(self, share: float) -> bool:
        return self.between(0, 1) < share

    def finish(self) -> "Finish":
        """A colour or a patch, matt or glossy."""
        patch = self.patches[self.whole(0, len(self.patches) - 1)]
        kind = self.between(0, 1)
        if kind < 0.3:
            grey = self.between(0.75, 0.98)
            colour = torch.full((3,), grey) + torch.randn(3, generator=self.chance) * 0.02
        elif kind < 0.42:
            colour = torch.full((3,), self.between(0.02, 0.15))
        else:
            colour = torch.rand(3, generator=self.chance)
        mix = self.between(0.3, 1.0) if self.happens(0.5) else 0.0
        return Finish(colour.to(self.device), patch, mix, self.between(0, 1) ** 2)


@dataclass(frozen=True, slots=True)
class Finish:
    """How a part looks: its colour, a photograph's patch, how much of it shows, how glossy."""

    colour: torch.Tensor
    patch: torch.Tensor
    mix: float
    gloss: float

    def cover(self, points: torch.Tensor, normals: torch.Tensor, uv: torch.Tensor) -> Surface:
        picture = self.patch[None].float() / 255
        grid = (uv * 2 - 1).clamp(-1, 1).view(1, 1, -1, 2)
        seen = functional.grid_sample(picture, grid, align_corners=False)[0, :, 0].T
        colours = self.colour * (1 - self.mix) + seen * self.mix
        gloss = torch.full_like(points[:, :1], self.gloss)
        return Surface(points, normals, colours, gloss)


def made_up(shop: Workshop) -> Surface:
    """One product of a random kind."""
    kinds = [_vessel] * 2 + [_furniture] * 3 + [_pail] * 2
    kinds += [_lamp, _rack, _bag, _spectacles, _boxes, _loops]
    return joined(kinds[shop.whole(0, len(kinds) - 1)](shop))


def _count(area: float) -> int:
    return int(min(max(area * _POINTS_PER_AREA, _FEWEST), _MOST))


def _turned(shop: Workshop, finish: Finish, radii: torch.Tensor, heights: torch.Tensor) -> Surface:
    """A profile turned about the y axis; `radii` and `heights` are (K,)."""
    steps = (radii.diff() ** 2 + heights.diff() ** 2).sqrt()
    area = float((steps * (radii[1:] + radii[:-1]) / 2).sum()) * 2 * math.pi
    share = (steps * (radii[1:] + radii[:-1]) / 2 + 1e-6).to(shop.device)
    count = _count(area)
    at = torch.multinomial(share, count, replacement=True)
    along = torch.rand(count, device=shop.device)
    angle = torch.rand(count, device=shop.device) * 2 * math.pi
    radii, heights = radii.to(shop.device), heights.to(shop.device)
    radius = radii[at] + along * radii.diff()[at]
    height = heights[at] + along * heights.diff()[at]
    points = torch.stack([radius * angle.cos(), height, radius * angle.sin()], 1)
    slope = torch.stack([heights.diff()[at], -radii.diff()[at]], 1)
    normals = torch.stack([slope[:, 0] * angle.cos(), slope[:, 1], slope[:, 0] * angle.sin()], 1)
    span = (heights.amax() - heights.amin()).clamp(min=1e-3)
    uv = torch.stack([(angle / math.pi - 1).abs(), (heights.amax() - height) / span], 1)
    return finish.cover(points, functional.normalize(normals, dim=1), uv)


def _tube(shop: Workshop, finish: Finish, path: torch.Tensor, thick: float) -> Surface:
    """A round bar of radius `thick` along (K, 3) points."""
    path = path.to(shop.device)
    steps = path.diff(dim=0)
    lengths = steps.norm(dim=1)
    count = _count(float(lengths.sum()) * thick * 2 * math.pi)
    at = torch.multinomial(lengths + 1e-9, count, replacement=True)
    along = torch.rand(count, 1, device=shop.device)
    tangent = functional.normalize(steps[at], dim=1)
    helper = torch.tensor([0.31, 0.83, 0.47], device=shop.device).expand_as(tangent)
    side = functional.normalize(torch.linalg.cross(tangent, helper), dim=1)
    other = torch.linalg.cross(tangent, side)
    angle = torch.rand(count, 1, device=shop.device) * 2 * math.pi
    normals = side * angle.cos() + other * angle.sin()
    points = path[at] + steps[at] * along + normals * thick
    uv = torch.cat([(at[:, None] + along) / max(len(path) - 1, 1), angle / (2 * math.pi)], 1)
    return finish.cover(points, normals, uv)


def _bar(shop: Workshop, finish: Finish, ends: list[list[float]], thick: float) -> Surface:
    return _tube(shop, finish, torch.tensor(ends, dtype=torch.float32), thick)


def _block(
    shop: Workshop, finish: Finish, centre: list[float], size: list[float], power: float
) -> Surface:
    """A box of `size` whose edges are the rounder the lower `power` is."""
    count = _count(2 * (size[0] * size[1] + size[1] * size[2] + size[0] * size[2]))
    extent = torch.tensor(size, device=shop.device)
    faces = torch.stack([extent[1] * extent[2], extent[0] * extent[2], extent[0] * extent[1]])
    axis = torch.multinomial(faces, count, replacement=True)
    cube = torch.rand(count, 3, device=shop.device) * 2 - 1
    uv = torch.stack(
        [
            torch.where(axis == 0, cube[:, 2], cube[:, 0]),
            torch.where(axis == 1, cube[:, 2], cube[:, 1]),
        ],
        1,
    )
    sign = (torch.rand(count, device=shop.device) < 0.5).float() * 2 - 1
    cube.scatter_(1, axis[:, None], sign[:, None])
    norm = (cube.abs() ** power).sum(1, keepdim=True) ** (1 / power)
    rounded = cube / norm
    normals = rounded.sign() * rounded.abs() ** (power - 1) / extent
    points = rounded * extent / 2 + torch.tensor(centre, device=shop.device)
    return finish.cover(points, functional.normalize(normals, dim=1), uv / 2 + 0.5)


def _profile(shop: Workshop) -> tuple[torch.Tensor, torch.Tensor]:
    knots = torch.rand(shop.whole(3, 6), generator=shop.chance) * 0.32 + 0.06
    smooth = functional.interpolate(knots[None, None], size=64, mode="linear", align_corners=True)
    if shop.happens(0.7):
        smooth = functional.avg_pool1d(functional.pad(smooth, (6, 6), mode="replicate"), 13, 1)
    radii = smooth[0, 0] * shop.between(0.4, 1.3)
    heights = torch.linspace(0, shop.between(0.3, 1.2), 64)
    return torch.cat([torch.zeros(1), radii]), torch.cat([torch.zeros(1), heights])


def _arc(radius: float, rise: float, centre: list[float], start: float, end: float) -> torch.Tensor:
    angle = torch.linspace(start, end, 40)
    return torch.stack(
        [centre[0] + radius * angle.cos(), centre[1] + rise * angle.sin(), 0 * angle + centre[2]], 1
    )


def _vessel(shop: Workshop) -> list[Surface]:
    """A vase, bottle, cup or can; often with a lid, a handle or two."""
    radii, heights = _profile(shop)
    finish = shop.finish()
    parts = [_turned(shop, finish, radii, heights)]
    top, tall = float(radii[-1]), float(heights[-1])
    if shop.happens(0.5):
        lid = torch.tensor([0.0, top * shop.between(0.7, 1.05), top])
        parts.append(_turned(shop, shop.finish(), lid, torch.tensor([0.06, 0.05, 0.0]) + tall))
    for side in (1.0, -1.0) if shop.happens(0.2) else (1.0,):
        if shop.happens(0.5):
            reach, rise = shop.between(0.08, 0.25), tall * shop.between(0.15, 0.45)
            body = float(radii[32:].mean()) * 0.9
            arc = _arc(reach * side, rise, [body * side, tall * 0.55, 0.0], -1.7, 1.7)
            parts.append(_tube(shop, finish, arc, shop.between(0.008, 0.04)))
    return parts


def _pail(shop: Workshop) -> list[Surface]:
    """A pail, basket or pot with a thin bail over it."""
    low, high, tall = shop.between(0.15, 0.35), shop.between(0.2, 0.4), shop.between(0.2, 0.6)
    steps = torch.linspace(0, 1, 24)
    radii = torch.cat([torch.zeros(1), low + (high - low) * steps])
    body = _turned(shop, shop.finish(), radii, torch.cat([torch.zeros(1), tall * steps]))
    bail = _arc(high, shop.between(0.15, 0.6), [0.0, tall * 0.95, 0.0], 0.0, math.pi)
    rim = _ring(high, tall)
    return [
        body,
        _tube(shop, shop.finish(), bail, shop.between(0.004, 0.02)),
        _tube(shop, shop.finish(), rim, shop.between(0.005, 0.02)),
    ]


def _ring(radius: float, height: float) -> torch.Tensor:
    angle = torch.linspace(0, 2 * math.pi, 64)
    return torch.stack([radius * angle.cos(), 0 * angle + height, radius * angle.sin()], 1)


def _furniture(shop: Workshop) -> list[Surface]:
    """A chair, stool or table: a seat, thin legs, perhaps a back, rungs and cushions."""
    wide, deep, tall = shop.between(0.35, 1.0), shop.between(0.35, 0.7), shop.between(0.35, 0.8)
    thick, splay = shop.between(0.008, 0.035), shop.between(0.0, 0.12)
    wood, cloth = shop.finish(), shop.finish()
    round_, slab = shop.between(2.5, 14), shop.between(0.03, 0.22)
    parts = [_block(shop, cloth, [0, tall, 0], [wide, slab, deep], round_)]
    corners = [(x, z) for x in (-1, 1) for z in (-1, 1)]
    for x, z in corners:
        foot = [x * (wide / 2 - 0.03 + splay), 0.0, z * (deep / 2 - 0.03 + splay)]
        head = [x * (wide / 2 - 0.05), tall, z * (deep / 2 - 0.05)]
        parts.append(_bar(shop, wood, [foot, head], thick))
    if shop.happens(0.35):
        level = tall * shop.between(0.2, 0.6)
        for z in (-1, 1):
            reach = wide / 2 - 0.04 + splay * (1 - level / tall)
            ends = [[-reach, level, z * deep * 0.45], [reach, level, z * deep * 0.45]]
            parts.append(_bar(shop, wood, ends, thick * 0.7))
    if shop.happens(0.65):
        parts += _back(shop, wood, cloth, wide, deep, tall)
    return parts


def _back(
    shop: Workshop, wood: Finish, cloth: Finish, wide: float, deep: float, tall: float
) -> list[Surface]:
    """A chair's back: a padded slab, or spindles under a rail."""
    high, lean = tall + shop.between(0.3, 0.7), shop.between(0.0, 0.12)
    behind = -deep / 2
    if shop.happens(0.5):
        size = [wide * shop.between(0.7, 1.0), high - tall, shop.between(0.04, 0.15)]
        return [_block(shop, cloth, [0, (high + tall) / 2, behind], size, shop.between(2.5, 12))]
    number = shop.whole(2, 8)
    parts = []
    for at in range(number):
        x = (at / (number - 1) - 0.5) * wide * 0.9
        ends = [[x, tall, behind], [x, high, behind - lean]]
        parts.append(_bar(shop, wood, ends, shop.between(0.006, 0.02)))
    rail = [[-wide * 0.47, high, behind - lean], [wide * 0.47, high, behind - lean]]
    return [*parts, _bar(shop, wood, rail, shop.between(0.012, 0.04))]


def _lamp(shop: Workshop) -> list[Surface]:
    """A base, a thin pole and a shade."""
    tall, base = shop.between(0.6, 1.4), shop.between(0.1, 0.25)
    foot = _turned(
        shop, shop.finish(), torch.tensor([0.0, base, base, 0.0]), torch.tensor([0, 0, 0.03, 0.05])
    )
    pole = _bar(shop, shop.finish(), [[0, 0, 0], [0, tall, 0]], shop.between(0.005, 0.02))
    low, high, shade = shop.between(0.12, 0.35), shop.between(0.05, 0.25), shop.between(0.15, 0.4)
    steps = torch.linspace(0, 1, 12)
    hood = _turned(shop, shop.finish(), low + (high - low) * steps, tall - 0.05 + shade * steps)
    return [foot, pole, hood]


def _rack(shop: Workshop) -> list[Surface]:
    """Wires: a grid with feet, or a stack of rings."""
    finish, thick = shop.finish(), shop.between(0.004, 0.014)
    wide, tall, number = shop.between(0.3, 0.9), shop.between(0.2, 0.9), shop.whole(3, 9)
    parts = []
    if shop.happens(0.5):
        for at in range(number):
            x = (at / (number - 1) - 0.5) * wide
            path = [[x, 0, 0.2], [x, 0, -0.2], [x, tall, -0.2]]
            parts.append(_bar(shop, finish, path, thick))
            y = at / (number - 1) * tall
            parts.append(_bar(shop, finish, [[-wide / 2, y, -0.2], [wide / 2, y, -0.2]], thick))
        return parts
    for at in range(number):
        parts.append(_tube(shop, finish, _ring(wide / 2, at / (number - 1) * tall), thick))
    for at in range(number * 2):
        angle = at * math.pi / number
        x, z = wide / 2 * math.cos(angle), wide / 2 * math.sin(angle)
        parts.append(_bar(shop, finish, [[x, 0, z], [x, tall, z]], thick))
    return parts


def _bag(shop: Workshop) -> list[Surface]:
    """A soft body with one or two straps."""
    wide, tall, deep = shop.between(0.4, 0.9), shop.between(0.3, 0.8), shop.between(0.1, 0.3)
    body = _block(shop, shop.finish(), [0, tall / 2, 0], [wide, tall, deep], shop.between(3, 9))
    strap, thick = shop.finish(), shop.between(0.006, 0.025)
    parts = [body]
    for z in (-0.4, 0.4):
        arc = _arc(
            wide * shop.between(0.15, 0.4),
            shop.between(0.15, 0.7),
            [0, tall * 0.95, z * deep],
            0.0,
            math.pi,
        )
        parts.append(_tube(shop, strap, arc, thick))
    return parts


def _spectacles(shop: Workshop) -> list[Surface]:
    """Two rims, a bridge and temples."""
    rim, thick, apart = shop.between(0.12, 0.2), shop.between(0.006, 0.02), shop.between(0.2, 0.26)
    finish = shop.finish()
    parts = [_bar(shop, finish, [[-apart + rim, 0.03, 0], [apart - rim, 0.03, 0]], thick)]
    for side in (-1, 1):
        parts.append(
            _tube(shop, finish, _arc(rim, rim * 0.85, [side * apart, 0, 0], 0, 2 * math.pi), thick)
        )
        x = side * (apart + rim)
        path = [[x, 0.04, 0], [x, 0.04, -0.45], [x, -0.05, -0.6]]
        parts.append(_bar(shop, finish, path, thick))
        if shop.happens(0.5):
            disc = [side * apart, 0.0, 0.0]
            size = [rim * 1.9, rim * 1.6, 0.01]
            parts.append(_block(shop, shop.finish(), disc, size, 2.2))
    return parts


def _boxes(shop: Workshop) -> list[Surface]:
    """One to four cartons, soaps or books, side by side or stacked."""
    parts, x = [], 0.0
    for _ in range(shop.whole(1, 4)):
        size = [shop.between(0.15, 0.7), shop.between(0.15, 0.8), shop.between(0.1, 0.5)]
        centre = [x + size[0] / 2, size[1] / 2, shop.between(-0.1, 0.1)]
        parts.append(_block(shop, shop.finish(), centre, size, shop.between(3, 40)))
        x += size[0] * shop.between(0.8, 1.2)
    return parts


def _loops(shop: Workshop) -> list[Surface]:
    """A cable, necklace or headphones: smooth thin curves, some with a lump at the end."""
    knots = torch.randn(1, 3, shop.whole(4, 8), generator=shop.chance) * 0.35
    path = functional.interpolate(knots, size=120, mode="linear", align_corners=True)
    path = functional.avg_pool1d(functional.pad(path, (9, 9), mode="replicate"), 19, 1)[0].T
    parts = [_tube(shop, shop.finish(), path, shop.between(0.006, 0.04))]
    for end in (path[0], path[-1]):
        if shop.happens(0.6):
            size = [shop.between(0.08, 0.35) for _ in range(3)]
            parts.append(_block(shop, shop.finish(), end.tolist(), size, shop.between(2, 6)))
    return parts
