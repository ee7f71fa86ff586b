"""A seller's own place without the product, as a look shows it: what a picture is held against."""

from dataclasses import replace

import torch

from inference.backdrops.setup import Viewpoint
from inference.errors import ParameterInvalid
from inference.pixels.colour import RgbLinear
from inference.requests import OutputSpec, RenderRequest, Tier
from inference.scenes.compositor import planned
from inference.scenes.loaded import load_plate, side_for
from inference.scenes.picture import Params, ScenePicture
from inference.scenes.views import PlaceViews
from inference.styles.own_backdrop import PLACE

# A softer lamp throws a shadow of which nobody can say where it leans.
_SOFTEST_WITH_A_SIDE = 0.6


@torch.inference_mode()
def empty_place(request: RenderRequest, params: Params, *, longest_side_px: int) -> RgbLinear:
    """(3, H, W) linear light, 0..1: the frame of the request without its product.

    Args:
        request: of the style `own-backdrop`.
        params: its cleaned parameters.
        longest_side_px: of the frame; smaller than the result's is enough.

    Raises:
        ParameterInvalid: the request names no place.
    """
    if request.place is None:
        raise ParameterInvalid(PLACE, "Choose one of your backdrops first.")
    views = PlaceViews(request.place)
    small = replace(request, output=OutputSpec(longest_side_px, request.output.aspect))
    plan = planned(small, views, params, Tier.FINAL)
    plate = views.load(plan.info.slug, longest_side_px=side_for(plan))
    loaded = load_plate(plate, torch.device("cpu"))
    return ScenePicture(plan, loaded, params).picture(None)


def lamp_side_deg(request: RenderRequest) -> float | None:
    """Where the place's lamp stands, as light checks count it; None where it has no plain side."""
    if request.place is None or request.place.setup.viewpoint is Viewpoint.ABOVE:
        return None
    setup = request.place.setup
    return setup.light_from_deg if setup.light_softness <= _SOFTEST_WITH_A_SIDE else None
