"""Where artwork lies on a face: an affine map from the face's centimetres to the artwork."""

import math
from dataclasses import dataclass
from enum import StrEnum

from inference.mockups.format import Face, Rect

# A tile's usual width, as a share of the face's focus.
_TILE_SHARE = 0.34
_HALF_TURN_DEG = 180.0


class Layout(StrEnum):
    """How artwork takes up its area."""

    FIT = "fit"
    FILL = "fill"
    TILE = "tile"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a seller asks of the print.

    `scale` is 1 for the layout's own size; `turn_deg` turns clockwise; `shift_x` and `shift_y`
    move it by shares of the face's focus, right and down.
    """

    layout: Layout
    scale: float = 1.0
    turn_deg: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Laying:
    """Artwork on one face.

    Attributes:
        centre_cm: of the artwork, from the face's upper left corner, right and down.
        width_cm: of the artwork (of one tile).
        height_cm: of it.
        turn_deg: clockwise.
        repeats: whether it is tiled without end.
    """

    centre_cm: tuple[float, float]
    width_cm: float
    height_cm: float
    turn_deg: float
    repeats: bool

    def matrix(self, face: Face) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Rows (a, b, c): u = a·s + b·t + c and v likewise; u, v are 0..1 over the artwork."""
        cos = math.cos(math.radians(self.turn_deg))
        sin = math.sin(math.radians(self.turn_deg))
        x, y = self.centre_cm
        rows = []
        for across, down, length in ((cos, sin, self.width_cm), (-sin, cos, self.height_cm)):
            a, b = across * face.width_cm / length, down * face.height_cm / length
            rows.append((a, b, 0.5 - (across * x + down * y) / length))
        return rows[0], rows[1]


def lay(face: Face, wish: Wish, *, width: float, height: float) -> Laying:
    """Lay artwork of `width` × `height` (any unit) on a face."""
    focus, area = _in_cm(face, face.focus), _covered(face)
    box = area if wish.layout is Layout.FILL else focus
    if wish.layout is Layout.FIT:
        # What is fitted keeps clear of the margins.
        margin = 2 * face.safe_cm
        size = min((focus[2] - margin) / width, (focus[3] - margin) / height)
    elif wish.layout is Layout.FILL:
        bleed = 2 * face.bleed_cm
        size = max((area[2] + bleed) / width, (area[3] + bleed) / height)
    else:
        size = _TILE_SHARE * focus[2] / width
    size *= wish.scale
    return Laying(
        centre_cm=(
            box[0] + box[2] / 2 + wish.shift_x * focus[2],
            box[1] + box[3] / 2 + wish.shift_y * focus[3],
        ),
        width_cm=width * size,
        height_cm=height * size,
        turn_deg=wish.turn_deg,
        repeats=wish.layout is Layout.TILE,
    )


def _covered(face: Face) -> tuple[float, float, float, float]:
    """What filled artwork covers: the area; of a wrap, the half of it around its focus.

    Stretched all around a mug, artwork would show its middle third.
    """
    left, top, width, height = _in_cm(face, face.area)
    if face.cylinder is None or face.cylinder.span_deg <= _HALF_TURN_DEG:
        return left, top, width, height
    seen = face.width_cm * _HALF_TURN_DEG / face.cylinder.span_deg
    middle = (face.focus[0] + face.focus[2]) / 2 * face.width_cm
    return middle - seen / 2, top, seen, height


def _in_cm(face: Face, rect: Rect) -> tuple[float, float, float, float]:
    """Left, top, width, height in centimetres."""
    left, top, right, bottom = rect
    return (
        left * face.width_cm,
        top * face.height_cm,
        (right - left) * face.width_cm,
        (bottom - top) * face.height_cm,
    )
