"""Refined mattes follow the photo's edges, at its own size, and are solid where they should be."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pymatting import estimate_alpha_cf

from inference.pixels.arrays import AlphaF32, RgbU8
from inference.stages.refine import refine
from inference.stages.strays import drop_strays


def disc(height: int, width: int, radius: float, hole: float = 0.0) -> AlphaF32:
    """An antialiased ring or disc in the middle."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    distance = np.hypot(x - width / 2 + 0.5, y - height / 2 + 0.5)
    outer = np.clip(radius - distance + 0.5, 0, 1)
    inner = np.clip(distance - hole + 0.5, 0, 1) if hole else 1.0
    ring: AlphaF32 = (outer * inner).astype(np.float32)
    return ring


def photograph(alpha: AlphaF32, seed: int = 0) -> RgbU8:
    """A speckled red product over a shaded grey wall, mixed by `alpha`."""
    rng = np.random.default_rng(seed)
    height, width = alpha.shape
    wall = np.linspace(150, 210, width)[None, :, None] + rng.normal(0, 3, (height, width, 3))
    product = np.array([150, 40, 35]) + rng.normal(0, 8, (height, width, 3))
    mixed = alpha[..., None] * product + (1 - alpha[..., None]) * wall
    return mixed.clip(0, 255).astype(np.uint8)


def coarse(alpha: AlphaF32, side: int = 100, shift: int = 0) -> AlphaF32:
    """What a network would give: small, blurred, and perhaps a little beside the truth."""
    image = Image.fromarray((np.roll(alpha, shift, axis=1) * 255).astype(np.uint8))
    small = image.resize((side, side), Image.Resampling.BILINEAR)
    blurred = small.filter(ImageFilter.GaussianBlur(1)).resize(image.size)
    return np.asarray(blurred, dtype=np.float32) / np.float32(255)


def band_error(estimate: NDArray[np.floating[Any]], truth: AlphaF32, width_px: int = 9) -> float:
    solid = Image.fromarray((truth > 0.5).astype(np.uint8) * np.uint8(255))
    near = np.asarray(solid.filter(ImageFilter.BoxBlur(width_px)))
    band = (near > 0) & (near < 255)
    return float(np.abs(estimate - truth)[band].mean())


@pytest.mark.parametrize("size", [(300, 300), (700, 520), (1500, 2000)])
def test_the_edge_becomes_the_photos_own(size: tuple[int, int]) -> None:
    truth = disc(*size, radius=min(size) * 0.36)
    rough = coarse(truth)
    alpha = refine(photograph(truth), rough, detail_px=320)
    assert alpha.shape == size
    assert alpha.dtype == np.uint8
    before, after = band_error(rough, truth), band_error(alpha / np.float32(255), truth)
    assert after < 0.35 * before
    assert after < 0.05


def test_an_edge_a_little_off_moves_to_where_the_colours_change() -> None:
    truth = disc(600, 600, 200)
    rough = coarse(truth, side=320, shift=2)
    after = band_error(refine(photograph(truth), rough, detail_px=320) / np.float32(255), truth)
    assert after < 0.5 * band_error(rough, truth)


def test_outside_is_exactly_nothing_and_inside_exactly_solid() -> None:
    truth = disc(640, 640, 200)
    alpha = refine(photograph(truth), coarse(truth), detail_px=320)
    y, x = np.mgrid[:640, :640]
    distance = np.hypot(x - 319.5, y - 319.5)
    assert (alpha[distance > 215] == 0).all()
    assert (alpha[distance < 185] == 255).all()


def test_the_hole_of_a_ring_stays_open() -> None:
    truth = disc(800, 800, 260, hole=60)
    alpha = refine(photograph(truth), coarse(truth, side=160), detail_px=320)
    assert alpha[400, 400] == 0
    assert alpha[400, 400 + 160] == 255
    assert abs(int((alpha[400, 330:470] < 128).sum()) - 120) <= 4


def test_a_subject_at_the_frames_edge_reaches_it() -> None:
    truth = np.zeros((400, 500), dtype=np.float32)
    truth[150:, 100:400] = 1
    alpha = refine(photograph(truth), coarse(truth), detail_px=320)
    assert (alpha[-1, 130:370] == 255).all()
    assert alpha[0].max() == 0


def test_nothing_in_gives_nothing_out() -> None:
    empty = np.zeros((90, 120), dtype=np.float32)
    assert refine(photograph(np.zeros((180, 240), np.float32)), empty, detail_px=320).max() == 0


def test_a_full_frame_stays_full() -> None:
    full = np.ones((90, 120), dtype=np.float32)
    assert refine(photograph(np.ones((180, 240), np.float32)), full, detail_px=320).min() == 255


def test_refining_comes_close_to_closed_form_matting() -> None:
    truth = disc(160, 160, 52)
    photo, rough = photograph(truth), coarse(truth, side=80)
    trimap = np.full(truth.shape, 0.5)
    trimap[rough > 0.97], trimap[rough < 0.03] = 1, 0
    reference = estimate_alpha_cf(photo / 255.0, trimap)
    ours = refine(photo, rough, detail_px=320) / np.float32(255)
    assert band_error(ours, truth) < band_error(reference.astype(np.float32), truth) + 0.02


def test_fur_beyond_the_coarse_outline_comes_back_where_its_colour_stands_out() -> None:
    generator = np.random.default_rng(3)
    y, x = np.mgrid[:480, :640]
    angle = np.arctan2(y - 240, x - 320)
    hairs = np.interp(angle, np.linspace(-np.pi, np.pi, 400), generator.uniform(154, 164, 400))
    distance = np.hypot(x - 320, y - 240)
    truth = (hairs - distance + 0.5).clip(0, 1).astype(np.float32)
    body = ((155 - distance) / 3 + 0.5).clip(0, 1).astype(np.float32)
    fur, forest = np.array([235, 230, 220]), np.array([60, 110, 40])
    photo = (truth[..., None] * fur + (1 - truth[..., None]) * forest).astype(np.uint8)
    before = band_error(body, truth)
    after = band_error(refine(photo, body, detail_px=320) / np.float32(255), truth)
    assert after < 0.6 * before


@pytest.mark.parametrize("size", [(480, 640), (1440, 1920)])
def test_a_fleck_of_the_products_colour_on_the_ground_is_no_part_of_it(
    size: tuple[int, int],
) -> None:
    truth = disc(*size, radius=size[0] * 0.3)
    photo = np.where(truth[..., None] > 0.5, np.uint8(235), np.uint8(90)).repeat(3, axis=2)
    middle, beside = size[0] // 2, size[1] // 2 + round(size[0] * 0.32)
    fleck = np.s_[middle - 6 : middle + 6, beside : beside + 6]
    photo[fleck] = 235
    rough = coarse(truth, side=120)
    alpha = refine(photo, rough, detail_px=120)
    assert alpha[fleck].max() > 64  # refinement took it along
    drop_strays(alpha, rough)
    assert alpha[fleck].max() == 0
    assert band_error(alpha / np.float32(255), truth) < 0.03


def test_hairs_beyond_what_was_found_stay_even_with_gaps() -> None:
    found = disc(300, 300, 60)
    alpha = (found * 255).astype(np.uint8)
    alpha[150, 205:260:2] = 120
    alpha[150, 230:233] = 0
    before = alpha.copy()
    drop_strays(alpha, found)
    np.testing.assert_array_equal(alpha, before)
