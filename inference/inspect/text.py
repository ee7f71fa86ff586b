"""Text legible: the words on the product read the same in the photo and in the result."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from inference.inspect.evidence import Evidence, PhotoEvidence
from inference.inspect.findings import Finding, Item, Verdict
from inference.networks.text_reader import Line, Quad
from inference.pixels.arrays import RgbU8
from inference.requests import Box
from inference.stages.place import Placement

CHECK = "text"
# The detector sees the product's crop at this size; the most prominent lines are read.
_SEARCH_SIDE_PX = 512
_MOST_LINES = 6
# A line counts when the photo's own reading of it is sure and is more than a stray letter.
_SURE = 0.85
_LEAST_CHARACTERS = 3
# Shares of characters that must be the same, after Levenshtein.
SAME_FAIL, SAME_WARN = 0.45, 0.7


class ReadsText(Protocol):
    """What the check needs of a reader; see `inference.networks.text_reader`."""

    def find(self, rgb: RgbU8, *, longest_side_px: int, most: int) -> list[Quad]:
        """The `most` largest boxes of text in a picture."""
        ...

    def read(self, rgb: RgbU8, quads: Sequence[Quad]) -> list[Line]:
        """The text in each box."""
        ...


@dataclass(frozen=True, slots=True)
class PhotoText:
    """Lines that the photo shows for sure, and their boxes in upright native photo pixels."""

    quads: tuple[Quad, ...] = ()
    lines: tuple[Line, ...] = ()


def read_photo_text(reader: ReadsText, source: PhotoEvidence) -> PhotoText:
    """Find and read the product's text in the photo."""
    subject, scale = source.measurements.subject, source.photo_scale
    left, top = int(subject.left * scale), int(subject.top * scale)
    right, bottom = int(subject.right * scale) + 1, int(subject.bottom * scale) + 1
    crop = np.ascontiguousarray(source.photo[top:bottom, left:right])
    found = reader.find(crop, longest_side_px=_SEARCH_SIDE_PX, most=_MOST_LINES)
    corner = np.array([left, top], dtype=np.float32)
    quads = [quad for quad in found if _is_on_product(quad + corner, source)]
    lines = reader.read(crop, quads)
    sure = [
        (((quad + corner) / np.float32(scale)).astype(np.float32), line)
        for quad, line in zip(quads, lines, strict=True)
        if line.confidence >= _SURE and len(_letters(line.text)) >= _LEAST_CHARACTERS
    ]
    return PhotoText(tuple(quad for quad, _ in sure), tuple(line for _, line in sure))


def check_text(evidence: Evidence, photo_text: PhotoText, reader: ReadsText) -> Finding:
    """Read the same places in the result; the region is the line that differs most."""
    place = evidence.placement
    frame = evidence.frame
    seen = [
        (quad, line)
        for quad, line in zip(photo_text.quads, photo_text.lines, strict=True)
        if _is_inside(on_result(quad, place), frame)
    ]
    if not seen:
        sentence = "The photo shows no text that can be read for sure."
        return Finding(CHECK, Item.TEXT, 1.0, Verdict.PASS, sentence)
    quads = [on_result(quad, place) for quad, _ in seen]
    read = reader.read(evidence.result, quads)
    return _judged(quads, [line.text for _, line in seen], [line.text for line in read], frame)


def _judged(
    quads: Sequence[Quad], before: Sequence[str], after: Sequence[str], frame: tuple[int, int]
) -> Finding:
    shares = [same_share(old, new) for old, new in zip(before, after, strict=True)]
    worst = int(np.argmin(shares))
    score = round(shares[worst], 3)
    if score >= SAME_WARN:
        count = len(shares)
        sentence = f"All {count} lines of text read as in the photo."
        if count == 1:
            sentence = "The product’s text reads as in the photo."
        return Finding(CHECK, Item.TEXT, score, Verdict.PASS, sentence)
    region = _box_of(quads[worst], frame)
    if not _letters(after[worst]):
        sentence = f"“{before[worst]}” cannot be read any more."
    else:
        sentence = f"“{before[worst]}” on the product now reads “{after[worst]}”."
    verdict = Verdict.FAIL if score < SAME_FAIL else Verdict.WARN
    return Finding(CHECK, Item.TEXT, score, verdict, sentence, region)


def same_share(before: str, after: str) -> float:
    """How much of a text is left, 0..1: 1 - Levenshtein distance over length, letters only."""
    old, new = _letters(before), _letters(after)
    if not old:
        return 1.0
    row = list(range(len(new) + 1))
    for index, letter in enumerate(old, start=1):
        above = row
        row = [index]
        for column, other in enumerate(new, start=1):
            change = above[column - 1] + (letter != other)
            row.append(min(change, above[column] + 1, row[column - 1] + 1))
    return max(0.0, 1 - row[-1] / max(len(old), len(new)))


def _letters(text: str) -> str:
    """Letters and digits without case, accents and spacing, which readers confuse."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


def _is_on_product(quad: Quad, source: PhotoEvidence) -> bool:
    column, row = (int(value) for value in quad.mean(axis=0).tolist())
    height, width = source.alpha.shape
    return bool(source.alpha[min(row, height - 1), min(column, width - 1)] > 127)


def on_result(quad: Quad, place: Placement) -> Quad:
    """Upright native photo pixels to the result's."""
    offset = np.array([place.offset_x, place.offset_y], dtype=np.float32)
    return np.asarray(quad * np.float32(place.scale) + offset, dtype=np.float32)


def _is_inside(quad: Quad, frame: tuple[int, int]) -> bool:
    return bool((quad >= 0).all() and (quad <= np.array(frame)).all())


def _box_of(quad: Quad, frame: tuple[int, int]) -> Box:
    left, top = (max(0, int(value)) for value in quad.min(axis=0).tolist())
    right, bottom = (int(value) + 1 for value in quad.max(axis=0).tolist())
    return Box(left, top, min(frame[0], right), min(frame[1], bottom))
