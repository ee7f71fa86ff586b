"""Decide which steps of a recipe help a photo, and take those that do."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from inference.enhance.blur import LOST_FROM_PX, SOFT_FROM_PX, measure_blur, sharpen
from inference.enhance.noise import Noise, measure_noise, take_out_noise
from inference.enhance.recipe import Recipe, White, clean_recipe, number
from inference.enhance.request import Note, Outcome, Step
from inference.enhance.white import (
    CONFIDENT_FROM,
    GREY_CARD,
    PAPER,
    WhitePatch,
    adaptation,
    most_gain,
    patch_at,
)
from inference.pixels.arrays import GreyU8, RgbU8
from inference.pixels.colour import RgbLinear, RgbSrgb

# A brightening that one would not see is none: 0.07 EV.
_LEAST_GAIN = 1.05
# Less noise than this nobody sees (steps of 255), and JPEG's own steps are as large.
_VISIBLE_NOISE = 0.8
# Sharpening is tried on the middle of the photo, which is where products stand.
_TRIAL_PX = 640
# It helped if edges became this much steeper …
_STEEPER = 0.87
# … and did not raise the noise to more than this, in steps of 255.
_MOST_NOISE = 6.0


@dataclass(frozen=True, slots=True)
class Light:
    """What is done to a photo's light: a matrix on linear sRGB, and a gain."""

    matrix: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    gain: float = 1.0

    @property
    def is_unchanged(self) -> bool:
        return self.gain == 1.0 and bool(np.array_equal(self.matrix, np.eye(3)))


def decide_detail(
    recipe: Recipe, rgb: RgbU8, noise: Noise, blur_px: float | None
) -> tuple[Recipe, tuple[Note, ...]]:
    """The recipe without the steps that would not help, and what is said of them.

    Args:
        recipe: cleaned.
        rgb: (H, W, 3) uint8 sRGB, the photo in its own size.
        noise: the whole photo's.
        blur_px: the whole photo's.
    """
    taken, notes = dict(recipe), []
    if number(recipe, "denoise") > 0:
        note = _judge_noise(noise)
        notes.append(note)
        if note.outcome is Outcome.REFUSED:
            taken["denoise"] = 0.0
    if number(recipe, "deblur") > 0:
        note = _judge_blur(taken, rgb, noise, blur_px)
        notes.append(note)
        if note.outcome is Outcome.REFUSED:
            taken["deblur"] = 0.0
    return taken, tuple(notes)


def apply_detail(
    recipe: Recipe,
    planes: RgbSrgb,
    noise: Noise,
    blur_px: float | None,
    check_cancelled: Callable[[], None],
) -> RgbSrgb:
    """(3, H, W) float32 sRGB 0..1 with less noise and sharper, as the recipe says."""
    check_cancelled()
    left = noise.level
    if (strength := number(recipe, "denoise")) > 0:
        planes = take_out_noise(planes, noise, strength=strength)
        left = 0.0
    check_cancelled()
    if blur_px is not None and (strength := number(recipe, "deblur")) > 0:
        planes = sharpen(planes, blur_px=blur_px, noise_level=left, strength=strength)
    return planes


def decide_light(
    recipe: Recipe, small: RgbLinear, alpha: GreyU8 | None, ground: WhitePatch
) -> tuple[Recipe, Light, tuple[Note, ...]]:
    """The recipe and the light that are taken, as far as the photo allows what was asked.

    Args:
        recipe: cleaned.
        small: (3, H, W) float32, linear light 0..1: the whole photo, small.
        alpha: (H, W) uint8, the product's; None where it is not known.
        ground: what `ground_patch` found.
    """
    white, taken = White(str(recipe["white"])), dict(recipe)
    notes: list[Note] = []
    matrix, set_gain = np.eye(3), 1.0
    asks_gain = number(recipe, "exposure") != 0.0
    if white is not White.AS_SHOT:
        patch = ground
        if white is not White.AUTO:
            x, y = number(recipe, "white_x") / 100, number(recipe, "white_y") / 100
            patch = patch_at(small, x, y)
        note = _judge_white(white, patch)
        notes.append(note)
        if note.outcome is Outcome.REFUSED:
            taken |= {"white": White.AS_SHOT.value, "white_exposure": False}
        else:
            matrix = adaptation(patch.colour)
            if recipe["white_exposure"]:
                set_gain = (GREY_CARD if white is White.GREY else PAPER) / patch.luminance
                asks_gain = True
    if not asks_gain:
        return clean_recipe(taken), Light(matrix), tuple(notes)
    asked = set_gain * 2.0 ** number(recipe, "exposure")
    gain, note = _limited(asked, small, matrix, alpha)
    if gain != asked:
        # What was done instead, as one figure: the card or the paper is not where it should be.
        exposure = round(min(2.0, max(-2.0, float(np.log2(gain)))), 2)
        taken |= {"exposure": exposure, "white_exposure": False}
    return clean_recipe(taken), Light(matrix, gain), (*notes, note)


