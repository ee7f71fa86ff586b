"""Whether an approved picture suits a channel, said in one sentence before it is published."""

import math
from dataclasses import dataclass
from enum import StrEnum

from inference.errors import StyleUnknown
from inference.events import PhotoPlacement
from inference.pixels.arrays import RgbU8
from inference.requests import Aspect, Box, OutputSpec
from inference.stages.crops import (
    Crop,
    CropImpossible,
    border_colour,
    common_box,
    content_box,
    is_white,
    plan_crop,
)
from inference.stages.framing import framing_of, placed_box
from inference.styles.catalogue import find_style
from inference.styles.mockup import FAMILY as MOCKUP_FAMILY
from studio.core.channels import Channel
from studio.renders.models import Render

_SIDES = {"left": "on the left", "top": "at the top", "right": "on the right"}


class Suits(StrEnum):
    """How well a picture suits a channel."""

    WELL = "well"
    WITH_A_NOTE = "note"
    NOT = "refused"


@dataclass(frozen=True, slots=True)
class Picture:
    """An approved picture with what is known of it.

    `rgb` is (H, W, 3) uint8, sRGB. `backdrop` is the border's one colour or None. `product` is the
    product's box, `content` the box that must not be cut: the product with its shadow on a flat
    backdrop. `cut_edges` are the edges at which the photo itself cuts the product off.
    """

    rgb: RgbU8
    backdrop: tuple[int, int, int] | None
    product: Box
    content: Box
    cut_edges: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int]:
        return self.rgb.shape[1], self.rgb.shape[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What publishing a picture on a channel would give; `crop` is None when it is refused.

    `ground` is the colour (#rrggbb) that goes on where the crop reaches outside the picture.
    """

    channel: Channel
    suits: Suits
    sentence: str
    crop: Crop | None = None
    width: int = 0
    height: int = 0
    ground: str = "#ffffff"

    @property
    def is_refused(self) -> bool:
        return self.suits is Suits.NOT


def picture_of(render: Render, rgb: RgbU8) -> Picture:
    """Find the product in a finished picture.

    On a flat backdrop without shadow the pixels themselves say where it is. Otherwise the known
    placement does, clipped to what the pixels show.
    """
    backdrop = border_colour(rgb)
    seen = content_box(rgb, backdrop) if backdrop else None
    placed = _placed(render)
    if placed is None:
        product = seen or Box(0, 0, rgb.shape[1], rgb.shape[0])
    elif seen is None:
        product = placed
    else:
        product = common_box(placed, seen) if _has_ground(render) else seen
    return Picture(
        rgb=rgb,
        backdrop=backdrop,
        product=product,
        content=seen or product,
        cut_edges=render.cutout.measured.touches if render.cutout.measurements else (),
    )


def judge(picture: Picture, channel: Channel) -> Verdict:
    """Plan the channel's crop, or say why there is none."""
    refusal = _background_refusal(picture, channel)
    if refusal:
        return Verdict(channel, Suits.NOT, refusal)
    try:
        crop = plan_crop(
            picture.size,
            product=picture.product,
            content=picture.content,
            rule=channel.crop_rule,
            is_flat=picture.backdrop is not None,
        )
    except CropImpossible as error:
        return Verdict(channel, Suits.NOT, _crop_refusal(picture, channel, str(error)))
    width, height = _made_size(crop, channel)
    refusal = _size_refusal(channel, width, height)
    if refusal:
        return Verdict(channel, Suits.NOT, refusal)
    suits, sentence = _praise(picture, channel, crop, width, height)
    ground = "#{:02x}{:02x}{:02x}".format(*(picture.backdrop or (255, 255, 255)))
    return Verdict(channel, suits, sentence, crop, width, height, ground)


def _placed(render: Render) -> Box | None:
    """Where the product lies in the picture: as the engine said, or as its style would put it."""
    if not render.cutout.measurements:
        return None
    if render.placement is not None:
        return _told(render, PhotoPlacement.from_json(render.placement))
    try:
        family = find_style(render.style.slug).family
    except StyleUnknown:  # withdrawn since: the picture's own pixels have to do
        return None
    if family == MOCKUP_FAMILY:  # bent around an object: no box of the photo is the product's
        return None
    output = OutputSpec(render.longest_side_px, Aspect(render.aspect))
    return placed_box(render.cutout.measured, framing_of(family, render.params), output)


def _told(render: Render, placement: PhotoPlacement) -> Box:
    edges = placement.box(render.cutout.measured.subject)
    left, top = (max(0, math.floor(edge)) for edge in edges[:2])
    right, bottom = (math.ceil(edge) for edge in edges[2:])
    return Box(left, top, min(render.width or right, right), min(render.height or bottom, bottom))


def _has_ground(render: Render) -> bool:
    return any(float(render.params.get(name, 0)) > 0 for name in ("shadow", "reflection"))


def _background_refusal(picture: Picture, channel: Channel) -> str:
    if channel.needs_white and not is_white(picture.backdrop):
        return (
            f"{channel.label} wants pure white all round; this picture’s border is not exactly "
            "white. Make one in the look “Pure white”."
        )
    if channel.needs_whole_product and picture.cut_edges:
        where = " and ".join(_SIDES.get(edge, "at the bottom") for edge in picture.cut_edges)
        return (
            f"{channel.label} wants the whole product; the photo cuts it off {where}. "
            "Take a photo that shows all of it."
        )
    return ""


def _crop_refusal(picture: Picture, channel: Channel, reason: str) -> str:
    if channel.least_fill and "fills" in reason:
        return (
            f"{channel.label} wants the product to fill {channel.least_fill:.0%} of the frame; "
            f"{reason}. Use a look without a shadow."
        )
    return (
        f"{channel.label} wants another shape, and {reason}. Make the picture in that shape, or "
        "with a smaller product."
    )


def _made_size(crop: Crop, channel: Channel) -> tuple[int, int]:
    """The crop's size, made smaller to the channel's best; never enlarged."""
    if channel.best_px is None:
        return crop.width, crop.height
    scale = min(1.0, channel.best_px[0] / crop.width, channel.best_px[1] / crop.height)
    return round(crop.width * scale), round(crop.height * scale)


def _size_refusal(channel: Channel, width: int, height: int) -> str:
    is_small = width < channel.min_px[0] or height < channel.min_px[1]
    if not is_small and max(width, height) >= channel.min_long_px:
        return ""
    wanted = (
        f"{channel.min_px[0]} × {channel.min_px[1]} px"
        if is_small
        else f"{channel.min_long_px} px on the longer side"
    )
    return (
        f"{channel.label} wants at least {wanted}; this picture gives {width} × {height}. "
        "Make it at a larger size."
    )


def _praise(
    picture: Picture, channel: Channel, crop: Crop, width: int, height: int
) -> tuple[Suits, str]:
    if channel.widths_px:
        ladder = channel.ladder_px(max(width, height))
        count = len(ladder) * len(channel.formats)
        return Suits.WELL, f"{count} files, up to {ladder[0]} px."
    made = f"{width} × {height} px, the product fills {crop.fill(picture.product):.0%}."
    if max(width, height) < channel.zoom_px:
        return Suits.WITH_A_NOTE, f"{made} Shoppers can zoom from {channel.zoom_px} px."
    return Suits.WELL, made
