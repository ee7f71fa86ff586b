"""Light and shadow plausible: the product stands on the ground, its shadow where the lamp says.

The finished picture is divided by the empty scene; what is left outside the product is its shadow
(or, on a polished floor, its mirror image).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from inference.inspect.evidence import Evidence, box_of, grown
from inference.inspect.findings import Finding, Item, Verdict
from inference.inspect.scene import Scene
from inference.pixels.arrays import BoolMask
from inference.pixels.colour import RgbLinear, srgb_to_linear
from inference.pixels.geometry import Stance, find_stance
from inference.pixels.resize import Axis, resample
from inference.requests import Box

CHECK = "light"
# A style that asks for less shadow than this asks for none.
_LEAST_STRENGTH = 0.15
# Depths under the contact line, as shares of the product's height: at it, and further down.
_AT_CONTACT, _BELOW = 0.015, 0.14
# Below this the floor is so dark that its 8-bit levels say nothing about shadow.
_DARKEST_FLOOR = 0.004
# Set on one half of the development photos; docs/inspection.md has the figures.
CONTACT_WARN = 0.10
# The darkest place lies this far below the base, as a share of the height, or further.
FLOATING_GAP = 0.032
# A handle or a spout throws its own shadow aside: less than this is no proof.
DIRECTION_WARN = 0.3
# Close round what lies flat it is dark on every side, so less of a difference tells.
RIM_DIRECTION_WARN = 0.06
_LEAST_CAST = 0.004
# More than this of something before the product hides what happens on the ground.
_VEILED = 0.05
# How far round a lying product its shadow is sought, as a share of its longest side.
_RIM = 0.02
_LEAST_RIM_PX = 20


@dataclass(frozen=True, slots=True)
class Footing:
    """What the ground shows.

    `contact` is how much light is missing at the contact line, 0..1; `deepest` the most that is
    missing further down, and `gap` that place's distance as a share of the product's height;
    `lean` is where the cast shadow falls, -1 all left to 1 all right; None without a shadow.
    """

    contact: float
    deepest: float
    gap: float
    lean: float | None
    region: Box


def check_light(evidence: Evidence) -> Finding:
    """Compare the ground with what the style's lamp must do to it."""
    scene = evidence.scene
    if scene is None or scene.backdrop is None:
        return _unchecked("Light and shadow of this scene cannot be measured; please look at them.")
    if not scene.is_grounded:
        return _unchecked("In this scene the product hangs; please look whether its light fits.")
    if "bottom" in evidence.measurements.touches:
        return _unchecked("The photo cuts the product off below, so it stands on no ground.")
    if scene.shadow_strength < _LEAST_STRENGTH and not scene.has_mirror:
        sentence = "This style shows the product without a shadow."
        return Finding(CHECK, Item.LIGHT, 1.0, Verdict.PASS, sentence)
    footing = measure_footing(evidence, scene)
    if footing is None:
        return _unchecked("The product’s base lies outside the picture or on ground too dark.")
    return _judged(footing, scene)


def _unchecked(sentence: str) -> Finding:
    return Finding(CHECK, Item.LIGHT, 0.5, Verdict.UNCHECKED, sentence)


def _judged(footing: Footing, scene: Scene) -> Finding:
    needed = CONTACT_WARN * max(scene.shadow_strength, 0.3)
    region = footing.region
    if footing.contact < needed and footing.deepest < 2 * needed:
        sentence = "The product has no shadow where it meets the ground."
        return Finding(CHECK, Item.LIGHT, 0.2, Verdict.WARN, sentence, region)
    # A mirror image changes the floor as much further down as at the contact.
    is_below = footing.gap >= FLOATING_GAP and footing.deepest > 0.9 * footing.contact
    if is_below and not scene.has_mirror:
        sentence = "The product seems to float: its shadow begins below it."
        return Finding(CHECK, Item.LIGHT, 0.2, Verdict.WARN, sentence, region)
    aside = _aside(scene)
    least = RIM_DIRECTION_WARN if scene.lies_flat else DIRECTION_WARN
    if aside and footing.lean is not None and footing.lean * aside < -least:
        side = "left" if aside > 0 else "right"
        sentence = f"The shadow falls towards the lamp, which stands on the {side}."
        return Finding(CHECK, Item.LIGHT, 0.35, Verdict.WARN, sentence, region)
    score = round(min(1.0, 0.5 + footing.contact / (4 * needed)), 3)
    sentence = "The product stands on the ground and its shadow fits the light."
    return Finding(CHECK, Item.LIGHT, score, Verdict.PASS, sentence)


