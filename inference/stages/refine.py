"""Sharpen a coarse matte to the photo's native resolution, following the photo's own edges.

Near the outline alpha is fitted, window by window, as an affine function of colour: a guided filter
whose fit leans on the pixels that are surely product or surely background and hardly on the
doubtful ones between them. So an edge that the network put a few pixels off moves to where the
colours change. It is done twice, coarse to fine, and only where there is doubt; the fitted
coefficients, being smooth, are then applied to the native pixels.

Source: He, Sun and Tang, "Guided image filtering", TPAMI 2013, and "Fast guided filter", 2015; the
weights follow the colour-line reasoning of Levin, Lischinski and Weiss, "A closed-form solution to
natural image matting", TPAMI 2008.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own usual name
from PIL import Image

from inference.pixels.arrays import AlphaF32, GreyU8, RgbU8
from inference.requests import Box
from inference.sessions.transfer import facts_to_host, from_array, to_device, to_host
from inference.stages.colour_line import ColourLine, colour_line

# Longest sides at which the two fits are made, in sides of the network, about; whole factors of
# each other and of the native size keep every grid aligned. The network's errors are about a pixel
# of the first level; the second is where thin parts still show.
_FIRST_SIDES, _SECOND_SIDES = 1.2, 2.4
_LARGEST_SIDE_PX = 1152  # of the second level: what its fits cost rises with the area
# Lengths in pixels of the network, chosen on composites with exact alpha.
_FIRST_RADIUS, _SECOND_RADIUS = 3.0, 2.0
_FIRST_BAND, _SECOND_BAND = 1.5, 0.6
_LINE_BAND = 4.0  # how far from the outline fur is looked for
_COLOUR_NOISE = 1e-4  # variance under which colours count as equal: 2.5 of 255, squared
_DOUBTFUL_WEIGHT = 0.2
_STRETCH = 0.1  # a fit of noisy colours stays short of 0 and 1 by about this much
_TRUST_LOW, _TRUST_HIGH = 0.4, 0.85  # explained share of alpha's variance: distrust, full trust
_STEEPNESS = 3.0
_MARGIN = 0.06
_TILE_PX = 32
_TILES_AT_ONCE, _GPU_TILES_AT_ONCE = 32, 512
_MIN_VARIANCE = 1e-4


@dataclass(frozen=True, slots=True)
class _Level:
    """One resolution of the crop. Masks say where alpha is surely 1 and surely 0.

    `guide` is (3, H, W) float32 sRGB 0..1; `matte` (H, W) float32; `inside` and `outside` (H, W).
    """

    guide: torch.Tensor
    matte: torch.Tensor
    inside: torch.Tensor
    outside: torch.Tensor

    @property
    def longest_side_px(self) -> int:
        return max(self.matte.shape)

    @property
    def doubt(self) -> torch.Tensor:
        return ~(self.inside | self.outside)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Alpha as an affine function of colour, for the tiles that need it.

    `planes` is (T, 4, S, S): three slopes and an offset; S is the tile with one pixel more on each
    side. `corners` are the tiles' top left pixels.
    """

    planes: torch.Tensor
    corners: tuple[tuple[int, int], ...]


