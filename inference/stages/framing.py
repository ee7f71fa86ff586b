"""Where a product stands in the frame, as numbers only. Loads no torch: publishing crops by it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from inference.pixels.geometry import frame_size
from inference.requests import Box, Measurements, OutputSpec, ParameterValue
from inference.styles.background import BackgroundFamily

# A scale this close to 1 becomes exactly 1, so that the product's own bytes come through.
SNAP_TO_NATIVE = 0.004
_SIDES = (("left", "right"), ("top", "bottom"))
# Percent of reflection from which the frame makes room for it.
_SEEN_REFLECTION = 20.0


@dataclass(frozen=True, slots=True)
class Framing:
    """How a style and its seller frame a product.

    `fill` is the share of the frame that the product spans where it is relatively longest; `below`
    the share of the free height that lies under it (0.5 balances the margins; less sets a standing
    product on a lower base line). `shift_x` and `shift_y` move it by shares of the frame, right
    and down.
    """

    fill: float = 0.74
    below: float = 0.5
    shift_x: float = 0.0
    shift_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """The map from upright photo pixels to frame pixels: `frame = photo * scale + offset`."""

    frame_width: int
    frame_height: int
    scale: float
    offset_x: float
    offset_y: float

    @property
    def is_copy(self) -> bool:
        """True when the product's pixels are copied, not resampled."""
        whole = float(self.offset_x).is_integer() and float(self.offset_y).is_integer()
        return self.scale == 1.0 and whole


def plan_placement(
    measurements: Measurements, framing: Framing, *, frame_width: int, frame_height: int
) -> Placement:
    """Decide where the product goes.

    A product that the photo cuts off must not float: each cut edge lies on the frame's own edge
    or beyond it, whatever the seller's size and shift.
    """
    box = measurements.subject
    touches = frozenset(measurements.touches)
    size = (max(1, box.width), max(1, box.height))
    frame = (frame_width, frame_height)
    scale = _scale(size, frame, touches, framing)
    left = _leading_edge(
        frame_width - size[0] * scale, 0.5, framing.shift_x * frame_width, _SIDES[0], touches
    )
    top = _leading_edge(
        frame_height - size[1] * scale,
        1 - framing.below,
        framing.shift_y * frame_height,
        _SIDES[1],
        touches,
    )
    offset_x, offset_y = left - box.left * scale, top - box.top * scale
    if scale == 1.0:
        offset_x, offset_y = float(round(offset_x)), float(round(offset_y))
    return Placement(frame_width, frame_height, scale, offset_x, offset_y)


def _scale(
    size: tuple[int, int], frame: tuple[int, int], touches: frozenset[str], framing: Framing
) -> float:
    ratios = (frame[0] / size[0], frame[1] / size[1])
    scale = framing.fill * min(ratios)
    # Cut on both sides: it has to span the frame, or a straight cut would show.
    for ratio, sides in zip(ratios, _SIDES, strict=True):
        if touches.issuperset(sides):
            scale = max(scale, ratio)
    return 1.0 if abs(scale - 1.0) < SNAP_TO_NATIVE else scale


def _leading_edge(
    free: float, share: float, shift: float, sides: tuple[str, str], touches: frozenset[str]
) -> float:
    """Where the product's left or top edge lies; cut sides stay on the frame's edge or outside.

    `free` is the frame's length less the product's (negative when it is larger), `share` the part
    of it that comes first, `shift` the seller's wish; all in pixels.
    """
    leading, trailing = sides
    if leading in touches and trailing in touches:
        return min(0.0, max(free, free * share + shift))
    if leading in touches:
        return min(0.0, shift)
    if trailing in touches:
        return max(free, free + shift)
    return free * share + shift


def framing_of(family: str, params: Mapping[str, ParameterValue]) -> Framing:
    """How a background style's cleaned parameters frame the product."""
    number = {name: float(value) for name, value in params.items() if not isinstance(value, str)}
    is_white = family == BackgroundFamily.PURE_WHITE
    return Framing(
        fill=number["scale"] / 100,
        below=_below(is_white=is_white, reflection=number["reflection"]),
        shift_x=number["shift_x"] / 100,
        shift_y=number["shift_y"] / 100,
    )


def _below(*, is_white: bool, reflection: float) -> float:
    """Share of the free height under the product: a mirror image needs room."""
    if reflection >= _SEEN_REFLECTION:
        return 0.54
    return 0.5 if is_white else 0.42


def placed_box(measurements: Measurements, framing: Framing, output: OutputSpec) -> Box:
    """The product's box in the finished frame, in whole pixels outward, within the frame."""
    width, height = frame_size(
        output, photo_width=measurements.width, photo_height=measurements.height
    )
    placement = plan_placement(measurements, framing, frame_width=width, frame_height=height)
    box = measurements.subject
    edges = (
        box.left * placement.scale + placement.offset_x,
        box.top * placement.scale + placement.offset_y,
        box.right * placement.scale + placement.offset_x,
        box.bottom * placement.scale + placement.offset_y,
    )
    return Box(
        max(0, math.floor(edges[0])),
        max(0, math.floor(edges[1])),
        min(width, math.ceil(edges[2])),
        min(height, math.ceil(edges[3])),
    )
