"""The shadow that the product cast in its own photo, laid under it in the scene."""

import numpy as np
import torch
from PIL import Image

from inference.errors import PhotoUnreadable
from inference.pixels.colour import Plane, RgbLinear
from inference.pixels.resize import Axis, Kernel, resample
from inference.requests import CutoutSource
from inference.scenes.view import ScenePlan


def with_own_shadow(
    picture: RgbLinear, cutout: CutoutSource, plan: ScenePlan, ground: Plane
) -> RgbLinear:
    """Multiply the ground with the shadow that the product cast in its photo."""
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
    return picture * (1 - (laid * ground).clamp(0, 0.95))
