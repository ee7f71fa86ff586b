"""Flat lays drawn from the reference patterns: what the reading ought to find is known."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inference.garments.fitting import rim_loop
from inference.garments.kinds import KINDS, Build, Kind, point_names
from inference.garments.pattern import NECK, load_pattern
from inference.pixels.arrays import GreyU8, RgbU8
from inference.requests import Box, CutoutSource, Measurements, PhotoSource

SIDE = 640
FABRIC, GROUND, INSIDE = (38, 74, 148), (214, 208, 200), (24, 44, 92)


@dataclass(frozen=True, slots=True)
class FlatLay:
    """A drawn photo with its matte, and where the landmarks are."""

    rgb: RgbU8
    alpha: GreyU8
    points: dict[str, tuple[float, float]]
    metre_px: float

    def jpeg(self) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(self.rgb).save(buffer, "JPEG", quality=95)
        return buffer.getvalue()

    def alpha_png(self) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(self.alpha).save(buffer, "PNG")
        return buffer.getvalue()


def draw_flat_lay(
    kind: Kind, *, shift: tuple[float, float] = (0.0, 0.0), turn_deg: float = 0.0
) -> FlatLay:
    """Draw a kind's own pattern on plain ground, a white cross printed on its front."""
    pattern = load_pattern(kind)
    low, high = pattern.flat.min(axis=0), pattern.flat.max(axis=0)
    scale = 0.82 * SIDE / max(high - low)
    middle = (low + high) / 2
    angle = np.radians(turn_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    def placed(points: NDArray[np.float64]) -> NDArray[np.float64]:
        upright = (points - middle) * [scale, -scale]
        return np.asarray(upright @ turn + SIDE / 2 + np.asarray(shift) * SIDE)

    photo = Image.new("RGB", (SIDE, SIDE), GROUND)
    matte = Image.new("L", (SIDE, SIDE), 0)
    for panel, colour in ((1, INSIDE), (0, FABRIC)):
        rim = [tuple(point) for point in placed(pattern.flat[rim_loop(pattern, panel)]).tolist()]
        ImageDraw.Draw(photo).polygon(rim, fill=colour)
        ImageDraw.Draw(matte).polygon(rim, fill=255)
    cross = placed(np.array([[-0.06, -0.25], [0.06, -0.25], [0.0, -0.19], [0.0, -0.31]]))
    for start, end in ((0, 1), (2, 3)):
        line = [tuple(cross[start]), tuple(cross[end])]
        ImageDraw.Draw(photo).line(line, fill=(255, 255, 255), width=6)
    corners = {name: pattern.flat[vertex] for name, vertex in pattern.corners.items()}
    if KINDS[kind].build in (Build.SLEEVED, Build.SLEEVELESS):
        back = pattern.flat[(pattern.panel == 1) & (pattern.edge == NECK)]
        corners["back"] = back[int(np.abs(back[:, 0]).argmin())]
    points = {
        name: tuple(placed(corners[name][None])[0].tolist())
        for name in point_names(KINDS[kind].build)
    }
    return FlatLay(np.asarray(photo), np.asarray(matte), points, float(scale))


def save_flat_lay(folder: Path, kind: Kind = Kind.TEE) -> tuple[PhotoSource, CutoutSource]:
    """A drawn flat lay as a seller's photo with its stored cutout."""
    lay = draw_flat_lay(kind)
    photo, alpha = folder / f"{kind}.jpg", folder / f"{kind}-alpha.png"
    photo.write_bytes(lay.jpeg())
    alpha.write_bytes(lay.alpha_png())
    rows, columns = (np.flatnonzero(lay.alpha.any(axis=axis)) for axis in (1, 0))
    subject = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return (
        PhotoSource(photo, hashlib.sha256(photo.read_bytes()).hexdigest()),
        CutoutSource(
            alpha,
            hashlib.sha256(alpha.read_bytes()).hexdigest(),
            Measurements(SIDE, SIDE, subject),
        ),
    )
