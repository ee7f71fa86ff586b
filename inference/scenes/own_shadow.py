"""The shadow that the product cast in its own photo, laid under it in the scene."""

import torch

from inference.pixels.colour import Plane, RgbLinear
from inference.plates.format import Support
from inference.requests import CutoutSource
from inference.scenes.view import ScenePlan
from inference.stages.kept_shadow import lay_own_shadow, read_own_shadow

# The photo's shadow ends this high over the product's foot, fading in below that; shares of height.
_HIGHEST, _FADE = 0.55, 0.3
# Some light always finds its way.
_LEAST = 0.05


def with_own_shadow(
    picture: RgbLinear, cutout: CutoutSource, plan: ScenePlan, ground: Plane, drawn: Plane
) -> RgbLinear:
    """Darken the ground by the shadow that the product cast in its photo.

    Where the drawn shadow is darker it stays as it is: the deeper of the two shows, never both, so
    that hard light keeps its own shadow and the photo's adds what the outline does not tell.

    Args:
        picture: (3, H, W) float32, linear light, the drawn shadow in.
        cutout: with a shadow of its own.
        plan: where the product is.
        ground: (H, W) 1 on the plane that the product stands on.
        drawn: (H, W) the share of light that the drawn shadow left, 0..1.

    Raises:
        PhotoUnreadable: the shadow's file is missing or damaged.
    """
    assert cutout.shadow_path is not None
    taken = read_own_shadow(cutout.shadow_path, picture.device)
    own = lay_own_shadow(taken, plan.placement, photo_width=cutout.measurements.width)
    laid = (1 - own) * ground
    if plan.info.slot.support is not Support.FLAT_LAY:
        laid = laid * _low(cutout, plan).to(laid.device)[:, None]
    return picture * ((1 - laid).clamp(min=_LEAST) / drawn.clamp(min=_LEAST)).clamp(max=1)


def _low(cutout: CutoutSource, plan: ScenePlan) -> torch.Tensor:
    """(H,) 1 where the product's foot is, 0 high above: what darkens there is no shadow on ground.

    A lamp's fall-off on the photo's own wall would lie round the product as a smudge.
    """
    box, placement = cutout.measurements.subject, plan.placement
    bottom = (box.top + box.height) * placement.scale + placement.offset_y
    height = max(1.0, box.height * placement.scale)
    rows = torch.arange(placement.frame_height) + 0.5
    return ((rows - (bottom - _HIGHEST * height)) / (_FADE * height)).clamp(0, 1)
