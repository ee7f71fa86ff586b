"""Several products in one photo, a seller's box, and masks that sellers bring."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.cutting import BROUGHT_MATTE, CUTOUT_PLAN, cut_out
from inference.errors import ParameterInvalid, PhotoUnreadable
from inference.events import CutoutFinished
from inference.pixels.alpha import decode_alpha, grown, shrunk
from inference.pixels.arrays import AlphaF32, RgbU8
from inference.requests import Box, CutoutRequest, PhotoSource
from inference.run import Run
from inference.stages.brought_matte import read_matte
from inference.stages.subjects import find_subjects


class RedSegmenter:
    """Calls red what is red; counts how often it was asked."""

    name, version = "red", "7"
    input_side_px = 320

    def __init__(self) -> None:
        self.looks = 0

    def coarse_alpha(self, rgb: RgbU8) -> AlphaF32:
        self.looks += 1
        red = rgb[:, :, 0].astype(np.float32) - rgb[:, :, 1]
        return (red / 100).clip(0, 1)

    def finer(self) -> None:
        return None


@pytest.fixture
def two_discs(tmp_path: Path) -> Path:
    y, x = np.mgrid[:300, :500]
    pixels = np.full((300, 500, 3), 215, dtype=np.uint8)
    pixels[np.hypot(x - 120, y - 150) < 90] = (180, 30, 30)
    pixels[np.hypot(x - 400, y - 150) < 60] = (180, 30, 30)
    path = tmp_path / "discs.png"
    Image.fromarray(pixels).save(path)
    return path


def cut(path: Path, segmenter: RedSegmenter, **wishes: object) -> CutoutFinished:
    run = Run(CUTOUT_PLAN, on_event=lambda _: None, is_cancelled=lambda: False)
    request = CutoutRequest(PhotoSource(path, "0" * 64), **wishes)  # type: ignore[arg-type]
    return cut_out(request, run, segmenter)


def save_mask(folder: Path, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Path:
    path = folder / "mask.png"
    Image.fromarray(pixels).save(path)
    return path


def test_separate_products_are_listed_largest_first(two_discs: Path) -> None:
    large, small = cut(two_discs, RedSegmenter()).subjects
    assert abs(large.left - 30) <= 4
    assert abs(large.right - 210) <= 4
    assert abs(small.left - 340) <= 4
    assert abs(small.bottom - 210) <= 4


def test_parts_that_nearly_touch_are_one_product_and_crumbs_are_none() -> None:
    alpha = np.zeros((400, 400), np.uint8)
    alpha[50:200, 50:200] = 255
    alpha[50:200, 203:300] = 255
    alpha[390:395, 390:395] = 255
    assert find_subjects(alpha) == (Box(50, 50, 300, 200),)
    assert find_subjects(np.zeros((40, 40), np.uint8)) == ()


def test_nothing_outside_the_box_is_product(two_discs: Path) -> None:
    finished = cut(two_discs, RedSegmenter(), box=Box(320, 70, 480, 230))
    alpha = decode_alpha(finished.alpha_png)
    assert alpha[:, :320].max() == 0
    assert alpha[150, 400] == 255
    assert len(finished.subjects) == 1


@pytest.mark.parametrize("box", [Box(600, 0, 900, 100), Box(10, 10, 12, 200)])
def test_a_box_beside_the_photo_is_refused(two_discs: Path, box: Box) -> None:
    with pytest.raises(ParameterInvalid, match="must lie in the photo"):
        cut(two_discs, RedSegmenter(), box=box)


def test_a_large_mask_is_taken_as_it_is_and_no_network_runs(
    two_discs: Path, tmp_path: Path
) -> None:
    mask = np.zeros((300, 500), np.uint8)
    mask[20:280, 20:220] = 200
    segmenter = RedSegmenter()
    finished = cut(two_discs, segmenter, matte_path=save_mask(tmp_path, mask))
    np.testing.assert_array_equal(decode_alpha(finished.alpha_png), mask)
    assert (segmenter.looks, finished.network) == (0, BROUGHT_MATTE)


def test_a_small_mask_is_refined_to_the_photos_edges(two_discs: Path, tmp_path: Path) -> None:
    y, x = np.mgrid[:60, :100]
    mask = ((np.hypot(x - 24, y - 30) < 18) * 255).astype(np.uint8)
    finished = cut(two_discs, RedSegmenter(), matte_path=save_mask(tmp_path, mask))
    alpha = decode_alpha(finished.alpha_png)
    y, x = np.mgrid[:300, :500]
    truth = np.hypot(x - 120, y - 150) < 90
    assert np.mean((alpha > 127) != truth) < 0.004


def test_a_masks_own_transparency_is_the_mask(tmp_path: Path) -> None:
    picture = np.full((30, 40, 4), 90, np.uint8)
    picture[..., 3] = 0
    picture[5:20, 5:20, 3] = 255
    alpha = read_matte(save_mask(tmp_path, picture), 400, 300)
    assert alpha.shape == (30, 40)
    assert alpha[10, 10] == 1
    assert alpha[25, 30] == 0


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (np.zeros((30, 40), np.uint8), "marks nothing"),
        (np.full((30, 40), 255, np.uint8), "marks the whole photo"),
        (np.eye(30, dtype=np.uint8) * 255, "30 × 30 pixels, which is another shape"),
    ],
)
def test_a_useless_mask_is_refused_with_the_reason(
    tmp_path: Path, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], sentence: str
) -> None:
    with pytest.raises(PhotoUnreadable, match=sentence):
        read_matte(save_mask(tmp_path, pixels), 400, 300)


def test_a_file_that_is_no_picture_is_no_mask(tmp_path: Path) -> None:
    (tmp_path / "mask.png").write_bytes(b"%PDF-1.7")
    with pytest.raises(PhotoUnreadable, match="not a mask we can read"):
        read_matte(tmp_path / "mask.png", 40, 30)


def test_growing_and_shrinking_a_mask_are_squares_and_opposites() -> None:
    mask = np.zeros((40, 50), np.bool_)
    mask[20, 25] = True
    large = grown(mask, 6)
    assert large.sum() == 13 * 13
    assert large[14, 19]
    np.testing.assert_array_equal(shrunk(large, 6), mask)


def test_growing_reaches_as_far_as_a_square_does_and_no_further() -> None:
    generator = np.random.default_rng(4)
    mask = generator.random((23, 31)) < 0.02
    rows, columns = np.nonzero(mask)
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
    away = np.maximum(abs(y[..., None] - rows), abs(x[..., None] - columns)).min(axis=2)
    for reach in (0, 1, 2, 5, 40):
        np.testing.assert_array_equal(grown(mask, reach), away <= reach)
