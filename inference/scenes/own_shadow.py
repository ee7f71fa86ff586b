"""The shadow that the product cast in its own photo, laid under it in the scene."""

import numpy as np
import torch
from PIL import Image

from inference.errors import PhotoUnreadable
from inference.pixels.colour import Plane, RgbLinear
from inference.pixels.resize import Axis, Kernel, resample
from inference.requests import CutoutSource, Measurements
from inference.scenes.view import ScenePlan

# The photo's shadow ends this high over the product's foot, fading in below that; shares of height.
_HIGHEST, _FADE = 0.55, 0.3


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
    """
    assert cutout.shadow_path is not None
    measurements, placement = cutout.measurements, plan.placement
    longest = max(measurements.width, measurements.height)
    wanted = min(1.0, max(1.0, placement.scale * longest) / longest)
    try:
        with Image.open(cutout.shadow_path) as image:
            size = (max(1, round(image.width * wanted)), max(1, round(image.height * wanted)))
            grey = image.convert("L").resize(size, Image.Resampling.BOX)
    except OSError as error:
        raise PhotoUnreadable("The stored shadow could not be read.") from error
    taken = 1 - torch.from_numpy(np.asarray(grey, np.float32) / 255).to(picture.device)
    scale = placement.scale * measurements.width / taken.shape[1]
    rows = Axis(placement.frame_height, scale, placement.offset_y)
    columns = Axis(placement.frame_width, scale, placement.offset_x)
    laid = resample(taken[None], rows=rows, columns=columns, kernel=Kernel.SPLINE)[0]
    laid = laid * _low(measurements, plan).to(laid.device)[:, None]
    own = 1 - (laid * ground).clamp(0, 0.95)
    return picture * (own / drawn.clamp(min=0.05)).clamp(max=1)


def _low(measurements: Measurements, plan: ScenePlan) -> torch.Tensor:
    """(H,) 1 where the product's foot is, 0 high above: what darkens there is no shadow on ground.

    A lamp's fall-off on the photo's own wall would lie round the product as a smudge.
    """
    box, placement = measurements.subject, plan.placement
    bottom = (box.top + box.height) * placement.scale + placement.offset_y
    height = max(1.0, box.height * placement.scale)
    rows = torch.arange(placement.frame_height) + 0.5
    return ((rows - (bottom - _HIGHEST * height)) / (_FADE * height)).clamp(0, 1)
