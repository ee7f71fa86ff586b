"""A gap that was filled is found where the network and the colours agree, and only there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.inspect.evidence import PhotoEvidence, read_photo
from inference.inspect.second_look import look_again
from inference.pixels.arrays import AlphaF32, RgbU8
from tests.inference.inspect.studio import MugFinder, Studio


class AlwaysSure:
    """A network that takes everything for the product, as one does that sees too few pixels."""

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        return np.ones(rgb.shape[:2], dtype=np.float32)


class Blurred:
    """The mug's finder as a coarse network sees: the handle's hole is a mere doubt to it."""

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        sharp = MugFinder().coarse_alpha(rgb)
        height, width = sharp.shape
        coarse = Image.fromarray((sharp * 255).astype(np.uint8)).resize((9, 9))
        seen = np.asarray(coarse.resize((width, height), Image.Resampling.BILINEAR)) / 255
        return np.asarray(np.clip(seen, 0.2, 1), dtype=np.float32)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> PhotoEvidence:
    studio = Studio(tmp_path_factory.mktemp("studio"))
    return read_photo(studio.photo, studio.cutout)


def _with_filled_handle(source: PhotoEvidence) -> PhotoEvidence:
    alpha = source.alpha.copy()
    alpha[350:510, 610:710] = 255
    return replace(source, alpha=alpha)


def test_a_filled_handle_is_found_where_it_is(source: PhotoEvidence) -> None:
    filled = look_again(Blurred(), _with_filled_handle(source)).filled
    assert filled.share > 0.02
    assert filled.box is not None
    assert 580 < filled.box.left < filled.box.right < 740
    assert 330 < filled.box.top < filled.box.bottom < 530


def test_an_open_handle_is_no_filled_gap(source: PhotoEvidence) -> None:
    assert look_again(Blurred(), source).filled.share < 0.006


def test_colour_alone_is_no_proof(source: PhotoEvidence) -> None:
    """A part of the product may have the ground's colour; the network vouches for it."""
    assert look_again(AlwaysSure(), _with_filled_handle(source)).filled.share < 0.006


def test_a_network_s_doubt_alone_is_no_proof(source: PhotoEvidence, tmp_path: Path) -> None:
    """What the network overlooks stays the product's while its colours occur nowhere else."""

    class BlindBelow:
        def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
            seen = MugFinder().coarse_alpha(rgb).copy()
            seen[int(0.72 * seen.shape[0]) :] = 0.3
            return seen

    assert look_again(BlindBelow(), source).filled.share < 0.006
