"""Words stay what they are: read before and after, and left alone where they would change."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from inference.enhance.request import Note, Outcome, Step
from inference.inspect.text import SAME_WARN, ReadsText, same_share
from inference.networks.text_reader import Quad
from inference.pixels.arrays import RgbU8
from inference.pixels.colour import RgbSrgb

# As the inspection of finished pictures reads: sure readings of more than a stray letter.
_SEARCH_SIDE_PX = 1024
_MOST_LINES = 12
_SURE = 0.85
_LEAST_CHARACTERS = 3
# Round a line that is left as it was, the change fades in over this share of its height.
_FADE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Words:
    """Lines that the photo shows for sure, and their boxes in its pixels."""

    quads: tuple[Quad, ...] = ()
    texts: tuple[str, ...] = ()


def read_words(reader: ReadsText, rgb: RgbU8) -> Words:
    """Find and read the lines of a photo.

    Args:
        reader: see `inference.networks.text_reader`.
        rgb: (H, W, 3) uint8 sRGB.
    """
    quads = reader.find(rgb, longest_side_px=_SEARCH_SIDE_PX, most=_MOST_LINES)
    sure = [
        (quad, line.text)
        for quad, line in zip(quads, reader.read(rgb, quads), strict=True)
        if line.confidence >= _SURE and sum(map(str.isalnum, line.text)) >= _LEAST_CHARACTERS
    ]
    return Words(tuple(quad for quad, _ in sure), tuple(text for _, text in sure))


def keep_words(
    reader: ReadsText, words: Words, enhanced: RgbSrgb, plain: RgbSrgb, *, factor: int
) -> tuple[RgbSrgb, tuple[Note, ...]]:
    """The enhanced photo, with those lines that read differently in it taken from the plain one.

    Args:
        reader: as `read_words`'.
        words: what was read in the photo.
        enhanced: (3, H, W) float32, sRGB 0..1.
        plain: the same size, with no step that changes detail.
        factor: how many times larger both are than the photo.

    Returns:
        The photo, and a note; no note where the photo shows no words.
    """
    if not words.texts:
        return enhanced, ()
    quads = [np.asarray(quad * np.float32(factor)) for quad in words.quads]
    changed = _changed(reader, words, enhanced, quads)
    kept = enhanced
    if changed:
        kept = _with_plain(enhanced, plain, [quads[index] for index in changed])
    still = _changed(reader, words, kept, quads) if changed else []
    return kept, (_note(words, changed, still),)


def _changed(reader: ReadsText, words: Words, picture: RgbSrgb, quads: Sequence[Quad]) -> list[int]:
    rgb = (picture.permute(1, 2, 0) * 255 + 0.5).to(torch.uint8).cpu().numpy()
    lines = reader.read(rgb, quads)
    return [
        index
        for index, (before, line) in enumerate(zip(words.texts, lines, strict=True))
        if same_share(before, line.text) < SAME_WARN
    ]


def _with_plain(enhanced: RgbSrgb, plain: RgbSrgb, quads: Sequence[Quad]) -> RgbSrgb:
    height, width = enhanced.shape[1:]
    share = torch.zeros(1, 1, height, width, device=enhanced.device)
    fade = 1
    for quad in quads:
        left, top = (max(0, int(value)) for value in quad.min(axis=0).tolist())
        right, bottom = (int(value) + 1 for value in quad.max(axis=0).tolist())
        margin = max(2, round(_FADE_SHARE * (bottom - top)))
        fade = max(fade, margin)
        share[
            :, :, max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin
        ] = 1.0
    # A mean over the margin's width: 1 on the line itself, 0 a margin further out.
    fade = min(fade, (height - 1) // 2, (width - 1) // 2)
    share = functional.avg_pool2d(share, 2 * fade + 1, 1, fade, count_include_pad=False)
    return torch.lerp(enhanced, plain, share[0])


def _note(words: Words, changed: Sequence[int], still: Sequence[int]) -> Note:
    count = len(words.texts)
    lines = "The line of text reads" if count == 1 else f"All {count} lines of text read"
    if not changed:
        return Note(Step.TEXT, Outcome.DONE, f"{lines} as before.")
    named = ", ".join(f"“{words.texts[index]}”" for index in (still or changed)[:3])
    if still:
        return Note(
            Step.TEXT,
            Outcome.REFUSED,
            f"{named} would not read as before. Do not keep this unless you have looked at it.",
        )
    return Note(Step.TEXT, Outcome.LIMITED, f"{lines} as before: {named} was left as it was.")
