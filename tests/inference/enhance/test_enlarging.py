"""Enlarging stays with the photo, and words stay what they are."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from inference.enhance.enlarge import deviation, enlarge, plainly_enlarged
from inference.enhance.legible import Words, keep_words
from inference.enhance.request import Outcome
from inference.networks.text_reader import Line, Quad
from inference.pixels.arrays import RgbU8
from tests.inference.enhance.photos import scene


def liar(picture: torch.Tensor) -> torch.Tensor:
    """A network that brightens and adds a pattern."""
    large = plainly_enlarged(picture[0], 4)[None]
    rows = torch.arange(large.shape[2]) % 2
    return large * 0.8 + 0.15 + rows[None, None, :, None] * 0.1


@pytest.mark.parametrize("factor", [2, 4])
def test_an_enlarged_photo_becomes_the_photo_when_it_is_reduced(factor: int) -> None:
    photo = scene(side=96) * 0.8 + 0.1
    done = enlarge(photo, liar, factor=factor, check_cancelled=lambda: None)
    assert done.shape == (3, 96 * factor, 96 * factor)
    assert deviation(photo, done, factor=factor) < 1.0
    assert deviation(photo, liar(photo[None])[0], factor=4) > 10


def test_tiles_leave_no_seams() -> None:
    photo = torch.rand(3, 40, 800, generator=torch.Generator().manual_seed(2)) * 0.6 + 0.2

    def spread(picture: torch.Tensor) -> torch.Tensor:
        return plainly_enlarged(picture[0], 4)[None]

    tiled = enlarge(photo, spread, factor=4, check_cancelled=lambda: None)
    whole = plainly_enlarged(photo, 4)
    seam = 384 * 4
    around = slice(seam - 40, seam + 40)
    elsewhere = slice(200, 280)
    differences = (tiled - whole).abs()
    assert differences[:, :, around].mean() < 1.5 * differences[:, :, elsewhere].mean()


class _Reader:
    """Reads “SOAP”, unless the place of the line has become dark."""

    def find(self, rgb: RgbU8, *, longest_side_px: int, most: int) -> list[Quad]:
        raise AssertionError("what was found in the photo counts")

    def read(self, rgb: RgbU8, quads: Sequence[Quad]) -> list[Line]:
        lines = []
        for quad in quads:
            (left, top), (right, bottom) = (
                quad.min(axis=0).astype(int),
                quad.max(axis=0).astype(int),
            )
            is_dark = rgb[top:bottom, left:right].mean() < 100
            lines.append(Line("BLUR" if is_dark else "SOAP", 0.9))
        return lines


WORDS = Words((np.array([[10, 10], [40, 10], [40, 20], [10, 20]], np.float32),), ("SOAP",))


def test_a_line_that_would_read_differently_is_left_as_it_was() -> None:
    plain, enhanced = torch.full((3, 128, 128), 0.8), torch.full((3, 128, 128), 0.1)
    kept, (note,) = keep_words(_Reader(), WORDS, enhanced, plain, factor=2)
    assert torch.allclose(kept[:, 25:35, 30:70], torch.tensor(0.8), atol=0.01)
    assert torch.allclose(kept[:, 80:], torch.tensor(0.1)), "the rest is enhanced"
    assert note.outcome is Outcome.LIMITED
    assert "SOAP" in note.sentence


def test_words_that_stay_are_left_to_the_network() -> None:
    bright = torch.full((3, 64, 64), 0.9)
    kept, (note,) = keep_words(_Reader(), WORDS, bright, bright * 0.5, factor=1)
    assert torch.equal(kept, bright)
    assert note.sentence == "The line of text reads as before."


def test_words_that_are_lost_either_way_are_said() -> None:
    dark = torch.zeros(3, 64, 64)
    _, (note,) = keep_words(_Reader(), WORDS, dark, dark, factor=1)
    assert note.outcome is Outcome.REFUSED


def test_a_photo_without_words_says_nothing() -> None:
    dark = torch.zeros(3, 64, 64)
    assert keep_words(_Reader(), Words(), dark, dark, factor=1)[1] == ()
