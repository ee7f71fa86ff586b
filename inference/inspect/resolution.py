"""Resolution enough: for each channel chosen, counting what enlarging the product costs.

It needs no pixels, only where the product lies: a picture is judged anew, without the engine, when
its seller says which channels it is for. Importing this loads no torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.inspect.findings import ChannelNeed, Finding, Item, Verdict
from inference.requests import Box

CHECK = "resolution"
# A product enlarged further than this from the photo's own pixels looks soft at 100 %.
ENLARGED_WARN, ENLARGED_FAIL = 1.6, 3.0
_GRAIN = 0.02


@dataclass(frozen=True, slots=True)
class Sizes:
    """A picture's sizes: its frame (width, height), the product's box in it, both in pixels.

    `scale` is output pixels per photo pixel; above 1 the product was enlarged.
    """

    frame: tuple[int, int]
    product: Box
    scale: float


def check_resolution(sizes: Sizes, channels: Sequence[ChannelNeed]) -> Finding:
    """Compare what each channel would get, then the product with the photo's own pixels."""
    width, height = sizes.frame
    short = [need for need in channels if not is_enough(need, *_made(need, sizes))]
    if short:
        names = ", ".join(need.name for need in short)
        made = _made(short[0], sizes)
        sentence = f"{width} × {height} pixels are too few for {names}."
        if made[0] * made[1] < 0.95 * width * height:
            sentence = (
                f"Cut to its shape, this picture leaves {made[0]} × {made[1]} pixels: "
                f"too few for {names}."
            )
        return Finding(CHECK, Item.RESOLUTION, 0.0, Verdict.FAIL, sentence)
    enlarged = max(1.0, sizes.scale)
    real = [(need, [side / enlarged for side in _made(need, sizes)]) for need in channels]
    unreal = [need for need, (across, down) in real if not is_enough(need, across, down)]
    score = round(float(np.clip(1 - (enlarged - 1) / (2 * (ENLARGED_FAIL - 1)), 0, 1)), 3)
    region = _clipped(sizes)
    if unreal and enlarged > ENLARGED_WARN:
        names = ", ".join(need.name for need in unreal)
        sentence = (
            f"The photo shows the product {enlarged:.1f} times smaller than this picture: "
            f"real detail is too little for {names}."
        )
        return Finding(CHECK, Item.RESOLUTION, min(score, 0.3), Verdict.FAIL, sentence, region)
    if enlarged > ENLARGED_WARN:
        verdict = Verdict.FAIL if enlarged > ENLARGED_FAIL else Verdict.WARN
        sentence = (
            f"The product was enlarged {enlarged:.1f} times from the photo and looks soft; "
            "a larger photo or a smaller picture helps."
        )
        return Finding(CHECK, Item.RESOLUTION, score, verdict, sentence, region)
    names = ", ".join(need.name for need in channels)
    sentence = f"The photo has enough pixels for {names or 'this picture'}."
    return Finding(CHECK, Item.RESOLUTION, score, Verdict.PASS, sentence)


def _made(need: ChannelNeed, sizes: Sizes) -> tuple[float, float]:
    """(width, height) of what the channel would get: the frame, or a cut of its shape and fill.

    Publishing plans the very cut from the picture's pixels; this is how large it will be.
    """
    width, height = sizes.frame
    aspect = need.aspect or width / height
    if need.fill:
        box = sizes.product
        across = max(box.width / need.fill, box.height / need.fill * aspect)
        return round(across), round(across / aspect)
    across = min(float(width), height * aspect)
    return round(across), round(across / aspect)


def is_enough(need: ChannelNeed, width: float, height: float) -> bool:
    """Whether a picture of that size is as large as the channel asks."""
    # A pixel more or less is rounding, not resolution.
    slack = 1 + _GRAIN
    return (
        max(width, height) * slack >= need.smallest_longest_px
        and width * slack >= need.smallest_width_px
        and height * slack >= need.smallest_height_px
    )


def _clipped(sizes: Sizes) -> Box:
    box, (width, height) = sizes.product, sizes.frame
    return Box(max(0, box.left), max(0, box.top), min(width, box.right), min(height, box.bottom))