def refine(rgb: RgbU8, coarse: AlphaF32, *, detail_px: int, device: str = "cpu") -> GreyU8:
    """Refine a coarse matte.

    Args:
        rgb: (H, W, 3) uint8 sRGB, the upright photo at native size.
        coarse: (h, w) float32 alpha, 0..1, of the same picture at any size.
        detail_px: how many pixels the network had along the subject's longer side: the fewer, the
            wider is the band that is in doubt.
        device: where the arithmetic runs, `cpu` or `cuda:N`.

    Returns:
        (H, W) uint8 alpha, 0..255, at native size: exactly 0 outside and 255 inside, soft only
        in the band between.
    """
    height, width = rgb.shape[:2]
    alpha = np.zeros((height, width), dtype=np.uint8)
    crop = _crop_around(coarse, width, height)
    if crop is None:
        return alpha
    where = np.s_[crop.top : crop.bottom, crop.left : crop.right]
    pixels = to_device(rgb[where], torch.device(device))
    largest = min(_SECOND_SIDES * detail_px, _LARGEST_SIDE_PX)
    factor = max(1, round(max(crop.width, crop.height) / largest))
    guide = _guide(pixels, factor)
    level = _second_level(guide, _window(coarse, crop, (width, height), guide, factor), detail_px)
    radius = max(2, round(_SECOND_RADIUS * level.longest_side_px / detail_px))
    reach = max(1, round(_LINE_BAND * level.longest_side_px / detail_px))
    line = colour_line(level.guide, *_sure(level.matte, reach))
    fit = _fit(level, radius, line)
    speaks = line.say > 0
    level = replace(level, inside=level.inside & ~speaks, outside=level.outside & ~speaks)
    native = _enlarged(level.inside.byte() * 255, factor)
    _write_band(native, pixels, level, fit, factor)
    alpha[where] = to_host(native[: crop.height, : crop.width])
    return alpha


def _crop_around(coarse: AlphaF32, width: int, height: int) -> Box | None:
    """The subject's box with a margin, in native pixels; None where there is no subject."""
    rows = np.flatnonzero((coarse > _STRETCH).any(axis=1))
    columns = np.flatnonzero((coarse > _STRETCH).any(axis=0))
    if rows.size == 0:
        return None
    scale_y, scale_x = height / coarse.shape[0], width / coarse.shape[1]
    top, bottom = rows[0] * scale_y, (rows[-1] + 1) * scale_y
    left, right = columns[0] * scale_x, (columns[-1] + 1) * scale_x
    margin = _MARGIN * max(bottom - top, right - left) + 2
    return Box(
        left=max(0, int(left - margin)),
        top=max(0, int(top - margin)),
        right=min(width, int(right + margin) + 1),
        bottom=min(height, int(bottom + margin) + 1),
    )


def _guide(pixels: torch.Tensor, factor: int) -> torch.Tensor:
    """(H, W, 3) uint8 averaged over squares of a whole factor, as (3, h, w) float32 0..1."""
    if pixels.device.type == "cpu":  # Pillow is several times faster than torch here
        image = Image.fromarray(pixels.numpy())
        small = np.asarray(image.reduce(factor) if factor > 1 else image)
        return from_array(small).permute(2, 0, 1).float().div_(255)
    planes = _shrunk(pixels.permute(2, 0, 1).float(), factor)
    # In whole levels, as Pillow's.
    return planes.add_(0.5).floor_().div_(255)


def _window(
    coarse: AlphaF32, crop: Box, size: tuple[int, int], guide: torch.Tensor, factor: int
) -> torch.Tensor:
    """The part of the coarse matte that lies under the guide, at the guide's size."""
    scale_x, scale_y = coarse.shape[1] / size[0], coarse.shape[0] / size[1]
    height, width = guide.shape[1:]
    # The guide's last row and column may cover less than a whole factor; the matte follows it.
    right = min((crop.left + width * factor) * scale_x, coarse.shape[1])
    bottom = min((crop.top + height * factor) * scale_y, coarse.shape[0])
    window = Image.fromarray(coarse).resize(
        (width, height),
        Image.Resampling.BILINEAR,
        box=(crop.left * scale_x, crop.top * scale_y, right, bottom),
    )
    return to_device(np.asarray(window), guide.device)


def _second_level(guide: torch.Tensor, coarse: torch.Tensor, detail_px: int) -> _Level:
    """Fit once at low resolution and carry the better matte up to the guide's own."""
    factor = max(1, round(max(coarse.shape) / (_FIRST_SIDES * detail_px)))
    first_coarse = _shrunk(coarse[None], factor)[0]
    band = _FIRST_BAND * max(first_coarse.shape) / detail_px
    inside, outside = _sure(first_coarse, max(1, round(band)))
    first = _Level(_shrunk(guide, factor), _steep(first_coarse), inside, outside)
    fit = _fit(first, max(2, round(_FIRST_RADIUS * first.longest_side_px / detail_px)))

    size = coarse.shape
    matte = _steep(coarse)
    surely_in = _enlarged_mask(inside, factor, size)
    surely_out = _enlarged_mask(outside, factor, size)
    padded = F.pad(matte, (0, -size[1] % (_TILE_PX * factor), 0, -size[0] % (_TILE_PX * factor)))
    tiles = _as_tiles(padded, _TILE_PX * factor)
    for rows, columns, planes in _enlarged_tiles(fit, factor):
        tiles[rows, :, columns] = _applied(planes, _cut(guide, rows, columns, planes.shape[-1]))
    matte = padded[: size[0], : size[1]]
    matte[surely_in], matte[surely_out] = 1.0, 0.0
    inside, outside = _sure(matte, max(1, round(_SECOND_BAND * max(size) / detail_px)))
    return _Level(guide, matte, inside | surely_in, outside | surely_out)