def _aside(scene: Scene) -> int:
    """Where the shadow must fall: 1 to the right, -1 to the left, 0 neither clearly."""
    if scene.direction_deg is None or scene.has_mirror:
        return 0
    right = math.sin(math.radians(scene.direction_deg))
    return 0 if abs(right) < 0.35 else (-1 if right > 0 else 1)


def measure_footing(evidence: Evidence, scene: Scene) -> Footing | None:
    """Measure the ground; None where the product's base is not seen or the floor is black."""
    assert scene.backdrop is not None
    height, width = scene.backdrop.shape[1:]
    alpha = _alpha_in_frame(evidence, width, height)
    stance = find_stance(alpha)
    if stance is None or (stance.base_row > height - 2 and not scene.lies_flat):
        return None
    missing = _missing_light(evidence, scene, scene.backdrop)
    if missing is None:
        return None
    # The soft edge holds the product's own colours.
    product = grown(alpha > 0.02, 1)
    if scene.veil is not None:
        product |= scene.veil.numpy() > _VEILED
    if scene.lies_flat:
        return _rim_footing(missing, product, evidence)
    profile = _profile(missing, product, stance)
    if profile is None:
        return None
    contact, deepest, gap = profile
    return Footing(
        contact=contact,
        deepest=deepest,
        gap=gap,
        lean=None if scene.has_mirror else _lean(missing, product, stance),
        region=_ground_box(stance, evidence.frame, width),
    )


def _rim_footing(
    missing: NDArray[np.float32], product: BoolMask, evidence: Evidence
) -> Footing | None:
    """What lies flat has no base: its shadow is sought all round, close to the outline."""
    box = box_of(product)
    if box is None:
        return None
    reach = max(3, round(_RIM * max(box.width, box.height)))
    sides = {}
    for across in (-1, 0, 1):
        for down in (-1, 0, 1):
            strip = _moved(product, across * reach, down * reach) & ~product
            if (across, down) != (0, 0) and np.count_nonzero(strip) >= _LEAST_RIM_PX:
                sides[across, down] = float(missing[strip].mean())
    if not sides:
        return None
    left, right = sides.get((-1, 0)), sides.get((1, 0))
    lean = None
    if left is not None and right is not None and left + right >= _LEAST_CAST:
        lean = (right - left) / (right + left)
    outline = evidence.product_box()
    width, height = evidence.frame
    region = Box(
        max(0, outline.left),
        max(0, outline.top),
        min(width, outline.right),
        min(height, outline.bottom),
    )
    return Footing(contact=max(sides.values()), deepest=0.0, gap=0.0, lean=lean, region=region)


def _moved(mask: BoolMask, across: int, down: int) -> BoolMask:
    """The mask moved right and down, what comes in empty."""
    height, width = mask.shape
    moved = np.zeros_like(mask)
    moved[max(0, down) : height + min(0, down), max(0, across) : width + min(0, across)] = mask[
        max(0, -down) : height - max(0, down), max(0, -across) : width - max(0, across)
    ]
    return moved


def _alpha_in_frame(evidence: Evidence, width: int, height: int) -> NDArray[np.float32]:
    """The cutout in the frame, at the scene's size."""
    place = evidence.placement
    shrink = width / place.frame_width
    scale = place.scale / evidence.photo_scale * shrink
    alpha = torch.from_numpy(evidence.alpha.astype(np.float32))[None] / 255
    # A box filter first: a resample from native size would read every pixel of a large photo.
    step = max(1, int(0.5 / scale)) if scale < 0.5 else 1
    if step > 1:
        alpha = functional.avg_pool2d(alpha[None], step)[0]
    laid = resample(
        alpha,
        rows=Axis(height, scale * step, place.offset_y * shrink),
        columns=Axis(width, scale * step, place.offset_x * shrink),
    )
    return np.asarray(laid[0].clamp(0, 1).numpy())


