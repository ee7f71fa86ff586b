"""Materials for the sample photos: procedural colour and relief from fixed seeds."""

from collections.abc import Sequence

import mitsuba as mi
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Image = NDArray[np.float32]
Colour = tuple[int, int, int]
Bsdf = dict[str, object]


def linear(colour: Sequence[float]) -> Image:
    """Turn 8-bit sRGB into linear 0..1."""
    c = np.asarray(colour, np.float32) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


def noise(
    shape: tuple[int, int],
    slope: float,
    seed: int,
    stretch: tuple[float, float] = (1, 1),
    lowest: float = 0,
) -> Image:
    """Make tileable noise with a power-law spectrum, (H, W) float32, mean 0, deviation 1.

    `stretch` above 1 shortens features along (y, x); `lowest` cuts waves longer than 1/lowest tile.
    """
    rows, columns = shape
    fy = np.fft.fftfreq(rows)[:, None] * rows / stretch[0]
    fx = np.fft.rfftfreq(columns)[None] * columns / stretch[1]
    frequency = np.hypot(fy, fx)
    frequency[0, 0] = 1
    gain = frequency ** (-slope / 2) * (frequency >= lowest)
    gain[0, 0] = 0
    white = np.random.default_rng(seed).standard_normal(shape)
    field = np.fft.irfft2(np.fft.rfft2(white) * gain, s=shape)
    return (field / field.std()).astype(np.float32)


def _blend(t: Image, colours: Sequence[Colour]) -> Image:
    stops = np.linspace(0, 1, len(colours))
    table = np.stack([linear(c) for c in colours])
    return np.stack([np.interp(t, stops, table[:, k]) for k in range(3)], -1).astype(np.float32)


def planks(
    colours: Sequence[Colour], count: int, seed: int, side: int = 2304
) -> tuple[Image, Image]:
    """Saw `count` boards out of ringed logs; returns linear colour (H, W, 3) and relief (H, W)."""
    height = side // count
    colour, relief = [], []
    for board in range(count):
        rng = np.random.default_rng((seed, board))
        shape = (height, side)
        y, x = np.mgrid[0:height, 0:side].astype(np.float32)
        y, x = y / height - 0.5, x / side
        warp = noise(shape, 3.4, seed * 50 + board, (2.2, 0.5))
        knot_line = 0.20 * np.sin(2 * np.pi * (x * rng.integers(1, 3) + rng.random()))
        reach = np.hypot(
            y - rng.uniform(-0.4, 0.4) + 0.04 * warp, rng.uniform(0.2, 0.5) + knot_line * 0.4
        )
        ring = np.mod(reach * rng.uniform(18, 26), 1)
        ring = ndimage.gaussian_filter(np.where(ring < 0.8, ring / 0.8, (1 - ring) / 0.2), 1.5)
        fibre = [
            ndimage.gaussian_filter1d(rng.standard_normal(shape), length, axis=1, mode="wrap")
            for length in (7, 40)
        ]
        short, long = (ndimage.gaussian_filter1d(f / f.std(), 0.7, axis=0) for f in fibre)
        pore = np.clip(short - 1.3, 0, 1)
        tone = 0.60 - 0.24 * ring**1.6 + 0.07 * long + 0.03 * short - 0.28 * pore
        tone += 0.06 * noise(shape, 2.6, seed * 70 + board) + rng.uniform(-0.09, 0.09)
        gap = np.clip(1 - np.minimum(y + 0.5, 0.5 - y) * height / 3.5, 0, 1)
        colour.append(
            _blend(np.clip(tone, 0, 1).astype(np.float32), colours) * (1 - 0.7 * gap[..., None])
        )
        relief.append(-0.25 * ring - 0.9 * pore - 6 * gap**2)
    return np.concatenate(colour).astype(np.float32), np.concatenate(relief).astype(np.float32)


def plaster(colour: Colour, seed: int, side: int = 1536) -> tuple[Image, Image]:
    """Roll wall paint over plaster."""
    shape = (side, side)
    cloud, stipple = noise(shape, 2.8, seed), noise(shape, 1.4, seed + 1, lowest=50)
    tone = 1 + 0.02 * cloud + 0.012 * stipple
    return linear(colour) * tone[..., None], 0.4 * cloud + 0.25 * stipple


def concrete(colour: Colour, seed: int, side: int = 2048) -> tuple[Image, Image]:
    """Trowel a grey screed with clouds, scuffs and pin holes."""
    shape = (side, side)
    cloud, mottle, grit = (
        noise(shape, 2.7, seed),
        noise(shape, 2.0, seed + 1, lowest=6),
        noise(shape, 0.9, seed + 2, lowest=90),
    )
    holes = ndimage.gaussian_filter(
        np.clip(noise(shape, 1.2, seed + 3, lowest=30) - 3.0, 0, 1), 1.2
    )
    tone = 1 + 0.09 * cloud + 0.05 * mottle + 0.03 * grit - 1.4 * np.clip(holes, 0, 0.4)
    return linear(colour) * tone[..., None], 0.10 * mottle + 0.06 * grit - 4 * holes


