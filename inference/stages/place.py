"""Place the product in the frame: how large, where, and with one resample at most."""

from dataclasses import dataclass

import numpy as np
import torch

from inference.pixels.colour import Plane, RgbaLinear
from inference.pixels.geometry import Stance, stance_of_outline
from inference.pixels.resize import Axis, resample
from inference.requests import Measurements
from inference.sessions.transfer import facts_to_host

# A scale this close to 1 becomes exactly 1, so that the product's own bytes come through.
SNAP_TO_NATIVE = 0.004
_SIDES = (("left", "right"), ("top", "bottom"))


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


def place_product(
    product: RgbaLinear, placement: Placement, *, left: float, top: float, native_scale: float
) -> RgbaLinear:
    """Lay the product on an empty frame; one resample, none when the placement is a copy.

    Args:
        product: (4, h, w) float32, linear light, premultiplied, 0..1: a crop of the photo.
        placement: where photo pixels go.
        left: the crop's left edge in upright photo pixels.
        top: the crop's top edge in upright photo pixels.
        native_scale: product pixels per upright photo pixel (1 at native size).

    Returns:
        (4, H, W) float32, linear light, premultiplied, alpha and colours within 0..1.
    """
    scale = placement.scale / native_scale
    rows = Axis(placement.frame_height, scale, top * placement.scale + placement.offset_y)
    columns = Axis(placement.frame_width, scale, left * placement.scale + placement.offset_x)
    placed = resample(product, rows=rows, columns=columns)
    if rows.is_copy and columns.is_copy:
        return placed
    alpha = _solidify(placed[3].clamp_(0.0, 1.0))
    # A cubic kernel overshoots: colours stay within what their coverage allows.
    placed[:3] = torch.minimum(placed[:3].clamp_(min=0.0), alpha)
    placed[3] = alpha
    return placed


def stance_of(alpha: Plane) -> Stance | None:
    """Where a placed product stands, as `find_stance` says it; only the outline leaves the device.

    Args:
        alpha: (H, W) float32 coverage of the product in the frame, 0..1.
    """
    height = alpha.shape[0]
    solid = alpha > 0.5
    rows = torch.arange(1, height + 1, dtype=torch.int32, device=alpha.device)
    lowest = (solid * rows[:, None]).amax(dim=0)
    facts = facts_to_host(torch.cat([solid.any(dim=1).to(torch.int32), lowest]))
    return stance_of_outline(facts[:height] > 0, facts[height:].astype(np.float32))


def _solidify(alpha: torch.Tensor) -> torch.Tensor:
    """Round coverage within half an 8-bit level of none or all, so flat areas stay exact."""
    alpha = torch.where(alpha > 1 - 0.5 / 255, torch.ones_like(alpha), alpha)
    return torch.where(alpha < 0.5 / 255, torch.zeros_like(alpha), alpha)