def _missing_light(
    evidence: Evidence, scene: Scene, backdrop: RgbLinear
) -> NDArray[np.float32] | None:
    """(h, w): the share of the empty scene's light that is not there, or that changed at all."""
    height, width = backdrop.shape[1:]
    planes = torch.from_numpy(evidence.result).permute(2, 0, 1)[None].to(torch.float32)
    # Twice as fine first: a large picture is averaged in levels, which is quick, and a texture in
    # light, or its dark grain would count for too much.
    finer = (min(planes.shape[2], 2 * height), min(planes.shape[3], 2 * width))
    light = srgb_to_linear(functional.interpolate(planes, size=finer, mode="area") / 255)
    small = functional.interpolate(light, size=(height, width), mode="area")[0]
    seen, empty = small.mean(dim=0), backdrop.mean(dim=0)
    if float(empty.median()) < _DARKEST_FLOOR:
        return None
    missing = 1 - seen / empty.clamp(min=_DARKEST_FLOOR)
    if scene.has_mirror:
        missing = missing.abs()
    return np.asarray(missing.clamp(0, 1).numpy())


def _profile(
    missing: NDArray[np.float32], product: BoolMask, stance: Stance
) -> tuple[float, float, float] | None:
    """Missing light at the contact, the most further down, and how far down that is."""
    columns = stance.left + np.flatnonzero(stance.contact > 0.6)
    stand = stance.stand[columns - stance.left]
    height = missing.shape[0]
    depth = max(6, round(_BELOW * stance.height))
    rows = np.floor(stand).astype(np.int64)[:, None] + np.arange(depth)[None]
    is_seen = rows < height
    rows = np.minimum(rows, height - 1)
    is_seen &= ~product[rows, columns[:, None]]
    enough = is_seen.sum(axis=0) >= max(3, 0.25 * len(columns))
    if not enough.any():
        return None
    values = np.where(is_seen, missing[rows, columns[:, None]], 0.0)
    means = values.sum(axis=0) / np.maximum(is_seen.sum(axis=0), 1)
    first = int(np.argmax(enough))
    near = first + max(2, round(_AT_CONTACT * stance.height))
    contact = float(means[first:near].max())
    further = means[near:][enough[near:]]
    if further.size == 0:
        return contact, 0.0, 0.0
    at = int(np.argmax(further))
    return contact, float(further[at]), (near + at) / max(1.0, stance.height)


def _lean(missing: NDArray[np.float32], product: BoolMask, stance: Stance) -> float | None:
    """Right less left of the cast shadow beside the base, over both; None where it is faint."""
    height, width = missing.shape
    top = max(0, int(stance.base_row - 0.35 * stance.height))
    bottom = min(height, int(stance.base_row + 0.12 * stance.height) + 1)
    middle = int((stance.base_left + stance.base_right) / 2)
    reach = int(max(stance.base_right - stance.base_left, 0.5 * stance.height))
    # Both sides reach equally far, or the wider margin would win.
    reach = min(reach, middle, width - middle)
    if reach < 4:
        return None
    shadow = np.where(product, 0, missing)[top:bottom]
    shadow = np.where(shadow > 0.015, shadow, 0)
    left = float(shadow[:, middle - reach : middle].mean())
    right = float(shadow[:, middle : middle + reach].mean())
    if left + right < _LEAST_CAST:
        return None
    return (right - left) / (right + left)


def _ground_box(stance: Stance, frame: tuple[int, int], width: int) -> Box:
    """The strip of ground about the base, in output pixels."""
    scale = frame[0] / width
    margin = 0.06 * stance.height
    top = max(0, int((stance.base_row - margin) * scale))
    bottom = min(frame[1], math.ceil((stance.base_row + 1.5 * margin) * scale))
    left = max(0, int((stance.base_left - margin) * scale))
    right = min(frame[0], math.ceil((stance.base_right + margin) * scale))
    return Box(left, top, max(right, left + 1), max(bottom, top + 1))
