"""What a style promised of its light, so that the finished picture can be held to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from inference.pixels.colour import RgbLinear
from inference.pixels.geometry import frame_size
from inference.rendering import look_of
from inference.requests import ParameterValue, RenderRequest
from inference.scenes.empty import empty_place, lamp_side_deg
from inference.stages.backdrop import set_backdrop
from inference.stages.place import Placement, plan_placement
from inference.styles.catalogue import find_style
from inference.styles.own_backdrop import FAMILY as OWN_BACKDROP_FAMILY
from inference.styles.scene import FAMILY as SCENE_FAMILY

# Shadows are smooth: the empty scene is compared at this size.
SCENE_SIDE_PX = 512


@dataclass(frozen=True, slots=True)
class Scene:
    """The empty set and its lamp.

    `backdrop` is (3, h, w) float32, linear light, the scene without the product, at any size of
    the result's shape; None where it is not known. `direction_deg` is where the lamp stands (0 the
    camera's side, -90 the left), None where there are several. `shadow_strength` 0..1 is what the
    style asks for; `has_mirror` says that the floor reflects.
    """

    backdrop: RgbLinear | None
    direction_deg: float | None
    shadow_strength: float
    has_mirror: bool = False


def scene_of(request: RenderRequest, *, width: int, height: int) -> Scene | None:
    """The set of a background style, for a result of `width` × `height` pixels.

    None for a path-traced scene: its lamps are many and shaded by what stands there.

    Raises:
        StyleUnknown, ParameterInvalid: the request asks for what no style can do.
    """
    style = find_style(request.style.slug)
    if style.family == SCENE_FAMILY:
        return None
    if style.family == OWN_BACKDROP_FAMILY:
        return _place_of(request, style.clean(request.style.params), max(width, height))
    look = look_of(style.family, style.clean(request.style.params))
    scale = min(1.0, SCENE_SIDE_PX / max(width, height))
    backdrop = set_backdrop(
        look.backdrop,
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        device=torch.device("cpu"),
    )
    # The photo's own shadow falls as the photo's lamps did.
    has_own_shadow = look.keeps_own_shadow and request.cutout.shadow_path is not None
    return Scene(
        backdrop=backdrop,
        direction_deg=None if has_own_shadow else look.light.direction_deg,
        shadow_strength=look.shadow_strength,
        has_mirror=look.gloss.strength > 0,
    )


def _place_of(
    request: RenderRequest, params: Mapping[str, ParameterValue], longest_side_px: int
) -> Scene:
    """A seller's own place is a photo: without the product it is known to the pixel."""
    has_own_shadow = request.cutout.shadow_path is not None
    return Scene(
        backdrop=empty_place(request, params, longest_side_px=min(SCENE_SIDE_PX, longest_side_px)),
        direction_deg=None if has_own_shadow else lamp_side_deg(request),
        shadow_strength=float(params["shadow"]) / 100,
        has_mirror=float(params["reflection"]) > 0,
    )


def placement_of(request: RenderRequest) -> Placement:
    """Where a background style's result shows the photo: what the compositor itself computed."""
    style = find_style(request.style.slug)
    look = look_of(style.family, style.clean(request.style.params))
    measurements = request.cutout.measurements
    width, height = frame_size(
        request.output, photo_width=measurements.width, photo_height=measurements.height
    )
    return plan_placement(measurements, look.framing, frame_width=width, frame_height=height)
