"""Procedural surfaces, each from a seed: colour, height in centimetres, roughness.

All are tileable and `TEXTURE_SIDE_PX` square; `tile_cm` says how large the tile is in the scene.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.plates.authoring.noise import (
    TEXTURE_SIDE_PX,
    Field,
    grid,
    linear,
    noise,
    ramp,
    sampled,
    smooth,
    smooth_along,
)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Texture:
    """A tile of a surface.

    Attributes:
        colour: (S, S, 3) float32, linear RGB, 0..1.
        height: (S, S) float32, cm.
        roughness: (S, S) float32, 0..1.
        tile_cm: side of the tile in the scene.
    """

    colour: NDArray[np.float32]
    height: Field
    roughness: Field
    tile_cm: float


@functools.cache
def oak(
    *,
    seed: int = 1,
    tile_cm: float = 72.0,
    planks: int = 6,
    dark: Colour = (112, 76, 46),
    middle: Colour = (166, 122, 80),
    light: Colour = (202, 162, 116),
    gap_cm: float = 0.12,
) -> Texture:
    """Boards of oiled oak with cathedral grain, pores and rounded joints; grain runs across."""
    side = TEXTURE_SIDE_PX
    generator = np.random.default_rng(seed)
    tone = np.zeros((side, side), np.float32)
    height = np.zeros((side, side), np.float32)
    edges = np.linspace(0, side, planks + 1).round().astype(int)
    for index, (start, stop) in enumerate(itertools.pairwise(edges)):
        board_tone, board_height = _board(seed * 97 + index, stop - start, generator)
        rows = np.arange(stop - start)
        from_edge_cm = np.minimum(rows, stop - start - 1 - rows) * (tile_cm / side)
        groove = np.clip(1 - from_edge_cm / gap_cm, 0, 1)[:, None].astype(np.float32)
        eased = np.clip(1 - from_edge_cm / (gap_cm * 4), 0, 1)[:, None].astype(np.float32)
        tone[start:stop] = board_tone - 0.75 * groove
        height[start:stop] = board_height - 0.12 * groove - 0.02 * eased**2
    colour = ramp(tone, [(-0.4, (36, 24, 15)), (0.0, dark), (0.5, middle), (1.0, light)])
    roughness = np.clip(0.42 + 0.10 * (0.6 - tone) + 0.03 * noise(seed + 5, falloff=2.4), 0.2, 0.9)
    return Texture(colour, height, roughness.astype(np.float32), tile_cm)


def _board(seed: int, rows: int, generator: np.random.Generator) -> tuple[Field, Field]:
    columns = TEXTURE_SIDE_PX
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    v = y / rows - 0.5
    u = x / columns * 2 * np.pi
    shape = (rows, columns)
    wander = noise(seed, falloff=3.2, stretch_x=1.6, stretch_y=0.35, shape=shape)
    fine = noise(seed + 7, falloff=2.2, stretch_x=4, stretch_y=0.2, shape=shape)
    centre = generator.uniform(-0.4, 0.4)
    deep = generator.uniform(0.15, 0.5)
    swell = 0.10 * np.sin(u + generator.uniform(0, 6.3)) + 0.06 * np.sin(2 * u + seed)
    radius = np.sqrt((v - centre + 0.045 * wander) ** 2 + (deep + swell + 0.03 * wander) ** 2)
    ring = radius * generator.uniform(30, 44) + 0.10 * fine
    phase = ring - np.floor(ring)
    # Early wood fades slowly into late wood, which ends sharply.
    band = np.where(phase < 0.8, phase / 0.8, (1 - phase) / 0.2) ** 1.7
    long = smooth_along(np.random.default_rng(seed + 1).standard_normal(shape, np.float32), 30)
    short = smooth_along(np.random.default_rng(seed + 2).standard_normal(shape, np.float32), 7)
    pores = np.clip(short - 1.7, 0, 1.2) * (0.4 + 0.6 * band)
    tone = 0.62 - 0.24 * band + 0.05 * long + 0.025 * short - 0.30 * pores
    tone += 0.05 * wander + generator.uniform(-0.09, 0.09)
    height = -0.006 * band - 0.012 * pores + 0.001 * long
    return tone.astype(np.float32), height.astype(np.float32)


@functools.cache
def marble(
    *,
    seed: int = 3,
    tile_cm: float = 110.0,
    base: Colour = (242, 240, 237),
    shade: Colour = (212, 210, 208),
    vein: Colour = (116, 116, 120),
    warm: Colour = (168, 146, 118),
    strength: float = 0.75,
) -> Texture:
    """Polished marble: clouds, a few broad veins, fine branching ones, some of them rusty."""
    rows, columns = grid()
    bend_y, bend_x = noise(seed, falloff=3.6), noise(seed + 1, falloff=3.6)
    crumple = noise(seed + 2, falloff=2.4, lowest=6)
    warped = (rows + 0.055 * bend_y + 0.006 * crumple, columns + 0.055 * bend_x - 0.006 * crumple)
    body = noise(seed + 3, falloff=3)

    def veins(offset: int, low: float, high: float, sharpness: float) -> Field:
        field = sampled(noise(seed + offset, falloff=3.2, lowest=low, highest=high), *warped)
        swelling = 0.55 + 0.5 * sampled(noise(seed + offset + 1, falloff=3), *warped)
        swelling = np.clip(swelling, 0.04, 1.6)
        line = np.exp(-np.abs(field) * sharpness / swelling) * np.minimum(swelling, 1)
        drawn: Field = line.astype(np.float32)
        return drawn

    lines = 0.85 * veins(10, 0.5, 3, 34) + 0.5 * veins(20, 1.5, 9, 60) + 0.22 * veins(30, 5, 26, 80)
    halo = veins(10, 0.5, 3, 3.5)
    cloud = np.clip(0.5 * halo + 0.14 * body + 0.12, 0, 1)
    stone = ramp(cloud.astype(np.float32), [(0.0, base), (1.0, shade)])
    rust = np.clip(0.25 + 0.5 * noise(seed + 40, falloff=3), 0, 1)[..., None]
    ink = linear(*vein) * (1 - rust) + linear(*warm) * rust
    share = np.clip(lines * strength, 0, 1)[..., None]
    colour = (stone * (1 - share) + ink * share).astype(np.float32)
    roughness = np.clip(0.16 + 0.025 * noise(seed + 50, falloff=2.2) + 0.06 * lines, 0.08, 0.4)
    return Texture(colour, np.zeros_like(body), roughness.astype(np.float32), tile_cm)


@functools.cache
def concrete(
    *,
    seed: int = 5,
    tile_cm: float = 120.0,
    dark: Colour = (128, 126, 122),
    middle: Colour = (166, 163, 158),
    light: Colour = (192, 189, 183),
    pits: float = 1.0,
) -> Texture:
    """Cast concrete: clouds, fine sand, air holes."""
    cloud = noise(seed, falloff=2.8)
    mottle = noise(seed + 1, falloff=1.7, lowest=12)
    grit = noise(seed + 2, falloff=0.5, lowest=150)
    holes = np.clip(noise(seed + 3, falloff=1.1, lowest=40, highest=220) - 2.7, 0, 1.0) * pits
    holes = smooth(holes, 500)
    tone = 0.52 + 0.10 * cloud + 0.05 * mottle + 0.03 * grit - 0.55 * np.clip(holes * 2, 0, 0.7)
    colour = ramp(tone, [(0.0, dark), (0.5, middle), (1.0, light)])
    height = 0.012 * cloud + 0.008 * mottle + 0.003 * grit - 0.18 * holes
    roughness = np.clip(0.66 + 0.06 * cloud + 0.05 * mottle, 0.35, 0.95)
    return Texture(colour, height.astype(np.float32), roughness.astype(np.float32), tile_cm)


@functools.cache
def plaster(
    *,
    seed: int = 7,
    tile_cm: float = 160.0,
    colour: Colour = (226, 220, 210),
    relief_cm: float = 0.05,
    mottle: float = 0.02,
) -> Texture:
    """Trowelled plaster or lime wash: soft clouds, faint strokes, a little grain."""
    cloud = noise(seed, falloff=2.8)
    strokes = noise(seed + 1, falloff=2.4, stretch_x=0.6, stretch_y=1.5, lowest=5)
    grain = noise(seed + 2, falloff=1.4, lowest=80)
    tone = 1 + mottle * (cloud + 0.8 * strokes + 0.35 * grain)
    tint = np.clip(linear(*colour) * tone[..., None], 0, 0.92).astype(np.float32)
    height = relief_cm * (0.6 * strokes + 0.16 * grain + 0.4 * cloud)
    roughness = np.clip(0.85 + 0.03 * strokes, 0.5, 1)
    return Texture(tint, height.astype(np.float32), roughness.astype(np.float32), tile_cm)


@functools.cache
def linen(
    *,
    seed: int = 9,
    tile_cm: float = 24.0,
    threads: int = 230,
    colour: Colour = (222, 213, 197),
) -> Texture:
    """Plain-woven linen with slubs."""
    rows, columns = grid()
    drift = noise(seed, falloff=2.6) * 0.0012
    u, v = (columns + drift) * threads, (rows + drift) * threads
    over = np.abs(np.sin(np.pi * u)), np.abs(np.sin(np.pi * v))
    is_warp = (np.floor(u) + np.floor(v)) % 2 > 0
    weave = np.where(is_warp, over[0] * (0.6 + 0.4 * over[1]), over[1] * (0.6 + 0.4 * over[0]))
    slub_x = noise(seed + 1, falloff=1.0, stretch_x=12, stretch_y=0.5)
    slub_y = noise(seed + 2, falloff=1.0, stretch_x=0.5, stretch_y=12)
    slub = np.where(is_warp, slub_x, slub_y)
    tone = 0.86 + 0.16 * weave + 0.035 * slub + 0.02 * noise(seed + 3, falloff=2)
    tint = np.clip(linear(*colour) * tone[..., None], 0, 0.9).astype(np.float32)
    height = 0.02 * weave + 0.004 * slub
    rough = np.full_like(height, 0.9, np.float32)
    return Texture(tint, height.astype(np.float32), rough, tile_cm)


@functools.cache
def terrazzo(
    *,
    seed: int = 11,
    tile_cm: float = 60.0,
    base: Colour = (232, 226, 217),
    chips: tuple[Colour, ...] = (
        (196, 150, 120),
        (120, 124, 122),
        (214, 196, 170),
        (168, 100, 76),
        (96, 104, 100),
    ),
) -> Texture:
    """Polished terrazzo: angular chips of several sizes in a pale binder."""
    generator = np.random.default_rng(seed)
    colour = np.tile(linear(*base), (TEXTURE_SIDE_PX, TEXTURE_SIDE_PX, 1)).astype(np.float32)
    colour *= 1 + 0.02 * noise(seed + 1)[..., None]
    taken = np.zeros(colour.shape[:2], bool)
    wobble = noise(seed + 2, falloff=2, lowest=30)
    sizes = np.sort(np.clip(generator.pareto(1.7, 1500) * 0.20 + 0.13, 0.13, 1.15))[::-1]
    for size_cm in sizes:
        _chip(colour, taken, wobble, generator, size_cm * TEXTURE_SIDE_PX / tile_cm, chips)
    roughness = np.full(taken.shape, 0.16, np.float32) + 0.04 * (~taken)
    return Texture(colour, np.zeros(taken.shape, np.float32), roughness.astype(np.float32), tile_cm)


def _chip(
    colour: NDArray[np.float32],
    taken: NDArray[np.bool_],
    wobble: Field,
    generator: np.random.Generator,
    radius_px: float,
    chips: tuple[Colour, ...],
) -> None:
    """Lay one convex chip with 4 to 7 sides where there is still room."""
    side = TEXTURE_SIDE_PX
    reach = int(radius_px * 1.5) + 2
    row, column = generator.integers(0, side, 2)
    rows = (row + np.arange(-reach, reach)) % side
    columns = (column + np.arange(-reach, reach)) % side
    y, x = np.mgrid[-reach:reach, -reach:reach].astype(np.float32)
    sides = generator.integers(4, 8)
    angles = np.sort(generator.uniform(0, 2 * np.pi, sides))
    window = np.ix_(rows, columns)
    edge = radius_px * (0.9 + 0.05 * wobble[window])
    distance = np.max(
        [x * np.cos(a) + y * np.sin(a) / generator.uniform(0.6, 1.0) for a in angles], axis=0
    )
    inside = (distance < edge) & (np.hypot(x, y) < radius_px * 1.4)
    if (inside & taken[window]).any():
        return
    pick = chips[generator.integers(0, len(chips))]
    tint = linear(*pick) * generator.uniform(0.85, 1.12)
    patch = colour[window]
    patch[inside] = tint * (1 + 0.05 * wobble[window][inside][:, None])
    colour[window] = patch
    held = taken[window]
    held |= inside
    taken[window] = held


@functools.cache
def tiles(
    *,
    seed: int = 13,
    tile_cm: float = 60.0,
    across: int = 6,
    down: int = 6,
    colour: Colour = (205, 214, 206),
    spread: float = 0.10,
    joint: Colour = (214, 210, 202),
    joint_cm: float = 0.22,
    wave_cm: float = 0.03,
    is_bonded: bool = False,
) -> Texture:
    """Hand-glazed tiles: each a little different in colour, tilt and gloss."""
    generator = np.random.default_rng(seed)
    rows, columns = grid()
    row = np.floor(rows * down).astype(int)
    shift = (row % 2) * (0.5 if is_bonded else 0.0)
    column = np.floor(columns * across + shift).astype(int) % across
    v = rows * down - row
    u = (columns * across + shift) % 1
    to_edge = np.minimum(
        np.minimum(u, 1 - u) * tile_cm / across, np.minimum(v, 1 - v) * tile_cm / down
    )
    to_edge = to_edge + 0.03 * noise(seed + 4, falloff=1.8, lowest=20)
    body = np.clip((to_edge - joint_cm / 2) / 0.05, 0, 1).astype(np.float32)
    shape = (down, across)
    tone = generator.normal(0, spread, shape)[row, column]
    tilt = generator.normal(0, 0.012, (2, *shape))
    glaze = noise(seed + 1, falloff=2.6, lowest=4)
    pool = np.clip(1 - (to_edge - joint_cm / 2) / 0.7, 0, 1)
    tint = linear(*colour) * np.exp(tone + 0.03 * glaze - 0.08 * pool)[..., None]
    mixed = tint * body[..., None] + linear(*joint) * (1 - body)[..., None]
    dome = np.clip((to_edge - joint_cm / 2) / 0.4, 0, 1)
    relief = (u - 0.5) * tilt[0][row, column] + (v - 0.5) * tilt[1][row, column]
    height = 0.06 * (1 - (1 - dome) ** 2) + relief * tile_cm / across + wave_cm * glaze * 0.4
    height = np.where(body > 0, height, 0) * body
    roughness = 0.85 + (0.13 + 0.03 * noise(seed + 2) - 0.85) * body
    return Texture(
        np.clip(mixed, 0, 0.9).astype(np.float32),
        height.astype(np.float32),
        np.clip(roughness, 0.06, 0.95).astype(np.float32),
        tile_cm,
    )


@functools.cache
def sand(
    *,
    seed: int = 17,
    tile_cm: float = 90.0,
    dark: Colour = (178, 152, 122),
    middle: Colour = (210, 180, 142),
    light: Colour = (232, 208, 174),
) -> Texture:
    """Fine dry sand: grain by grain colour over soft hollows."""
    grain = noise(seed, falloff=0.2, lowest=300)
    cloud = noise(seed + 1, falloff=2.8)
    hollows = noise(seed + 2, falloff=2.6, lowest=8)
    tone = 0.55 + 0.14 * grain + 0.06 * cloud + 0.03 * hollows
    colour = ramp(tone, [(0.0, dark), (0.5, middle), (1.0, light)])
    height = 0.0025 * grain + 0.04 * hollows
    roughness = np.full(grain.shape, 0.95, np.float32)
    return Texture(colour, height.astype(np.float32), roughness, tile_cm)


@functools.cache
def stone(
    *,
    seed: int = 19,
    tile_cm: float = 70.0,
    dark: Colour = (176, 162, 144),
    middle: Colour = (208, 196, 178),
    light: Colour = (228, 218, 203),
    holes: float = 1.0,
) -> Texture:
    """Honed travertine or limestone: layers along the columns' direction and elongated voids."""
    layers = noise(seed, falloff=2.6, stretch_x=0.7, stretch_y=1.6, lowest=1)
    mottle = noise(seed + 1, falloff=2.0, lowest=10)
    grit = noise(seed + 2, falloff=0.6, lowest=160)
    voids = noise(seed + 3, falloff=1.6, stretch_x=0.6, stretch_y=2.2, lowest=18, highest=160)
    voids = smooth(np.clip(voids - 2.05, 0, 1.2) * holes, 420)
    tone = 0.55 + 0.15 * layers + 0.05 * mottle + 0.03 * grit - 0.5 * np.clip(voids, 0, 0.8)
    colour = ramp(tone, [(0.0, dark), (0.5, middle), (1.0, light)])
    height = -0.16 * voids + 0.004 * grit + 0.004 * mottle
    roughness = np.clip(0.55 + 0.05 * mottle, 0.3, 0.9)
    return Texture(colour, height.astype(np.float32), roughness.astype(np.float32), tile_cm)


