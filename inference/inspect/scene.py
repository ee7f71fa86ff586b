"""What a style promised of its light, so that the finished picture can be held to it."""

from dataclasses import dataclass
from typing import Protocol

import torch

from inference.pixels.colour import Plane, RgbLinear
from inference.pixels.geometry import frame_size
from inference.rendering import look_of
from inference.requests import RenderRequest
from inference.scenes.empty import EmptySet
from inference.stages.backdrop import set_backdrop
from inference.stages.place import Placement, plan_placement
from inference.styles.background import BackgroundFamily
from inference.styles.catalogue import find_style

# Shadows are smooth: the empty scene is compared at this size.
SCENE_SIDE_PX = 512


class EmptiesScenes(Protocol):
    """Who can draw a path-traced scene without its product: the engine's own compositor."""

    def empty_set(self, request: RenderRequest, *, longest_side_px: int) -> EmptySet | None:
        """The scene, (3, h, w) at most that large; None where the style is no such scene."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """The empty set and its lamp.

    `backdrop` is (3, h, w) float32, linear light, the scene without the product, at any size of
    the result's shape; None where it is not known. `direction_deg` is where the lamp stands (0 the
    camera's side, -90 the left), None where there are several. `shadow_strength` 0..1 is what the
    style asks for; `has_mirror` says that the floor reflects; `lies_flat` that the product lies on
    it, seen from above; `is_grounded` that it touches it. `veil` is (h, w) 0..1, what stands before
    the product.
    """

    backdrop: RgbLinear | None
    direction_deg: float | None
    shadow_strength: float
    has_mirror: bool = False
    lies_flat: bool = False
    is_grounded: bool = True
    veil: Plane | None = None


def scene_of(
    request: RenderRequest, *, width: int, height: int, sets: EmptiesScenes | None = None
) -> Scene | None:
    """The set of a result of `width` × `height` pixels; None where nobody knows it.

    Args:
        request: what the result was made from.
        width: of the result.
        height: of the result.
        sets: draws path-traced scenes; without it only the computed backdrops are known.

    Raises:
        StyleUnknown, ParameterInvalid: the request asks for what no style can do.
    """
    style = find_style(request.style.slug)
    has_own_shadow = request.cutout.shadow_path is not None
    if style.family not in set(BackgroundFamily):
        found = sets.empty_set(request, longest_side_px=SCENE_SIDE_PX) if sets else None
        return None if found is None else _scene_of_set(found, has_own_shadow=has_own_shadow)
    look = look_of(style.family, style.clean(request.style.params))
    scale = min(1.0, SCENE_SIDE_PX / max(width, height))
    backdrop = set_backdrop(
        look.backdrop,
        width=max(1, round(width * scale)),
        height=max(1, round(height * scale)),
        device=torch.device("cpu"),
    )
    # The photo's own shadow falls as the photo's lamps did.
    has_own_shadow = look.keeps_own_shadow and has_own_shadow
    return Scene(
        backdrop=backdrop,
        direction_deg=None if has_own_shadow else look.light.direction_deg,
        shadow_strength=look.shadow_strength,
        has_mirror=look.gloss.strength > 0,
    )


def _scene_of_set(found: EmptySet, *, has_own_shadow: bool) -> Scene:
    return Scene(
        backdrop=found.picture,
        direction_deg=None if has_own_shadow else found.lamp_deg,
        shadow_strength=min(1.0, found.shadow_strength),
        has_mirror=found.mirrors,
        lies_flat=found.lies,
        is_grounded=found.stands,
        veil=found.veil,
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