def _judge_noise(noise: Noise) -> Note:
    if noise.level < _VISIBLE_NOISE:
        sentence = (
            f"This photo shows no noise worth taking out ({noise.level:.1f} of 255), "
            "so it was left alone."
        )
        return Note(Step.DENOISE, Outcome.REFUSED, sentence)
    return Note(Step.DENOISE, Outcome.DONE, f"Noise of {noise.level:.1f} of 255 taken out.")


def _judge_blur(recipe: Recipe, rgb: RgbU8, noise: Noise, blur_px: float | None) -> Note:
    if blur_px is None:
        sentence = "This photo shows no edge clear enough to tell how soft it is; not sharpened."
        return Note(Step.DEBLUR, Outcome.REFUSED, sentence)
    if blur_px < SOFT_FROM_PX:
        sentence = (
            f"The edges are sharp already ({blur_px:.1f} px); sharpening would only add halos."
        )
        return Note(Step.DEBLUR, Outcome.REFUSED, sentence)
    if blur_px > LOST_FROM_PX:
        sentence = (
            f"This photo is too soft ({blur_px:.1f} px): what is lost does not come back. "
            "Take it again, nearer or with a steadier hand."
        )
        return Note(Step.DEBLUR, Outcome.REFUSED, sentence)
    after_px, after_noise = _try_sharpening(recipe, rgb, noise, blur_px)
    if after_noise > max(_MOST_NOISE, 2 * noise.level):
        sentence = "Sharpening raises this photo’s noise more than its edges; not sharpened."
        return Note(Step.DEBLUR, Outcome.REFUSED, sentence)
    # A weak sharpening may change little; it is judged by what the strength asks for.
    wanted = 1 - (1 - _STEEPER) * number(recipe, "deblur") / 100
    if after_px is None or after_px > wanted * blur_px:
        sentence = "Sharpening was tried and made the edges no steeper; not sharpened."
        return Note(Step.DEBLUR, Outcome.REFUSED, sentence)
    sentence = f"Edges are {after_px:.1f} px wide instead of {blur_px:.1f}."
    return Note(Step.DEBLUR, Outcome.DONE, sentence)


def _try_sharpening(
    recipe: Recipe, rgb: RgbU8, noise: Noise, blur_px: float
) -> tuple[float | None, float]:
    """Width of the edges and noise after sharpening the middle of the photo."""
    height, width = rgb.shape[:2]
    top, left = max(0, (height - _TRIAL_PX) // 2), max(0, (width - _TRIAL_PX) // 2)
    middle = np.array(rgb[top : top + _TRIAL_PX, left : left + _TRIAL_PX])
    planes = torch.from_numpy(middle).permute(2, 0, 1).to(torch.float32) / 255
    sharper = apply_detail(recipe, planes, noise, blur_px, lambda: None)
    return measure_blur(sharper), measure_noise(sharper).level


def _judge_white(white: White, patch: WhitePatch) -> Note:
    if patch.problem:
        return Note(Step.WHITE, Outcome.REFUSED, patch.problem)
    is_sure = patch.confidence >= CONFIDENT_FROM
    sure = f"{round(patch.confidence * 100)} % sure"
    if white is White.AUTO and not is_sure:
        sentence = (
            f"The ground’s white cannot be told ({sure}); press on something white or grey instead."
        )
        return Note(Step.WHITE, Outcome.REFUSED, sentence)
    if not is_sure:
        sentence = f"The colours round this point differ ({sure}); look at the result closely."
        return Note(Step.WHITE, Outcome.LIMITED, sentence)
    light = f"a {patch.cast} light" if patch.cast else "a neutral light"
    return Note(Step.WHITE, Outcome.DONE, f"White found under {light} ({sure}).")


def _limited(
    gain: float, small: RgbLinear, matrix: NDArray[np.float64], alpha: GreyU8 | None
) -> tuple[float, Note]:
    """The gain, but no more of it than the highlights bear."""
    most = max(1.0, most_gain(small, matrix, alpha))
    taken = min(gain, most)
    if gain > 1.0 and taken < _LEAST_GAIN:
        sentence = "The highlights are at their limit already; brighter would clip them."
        return 1.0, Note(Step.EXPOSURE, Outcome.REFUSED, sentence)
    stops = f"{np.log2(taken):+.1f} EV"
    if taken < gain:
        sentence = f"Exposure {stops} instead of {np.log2(gain):+.1f}, so that highlights stay."
        return taken, Note(Step.EXPOSURE, Outcome.LIMITED, sentence)
    return taken, Note(Step.EXPOSURE, Outcome.DONE, f"Exposure {stops}.")
