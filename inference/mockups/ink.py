"""Light on ink: from reflectance to what the camera sees, in linear light."""

import torch

from inference.mockups.format import Finish
from inference.pixels.colour import Plane, RgbLinear
from inference.pixels.resize import blur

# Uncoated stock scatters most of the gloss; what is left is spread wide.
_MATTE_GLOSS = 0.45
_MATTE_SPREAD = 0.006
# Coverage below this is noise of the mask; above it the object decides the pixel.
_SOME = 0.02
# Luminance above which opaque artwork is taken for paper, not for foil.
_PAPER_LIGHT = 0.6
_LUMINANCE = (0.2126, 0.7152, 0.0722)
FOIL_TINTS = {
    "gold": (0.92, 0.66, 0.28),
    "silver": (0.90, 0.91, 0.92),
    "copper": (0.86, 0.47, 0.30),
    "rose": (0.88, 0.60, 0.54),
}


def lit(
    white: RgbLinear, black: RgbLinear, reflectance: RgbLinear, dyed: Plane, finish: Finish
) -> RgbLinear:
    """The object in its colours: `black + reflectance · (white - black)`.

    Args:
        white: (3, H, W) linear light, the picture with the object undyed.
        black: (3, H, W) the same with the object dyed black: gloss alone.
        reflectance: (3, H, W) 0..1, of ink and body, 1 is the undyed object.
        dyed: (H, W) 0..1, what of a pixel the object covers.
        finish: how it shines.
    """
    gloss = black
    if finish is Finish.MATTE:
        gloss = _scattered(black, dyed)
    is_object = (dyed > _SOME).to(white.dtype)
    share = reflectance * is_object + (1 - is_object)
    return gloss + share * (white - black)


def _scattered(black: RgbLinear, dyed: Plane) -> RgbLinear:
    """The object's gloss spread out and mostly gone; around the object nothing changes."""
    sigma = _MATTE_SPREAD * max(black.shape[1:])
    weight = blur(dyed[None], sigma).clamp_(min=1e-4)
    spread = blur(black * dyed, sigma) / weight
    return black + dyed * (_MATTE_GLOSS * spread - black)


def stamped(picture: RgbLinear, foil: RgbLinear, cover: Plane, tint: str) -> RgbLinear:
    """Lay foil over the lit object.

    Args:
        picture: (3, H, W) linear light.
        foil: (3, H, W) the faces in bright metal.
        cover: (H, W) 0..1, where foil is stamped.
        tint: a key of `FOIL_TINTS`.
    """
    colour = torch.tensor(FOIL_TINTS[tint], device=picture.device)[:, None, None]
    return picture + cover * (foil * colour - picture)


def foil_cover(ink: torch.Tensor, *, is_transparent: bool) -> Plane:
    """(H, W) where artwork is stamped: wherever it is, or where it is dark when it is opaque.

    Args:
        ink: (4, H, W) premultiplied, linear light.
        is_transparent: whether the artwork leaves something bare.
    """
    if is_transparent:
        return ink[3]
    weights = ink.new_tensor(_LUMINANCE)[:, None, None]
    light = (ink[:3] * weights).sum(dim=0) / ink[3].clamp(min=1e-4)
    return ink[3] * ((_PAPER_LIGHT - light) / (_PAPER_LIGHT * 0.5)).clamp(0, 1)