@functools.cache
def acrylic(*, seed: int = 23, colour: Colour = (10, 10, 12), roughness: float = 0.07) -> Texture:
    """Polished acrylic: flat colour, faint wipe marks in the gloss only."""
    wipes = noise(seed, falloff=2.4, stretch_x=0.5, stretch_y=2)
    tint = np.tile(linear(*colour), (TEXTURE_SIDE_PX, TEXTURE_SIDE_PX, 1)).astype(np.float32)
    gloss = np.clip(roughness + 0.02 * wipes, 0.03, 0.4).astype(np.float32)
    return Texture(tint, np.zeros_like(wipes), gloss, 80.0)


@functools.cache
def pool(*, seed: int = 29, tile_cm: float = 120.0, colour: Colour = (150, 192, 198)) -> Texture:
    """A shallow pool seen through rippled water: caustic lines on a pale floor, waves as height."""
    side = TEXTURE_SIDE_PX
    waves = noise(seed, falloff=4.2, lowest=3, highest=26)
    slope_y, slope_x = np.gradient(waves)
    rows, columns = grid()
    # Light through each patch of surface lands where its slope bends it: the density is caustics.
    bend = 1.9
    y = ((rows * side + bend * side / 12 * slope_y * 12) % side).astype(np.int64)
    x = ((columns * side + bend * side / 12 * slope_x * 12) % side).astype(np.int64)
    landed = np.bincount((y * side + x).ravel(), minlength=side * side).reshape(side, side)
    caustics = smooth(landed.astype(np.float32), 150)
    tone = np.clip(0.80 + 0.15 * caustics, 0.7, 1.5)
    tint = np.clip(linear(*colour) * tone[..., None], 0, 0.92).astype(np.float32)
    fine = noise(seed + 1, falloff=3.4, lowest=14, highest=90)
    height = (0.10 * waves + 0.012 * fine).astype(np.float32)
    return Texture(tint, height, np.full_like(height, 0.03), tile_cm)
