"""Flat print for the sample products: labels and carton panels. The wording is invented."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from surfaces import Colour, linear, noise
from surfaces import Image as Pixels

SERIF, SERIF_ITALIC = "LiberationSerif-Regular.ttf", "LiberationSerif-Italic.ttf"
SANS, SANS_BOLD = "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"


class Sheet:
    """A sheet of card to print on; places and sizes are shares of its width."""

    def __init__(self, width_px: int, height_px: int, colour: Colour) -> None:
        self.image = Image.new("RGB", (width_px, height_px), colour)
        self.draw = ImageDraw.Draw(self.image)
        self.width = width_px

    def text(
        self,
        words: str,
        x: float,
        y: float,
        size: float,
        face: str,
        ink: Colour,
        *,
        spaced: float = 0,
    ) -> None:
        """Print one line centred on (x, y); `spaced` widens the gaps, as a share of the size."""
        font = ImageFont.truetype(face, round(size * self.width))
        gap = spaced * size * self.width
        widths = [font.getlength(letter) + gap for letter in words]
        pen = x * self.width - (sum(widths) - gap) / 2
        for letter, advance in zip(words, widths, strict=True):
            self.draw.text((pen, y * self.width), letter, font=font, fill=ink, anchor="lm")
            pen += advance

    def line(self, x0: float, y0: float, x1: float, y1: float, weight: float, ink: Colour) -> None:
        box = [v * self.width for v in (x0, y0, x1, y1)]
        self.draw.line(box, fill=ink, width=max(1, round(weight * self.width)))

    def leaf(self, x: float, y: float, length: float, lean_deg: float, ink: Colour) -> None:
        """Print a pointed leaf growing from (x, y)."""
        t = np.linspace(0, 1, 40)
        half = 0.20 * np.sin(np.pi * t) ** 1.3 * (1.15 - 0.5 * t)
        outline = np.concatenate([np.stack([t, half], -1), np.stack([t, -half], -1)[::-1]]) * length
        c, s = np.cos(np.radians(lean_deg)), np.sin(np.radians(lean_deg))
        turned = outline @ np.array([[c, -s], [s, c]]) + [x, y]
        self.draw.polygon([tuple(p * self.width) for p in turned], fill=ink)

    def sprig(self, x: float, y: float, height: float, ink: Colour) -> None:
        """Print a stem with paired leaves, foot at (x, y)."""
        self.line(x, y, x, y - height, 0.006, ink)
        for share, size in ((0.18, 0.40), (0.42, 0.38), (0.66, 0.31), (0.86, 0.22)):
            for side in (-1, 1):
                self.leaf(x, y - share * height, size * height, 90 - side * 48, ink)
        self.leaf(x, y - height * 0.97, 0.24 * height, 90, ink)

    def pixels(self, tooth: float = 0.01, seed: int = 1) -> Pixels:
        """Return linear colour, (H, W, 3) float32, with a little paper tooth."""
        flat = linear(np.asarray(self.image))
        grain = noise(flat.shape[:2], 1.3, seed, lowest=40)
        return (flat * (1 + tooth * grain[..., None])).astype(np.float32)


def soap_label() -> Pixels:
    ink = (52, 66, 54)
    sheet = Sheet(1500, 1230, (240, 236, 226))
    for inset in (0.035, 0.046):
        sheet.draw.rectangle(
            [inset * 1500, inset * 1500, 1500 * (1 - inset), 1230 - inset * 1500],
            outline=ink,
            width=4,
        )
    sheet.sprig(0.5, 0.30, 0.20, ink)
    sheet.text("HAND SOAP", 0.5, 0.40, 0.092, SERIF, ink, spaced=0.12)
    sheet.line(0.40, 0.475, 0.60, 0.475, 0.003, ink)
    sheet.text("wild mint & cedar", 0.5, 0.545, 0.062, SERIF_ITALIC, ink)
    sheet.text("300 ml", 0.5, 0.68, 0.040, SANS, ink, spaced=0.08)
    return sheet.pixels()


def tea_carton() -> dict[str, Pixels]:
    """Print the front, right, left and top of a tea carton (the rest stays plain)."""
    green, cream, dark = (47, 84, 70), (238, 230, 210), (30, 52, 45)
    front = Sheet(1400, 2100, green)
    front.draw.rounded_rectangle([150, 330, 1250, 1500], 550, fill=cream)
    front.sprig(0.5, 0.62, 0.26, green)
    front.text("GREEN TEA", 0.5, 0.73, 0.095, SERIF, dark, spaced=0.10)
    front.line(0.38, 0.81, 0.62, 0.81, 0.003, dark)
    front.text("loose leaf", 0.5, 0.88, 0.070, SERIF_ITALIC, dark)
    front.text("first harvest", 0.5, 0.955, 0.044, SANS, dark, spaced=0.06)
    front.text("80 g", 0.5, 1.28, 0.055, SANS, cream, spaced=0.10)
    front.line(0, 0.115, 1, 0.115, 0.004, cream)
    side = Sheet(900, 2100, green)
    side.text("HOW TO BREW", 0.5, 0.42, 0.070, SANS_BOLD, cream, spaced=0.08)
    for row, words in enumerate(("2 g per cup", "80 °C water", "2 to 3 minutes", "steep twice")):
        side.text(words, 0.5, 0.58 + row * 0.115, 0.064, SERIF, cream)
    side.line(0, 0.179, 1, 0.179, 0.006, cream)
    for height in (1.45, 1.70, 1.95):
        side.leaf(0.5, height, 0.18, 90, (70, 112, 94))
    top = Sheet(1400, 900, green)
    top.text("GREEN TEA", 0.5, 0.33, 0.075, SERIF, cream, spaced=0.10)
    top.line(0, 0.03, 1, 0.03, 0.004, (24, 40, 35))
    plain = Sheet(900, 900, green)
    sheets = {"front": front, "right": side, "left": side, "top": top, "back": plain, "base": plain}
    return {name: sheet.pixels(0.012) for name, sheet in sheets.items()}


def speckled_glaze() -> Pixels:
    """Dip stoneware: raw clay below, oat glaze with iron specks above; (v = 0 is the foot)."""
    shape = (1200, 2400)
    clay, glaze = linear((158, 122, 92)), linear((226, 219, 204))
    y = np.linspace(1, 0, shape[0])[:, None]
    edge = 0.23 + 0.012 * noise((1, shape[1]), 3.2, 5)
    dipped = np.clip((y - edge) / 0.006 + 0.5, 0, 1)[..., None]
    thin = np.exp(-np.clip(y - edge, 0, 1) / 0.016)[..., None] * dipped
    specks = np.zeros(shape, np.float32)
    rng = np.random.default_rng(8)
    rows, columns = np.mgrid[-6:7, -6:7]
    for _ in range(1500):
        at_y, at_x, size = (
            rng.integers(6, shape[0] - 6),
            rng.integers(6, shape[1] - 6),
            rng.gamma(2.0, 0.7),
        )
        dot = np.clip(size + 0.6 - np.hypot(rows, columns), 0, 1) * rng.uniform(0.25, 0.9)
        spot = specks[at_y - 6 : at_y + 7, at_x - 6 : at_x + 7]
        np.maximum(spot, dot, out=spot)
    coat = glaze * (1 + 0.02 * noise(shape, 2.4, 6))[..., None] * (1 - 0.30 * thin)
    coat = coat * (1 - 0.72 * specks[..., None] * np.array([0.85, 1.0, 1.1]))
    raw = clay * (1 + 0.06 * noise(shape, 1.2, 7, lowest=40) - 0.25 * specks)[..., None]
    return (dipped * coat + (1 - dipped) * raw).astype(np.float32)
