"""Let the scene shine through glass, tinted as the photo's own glass is."""

from torch.nn import functional

from inference.pixels.colour import RgbaLinear, RgbLinear

# Coverage below this, away from the outline, is glass and not an edge.
_CLEAR = 0.96
# The outline's soft band, in pixels of a frame of this size.
_BAND_PX = 2
_WORKING_PX = 400
# How much of the glass's own hue the light that passes takes on.
_HUE = 0.7
_LEAST_SHARE = 0.004


def seen_through(scene: RgbLinear, product: RgbaLinear) -> RgbLinear:
    """The scene as it looks through the product's translucent parts; `scene` itself if none.

    Only the inside is tinted: an edge pixel is a mixture of product and background, and what
    shows through it is bare scene.

    Args:
        scene: (3, H, W) float32, linear light.
        product: (4, H, W) float32, linear light, premultiplied.
    """
    alpha = product[3]
    step = max(1, max(alpha.shape) // _WORKING_PX)
    coarse = functional.avg_pool2d(alpha[None, None], step, ceil_mode=True)
    covered = (coarse > 0.06).float()
    # A minimum over the neighbourhood leaves what lies well inside the outline.
    inside = -functional.max_pool2d(-covered, 2 * _BAND_PX + 1, stride=1, padding=_BAND_PX)
    clear = inside * ((_CLEAR - coarse) / 0.1).clamp(0, 1)
    if float(clear.sum()) < _LEAST_SHARE * float(covered.sum().clamp(min=1)):
        return scene
    inside = functional.interpolate(inside, size=alpha.shape, mode="bilinear")[0, 0]
    glass = inside * ((_CLEAR - alpha) / 0.1).clamp(0, 1)
    colour = product[:3] / alpha.clamp(min=1e-3)
    hue = colour / colour.amax(dim=0, keepdim=True).clamp(min=1e-3)
    # Where hardly anything of the glass itself is seen, its colour is a guess: stay clear.
    trust = (alpha / 0.15).clamp(0, 1)
    return scene * (1 - glass * trust * _HUE * (1 - hue))