def _steep(matte: torch.Tensor) -> torch.Tensor:
    """A steeper ramp through one half: what the network blurs is mostly an edge."""
    return ((matte - 0.5) * _STEEPNESS + 0.5).clamp(0, 1)


def _sure(matte: torch.Tensor, band_px: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Masks of what is surely 1 and surely 0: further than `band_px` from any other value."""
    others = _grown(torch.stack([matte <= 1 - _STRETCH, matte >= _STRETCH]), band_px)
    return ~others[0], ~others[1]


def _grown(masks: torch.Tensor, reach_px: int) -> torch.Tensor:
    """(N, H, W) bool masks, each grown by a square."""
    grown = masks
    for _ in range(reach_px):  # a pooling of the same size takes ten times as long
        rows = F.pad(grown, (0, 0, 1, 1))
        tall = rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
        columns = F.pad(tall, (1, 1))
        grown = columns[:, :, :-2] | columns[:, :, 1:-1] | columns[:, :, 2:]
    return grown


def _fit(level: _Level, radius: int, line: ColourLine | None = None) -> _Fit:
    """Fit alpha to colour in every tile that holds doubt, and let the colour line have its say."""
    doubt = level.doubt
    wanted = doubt if line is None else doubt | (line.say > 0)
    # One pixel further: enlarging a tile's planes looks one pixel beyond the doubtful ones.
    corners = _tiles_with(_grown(wanted[None], 1)[0])
    if not corners:
        return _Fit(level.matte.new_zeros((0, 4, _TILE_PX + 2, _TILE_PX + 2)), ())
    weight = torch.where(doubt, _DOUBTFUL_WEIGHT, 1.0)
    stack = torch.cat([level.guide, level.matte[None], weight[None]])
    reach = 2 * radius + 1
    over_y, over_x = (-side % _TILE_PX for side in level.matte.shape)
    padded = F.pad(stack[None], (reach, reach + over_x, reach, reach + over_y), mode="replicate")[0]
    side = _TILE_PX + 2 * reach
    parts = []
    at_once = _at_once(stack.device)
    for start in range(0, len(corners), at_once):
        some = corners[start : start + at_once]
        tiles = torch.stack([padded[:, y : y + side, x : x + side] for y, x in some])
        parts.append(_fit_tiles(tiles, radius))
    planes = torch.cat(parts)
    return _Fit(planes if line is None else _with_line(planes, corners, level, line), corners)


def _with_line(
    planes: torch.Tensor, corners: tuple[tuple[int, int], ...], level: _Level, line: ColourLine
) -> torch.Tensor:
    """Blend the tiles' planes with the line's; beyond the fits' own band the matte is constant."""
    over_y, over_x = (-side % _TILE_PX for side in level.matte.shape)
    stack = torch.cat([line.planes, line.say[None], level.doubt[None], level.matte[None]])
    padded = F.pad(stack[None], (1, 1 + over_x, 1, 1 + over_y), mode="replicate")[0]
    side = _TILE_PX + 2
    tiles = torch.stack([padded[:, y : y + side, x : x + side] for y, x in corners])
    say, doubt, matte = tiles[:, 4:5], tiles[:, 5:6], tiles[:, 6:7]
    constant = torch.cat([torch.zeros_like(tiles[:, :3]), matte], 1)
    fitted = torch.where(doubt > 0, planes, constant)
    return fitted + (tiles[:, :4] - fitted) * say


def _tiles_with(mask: torch.Tensor) -> tuple[tuple[int, int], ...]:
    height, width = mask.shape
    padded = F.pad(mask.float(), (0, -width % _TILE_PX, 0, -height % _TILE_PX))
    occupied = F.max_pool2d(padded[None], _TILE_PX)[0] > 0
    places = facts_to_host(occupied.nonzero()) * _TILE_PX
    return tuple((row, column) for row, column in places.tolist())


def _fit_tiles(tiles: torch.Tensor, radius: int) -> torch.Tensor:
    """(T, 5, S, S) colour, alpha, weight with a margin of 2 radius + 1 → (T, 4, S', S') planes."""
    colour, alpha, weight = tiles[:, :3], tiles[:, 3:4], tiles[:, 4:5]
    red, green, blue = colour.unbind(1)
    squares = torch.stack(
        [red * red, red * green, red * blue, green * green, green * blue, blue * blue], 1
    )
    moments = torch.cat([colour, alpha, squares, colour * alpha, alpha * alpha], 1)
    means = _box(torch.cat([moments * weight, weight], 1), radius)
    means = means[:, :-1] / means[:, -1:]
    mean_colour, mean_alpha = means[:, :3], means[:, 3:4]
    covariance = (
        means[:, 4:10] - mean_colour[:, [0, 0, 0, 1, 1, 2]] * mean_colour[:, [0, 1, 2, 1, 2, 2]]
    )
    with_alpha = means[:, 10:13] - mean_colour * mean_alpha
    variance = means[:, 13:14] - mean_alpha * mean_alpha
    slopes = _solve(covariance, with_alpha)
    offset = mean_alpha - (slopes * mean_colour).sum(1, keepdim=True)
    residual = (variance - (slopes * with_alpha).sum(1, keepdim=True)).clamp_min(0)
    # Windows that explain alpha well speak louder where windows overlap.
    voice = 1 / (residual + 0.01)
    spoken = torch.cat([slopes, offset, residual, variance], 1) * voice
    heard = _box(torch.cat([spoken, voice], 1), radius)
    heard = heard[:, :-1] / heard[:, -1:]
    explained = 1 - heard[:, 4:5] / heard[:, 5:6].clamp_min(_MIN_VARIANCE)
    trust = ((explained - _TRUST_LOW) / (_TRUST_HIGH - _TRUST_LOW)).clamp(0, 1)
    inner = slice(2 * radius, tiles.shape[2] - 2 * radius)
    # Stretched, and blended with the matte so far, an affine function stays one.
    gain = trust / (1 - 2 * _STRETCH)
    matte = alpha[:, :, inner, inner]
    offset = gain * (heard[:, 3:4] - _STRETCH) + (1 - trust) * matte
    return torch.cat([gain * heard[:, :3], offset], 1)


def _box(planes: torch.Tensor, radius: int) -> torch.Tensor:
    """Sums over squares of 2 radius + 1, without padding: each side loses `radius`."""
    size = 2 * radius + 1
    channels = planes.shape[1]
    ones = planes.new_ones((channels, 1, size, 1))
    tall = F.conv2d(planes, ones, groups=channels)
    return F.conv2d(tall, ones.transpose(2, 3).contiguous(), groups=channels)


def _solve(covariance: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Solve the symmetric 3 × 3 systems per pixel by cofactors (six upper entries, row-wise)."""
    xx, xy, xz, yy, yz, zz = covariance.unbind(1)
    xx, yy, zz = xx + _COLOUR_NOISE, yy + _COLOUR_NOISE, zz + _COLOUR_NOISE
    a, b, c = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
    e, f, i = xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy
    determinant = (xx * a + xy * b + xz * c).clamp_min(1e-20)
    p, q, r = right.unbind(1)
    solution = torch.stack([a * p + b * q + c * r, b * p + e * q + f * r, c * p + f * q + i * r], 1)
    return solution / determinant[:, None]


def _applied(planes: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
    """Alpha, (T, S, S), of (T, 3, S, S) colours by (T, 4, S, S) planes."""
    alpha = torch.addcmul(planes[:, 3], planes[:, 0], colour[:, 0])
    for channel in (1, 2):
        alpha.addcmul_(planes[:, channel], colour[:, channel])
    return alpha.clamp_(0, 1)


def _enlarged_tiles(
    fit: _Fit, factor: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Some tiles at a time: their rows and columns among all tiles, and their planes.

    The planes are bilinearly enlarged and have lost their rim: (T, 4, S, S), S = tile times factor.
    """
    places = torch.tensor(fit.corners, device=fit.planes.device).view(-1, 2) // _TILE_PX
    at_once = _at_once(fit.planes.device)
    for start in range(0, len(fit.corners), at_once):
        planes = fit.planes[start : start + at_once]
        if factor > 1:
            planes = F.interpolate(planes, scale_factor=factor, mode="bilinear")
        rows, columns = places[start : start + at_once].unbind(1)
        yield rows, columns, planes[..., factor:-factor, factor:-factor]


def _at_once(device: torch.device) -> int:
    """Tiles worked on together: as many as a CPU's cache holds; a GPU wants few, large steps."""
    return _TILES_AT_ONCE if device.type == "cpu" else _GPU_TILES_AT_ONCE


def _as_tiles(plane: torch.Tensor, side: int) -> torch.Tensor:
    """A view of an (H, W) plane as (rows of tiles, side, columns of tiles, side)."""
    return plane.view(plane.shape[0] // side, side, plane.shape[1] // side, side)


def _cut(
    picture: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, side: int
) -> torch.Tensor:
    """Tiles (T, C, side, side) of a (C, H, W) picture; what lies outside it is 0."""
    tiles = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        top, left = row * side, column * side
        tile = picture[:, top : top + side, left : left + side]
        short = side - tile.shape[2], side - tile.shape[1]
        tiles.append(F.pad(tile, (0, short[0], 0, short[1])) if any(short) else tile)
    return torch.stack(tiles)


def _write_band(
    native: torch.Tensor, pixels: torch.Tensor, level: _Level, fit: _Fit, factor: int
) -> None:
    """Write the doubtful band of the native alpha into `native`, whose sides are whole tiles.

    Args:
        native: (H', W') uint8, changed in place.
        pixels: (H, W, 3) uint8 sRGB, on the same device.
        level: says where there is doubt.
        fit: the planes, at the level's resolution.
        factor: native pixels per pixel of the level.
    """
    side = _TILE_PX * factor
    target, doubt = _as_tiles(native, side), _as_tiles(_whole_tiles(level.doubt), _TILE_PX)
    planar = pixels.permute(2, 0, 1)
    for rows, columns, planes in _enlarged_tiles(fit, factor):
        colour = _cut(planar, rows, columns, side).float().div_(255)
        values = _applied(planes, colour).mul_(255).add_(0.5).byte()
        mask = doubt[rows, :, columns].repeat_interleave(factor, 1).repeat_interleave(factor, 2)
        target[rows, :, columns] = torch.where(mask, values, target[rows, :, columns])


def _whole_tiles(mask: torch.Tensor) -> torch.Tensor:
    """An (H, W) mask, filled up below and to the right until its sides are whole tiles."""
    return F.pad(mask, (0, -mask.shape[1] % _TILE_PX, 0, -mask.shape[0] % _TILE_PX))


def _shrunk(planes: torch.Tensor, factor: int) -> torch.Tensor:
    return F.avg_pool2d(planes[None], factor, ceil_mode=True)[0] if factor > 1 else planes


def _enlarged_mask(mask: torch.Tensor, factor: int, size: tuple[int, ...]) -> torch.Tensor:
    large = mask.repeat_interleave(factor, 0).repeat_interleave(factor, 1)
    return large[: size[0], : size[1]]


def _enlarged(plane: torch.Tensor, factor: int) -> torch.Tensor:
    """(H, W) bytes, filled up to whole tiles, every pixel as a square of `factor`."""
    whole = _whole_tiles(plane)
    return whole.repeat_interleave(factor, 0).repeat_interleave(factor, 1)
