"""Place the product in the frame: how large, where, and with one resample at most."""

import numpy as np
import torch

from inference.pixels.colour import Plane, RgbaLinear
from inference.pixels.geometry import Stance, stance_of_outline
from inference.pixels.resize import Axis, resample
from inference.sessions.transfer import facts_to_host
from inference.stages.framing import Framing, Placement, plan_placement

__all__ = ["Framing", "Placement", "place_product", "plan_placement"]


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