def weave(colour: Colour, threads: int, seed: int, side: int = 2048) -> tuple[Image, Image]:
    """Weave plain cloth of uneven yarn; one tile has `threads` threads each way."""
    shape = (side, side)
    drift = noise(shape, 2.6, seed) * 1.4
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    u, v = (x + drift) / side * threads, (y - drift) / side * threads
    warp, weft = np.abs(np.sin(np.pi * u)), np.abs(np.sin(np.pi * v))
    over = (np.floor(u) + np.floor(v)) % 2 > 0
    relief = np.where(over, warp * (0.6 + 0.4 * weft), weft * (0.6 + 0.4 * warp))
    rng = np.random.default_rng(seed)
    yarn = rng.normal(0, 1, (2, threads))
    uneven = np.where(
        over, yarn[0][np.floor(u).astype(int) % threads], yarn[1][np.floor(v).astype(int) % threads]
    )
    tone = 0.80 + 0.25 * relief + 0.045 * uneven + 0.03 * noise(shape, 1.0, seed + 2, lowest=30)
    return (linear(colour) * tone[..., None]).astype(np.float32), relief.astype(np.float32)


def paper(colour: Colour, seed: int, side: int = 1536) -> tuple[Image, Image]:
    """Lay coloured card: an even tone with a little tooth."""
    tooth = noise((side, side), 1.3, seed, lowest=60)
    return linear(colour) * (1 + 0.012 * tooth[..., None]), 0.5 * tooth


def tiles(colour: Colour, across: int, seed: int, side: int = 1536) -> tuple[Image, Image]:
    """Set glazed wall tiles in running bond, twice as wide as high, `across` of them in a row."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    row = np.floor(y * 2 * across)
    column = x * across + 0.5 * (row % 2)
    u, v = column % 1, (y * 2 * across) % 1
    edge = np.minimum(np.minimum(u, 1 - u) * 2, np.minimum(v, 1 - v))
    face = np.clip((edge - 0.02) / 0.03, 0, 1)
    shade = np.random.default_rng(seed).normal(1, 0.03, (2 * across, across))
    tone = shade[row.astype(int) % (2 * across), np.floor(column).astype(int) % across]
    glaze = linear(colour) * (tone * (1 + 0.01 * noise((side, side), 2.4, seed)))[..., None]
    grout = linear((176, 172, 164))
    relief = ndimage.gaussian_filter(face, 2) * 2 + 0.5 * noise(
        (side, side), 3.2, seed + 1, lowest=5
    )
    return (face[..., None] * glaze + (1 - face[..., None]) * grout).astype(
        np.float32
    ), relief.astype(np.float32)


def picture(
    image: Image,
    scale: tuple[float, float] = (1, 1),
    offset: tuple[float, float] = (0, 0),
    wrap: str = "repeat",
) -> Bsdf:
    """Wrap an array of linear values as a texture; uv is multiplied by `scale`, then shifted."""
    to_uv = mi.ScalarTransform4f().translate([*offset, 0]).scale([*scale, 1])
    bitmap = mi.Bitmap(np.ascontiguousarray(image[::-1], np.float32))  # v runs upwards
    return {"type": "bitmap", "bitmap": bitmap, "raw": True, "to_uv": to_uv, "wrap_mode": wrap}


def coat(
    colour: Sequence[float] | Bsdf,
    roughness: float,
    *,
    specular: float = 0.5,
    metallic: float = 0.0,
    clearcoat: float = 0.0,
    sheen: float = 0.0,
) -> Bsdf:
    """Describe a principled material; a plain colour is given as 8-bit sRGB."""
    base: object = colour
    if not isinstance(colour, dict):
        base = {"type": "rgb", "value": linear(colour).tolist()}
    return {
        "type": "principled", "base_color": base, "roughness": roughness, "specular": specular,
        "metallic": metallic, "clearcoat": clearcoat, "clearcoat_gloss": 0.95, "sheen": sheen,
    }  # fmt: skip


def embossed(
    material: Bsdf, relief: Image, depth: float, scale: tuple[float, float] = (1, 1)
) -> Bsdf:
    """Press a relief into a material, `depth` centimetres for each unit."""
    return {
        "type": "bumpmap",
        "arbitrary": picture(relief, scale),
        "scale": depth,
        "bsdf": material,
    }


def finish(material: Bsdf) -> mi.BSDF:
    """Load a material, seen from both sides."""
    return mi.load_dict({"type": "twosided", "bsdf": material})
