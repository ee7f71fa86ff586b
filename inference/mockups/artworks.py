"""Six pieces of artwork of our own, to try mockups with: drawn by a script, from a seed."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_SIDE_PX = 1400
_BIG = 2  # drawn this much larger, then reduced: smooth edges
_INK = (22, 26, 34, 255)
_CORAL, _AMBER, _SUN = (222, 92, 64, 255), (238, 150, 72, 255), (247, 206, 112, 255)
_TEAL, _NAVY, _CREAM = (36, 104, 108, 255), (24, 44, 74, 255), (245, 237, 220, 255)


def draw_artworks(folder: Path) -> tuple[Path, ...]:
    """Write the six as PNG files and return their paths, in the sheet's order."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "1-logo.png": _logo(),
        "2-photo.png": _photo(),
        "3-pattern.png": _pattern(),
        "4-dark.png": _dark(),
        "5-text.png": _text(),
        "6-banner.png": _banner(),
    }
    for name, image in made.items():
        image.save(folder / name)
    return tuple(folder / name for name in made)


def _canvas(
    width: int, height: int, colour: tuple[int, int, int, int]
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGBA", (width * _BIG, height * _BIG), colour)
    return image, ImageDraw.Draw(image)


def _reduced(image: Image.Image) -> Image.Image:
    return image.resize((image.width // _BIG, image.height // _BIG), Image.Resampling.BOX)


def _disc(
    draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: tuple[int, int, int, int]
) -> None:
    draw.ellipse(
        [(x - radius) * _BIG, (y - radius) * _BIG, (x + radius) * _BIG, (y + radius) * _BIG],
        fill=fill,
    )


def _words(
    draw: ImageDraw.ImageDraw,
    x: float,
    y: float,
    text: str,
    size: float,
    fill: tuple[int, int, int, int] = _INK,
) -> None:
    font = ImageFont.load_default(size * _BIG)
    draw.text((x * _BIG, y * _BIG), text, font=font, fill=fill, anchor="mm")


def _logo() -> Image.Image:
    """A flat logo on transparency."""
    side = _SIDE_PX
    image, draw = _canvas(side, side, (0, 0, 0, 0))
    for radius, colour in ((400, _CORAL), (310, _AMBER), (220, _SUN)):
        _disc(draw, side / 2, 560, radius, colour)
    for step, colour in enumerate((_TEAL, _NAVY)):
        x = np.linspace(side / 2 - 520, side / 2 + 520, 121)
        y = 640 + step * 120 + 46 * np.sin(np.linspace(0, 9.4, 121) + step * 1.4)
        edge = [(float(a) * _BIG, float(b) * _BIG) for a, b in zip(x, y, strict=True)]
        low = (960 if step else 800) * _BIG
        draw.polygon([*edge, (edge[-1][0], low), (edge[0][0], low)], fill=colour)
    _words(draw, side / 2, 1120, "GOOD TIDES", 168, _NAVY)
    _words(draw, side / 2, 1255, "surf club · est. 1987", 68, _NAVY)
    return _reduced(image)


def _photo() -> Image.Image:
    """A picture with tones of every depth: hills at dusk, from a seed."""
    width, height = 1500, 1000
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    down = (rows / height)[..., None]
    sky = (1 - down) * np.array([58, 92, 150]) + down * np.array([250, 178, 120])
    glow = np.exp(-(((columns - 980) / 210) ** 2) - ((rows - 560) / 170) ** 2)[..., None]
    picture = sky + glow * np.array([70, 60, 30])
    generator = np.random.default_rng(7)
    for layer in range(6):
        x = columns[0] / width
        ridge = (
            470
            + 88 * layer
            + sum(
                (46 / (k + 1)) * np.sin(2 * np.pi * (k + 1) * x * 1.4 + generator.uniform(0, 6.3))
                for k in range(6)
            )
        )
        tone = np.array([86, 96, 128]) * (1 - layer / 5) + np.array([14, 24, 30]) * (layer / 5)
        cover = np.clip(rows - ridge[None], 0, 1)[..., None]
        picture = picture * (1 - cover) + tone * cover
    picture += generator.normal(0, 2.2, picture.shape[:2])[..., None]
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def _pattern() -> Image.Image:
    """A pattern that tiles."""
    side = 800
    image, draw = _canvas(side, side, _CREAM)
    step = side // 4
    for row in range(5):
        for column in range(5):
            x, y = column * step, row * step
            _disc(draw, x, y, 62, (_TEAL, _CORAL)[(row + column) % 2])
            _disc(draw, x, y, 30, _CREAM)
            _disc(draw, x + step / 2, y + step / 2, 24, _AMBER)
    return _reduced(image)


def _dark() -> Image.Image:
    """A large area of near-black ink."""
    side = _SIDE_PX
    image, draw = _canvas(side, side, (14, 15, 18, 255))
    draw.rectangle([110 * _BIG, 110 * _BIG, 1290 * _BIG, 1290 * _BIG], outline=_CREAM, width=12)
    _words(draw, side / 2, 560, "NOIR", 330, _CREAM)
    _words(draw, side / 2, 860, "No. 5 · cold brew", 96, _CREAM)
    return _reduced(image)


def _text() -> Image.Image:
    """Fine text on white."""
    image, draw = _canvas(1200, 1500, (255, 255, 255, 255))
    _words(draw, 600, 140, "Ingredients", 96)
    lines = (
        "Aqua, glycerin, sodium cocoyl glutamate,",
        "lauryl glucoside, citric acid, panthenol,",
        "sodium benzoate, potassium sorbate,",
        "lavandula angustifolia oil, limonene*,",
        "linalool*, geraniol*. *natural content.",
    )
    for index in range(15):
        _words(draw, 600, 290 + index * 66, lines[index % len(lines)], 44)
    _words(draw, 600, 1360, "Batch 2204-17 · 250 ml · use within 12 months", 34)
    return _reduced(image)


def _banner() -> Image.Image:
    """Four times as wide as high."""
    image, draw = _canvas(2400, 600, _NAVY)
    for index in range(13):
        x = index * 200
        draw.polygon(
            [
                (x * _BIG, 600 * _BIG),
                ((x + 100) * _BIG, 430 * _BIG),
                ((x + 200) * _BIG, 600 * _BIG),
            ],
            fill=_TEAL,
        )
    _words(draw, 1200, 240, "SUMMER MARKET · 12 JULY", 150, _SUN)
    return _reduced(image)
