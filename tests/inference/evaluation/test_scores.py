"""Measures of a matte against the true one."""

import math

import numpy as np
import pytest
from PIL import Image, ImageFilter

from inference.errors import ShapeMismatch
from inference.evaluation.scores import BAND_SHARE, grown, outline, score
from inference.pixels.arrays import AlphaF32


def disc(radius: float, *, hole: float = 0.0, shift: int = 0) -> AlphaF32:
    y, x = np.mgrid[:200, :300]
    distance = np.hypot(x - 150 - shift, y - 100)
    ring: AlphaF32 = ((distance < radius) & (distance >= hole)).astype(np.float32)
    return ring


def test_a_perfect_matte_has_perfect_scores() -> None:
    ring = disc(60, hole=20)
    scores = score(ring, ring)
    assert (scores.mae, scores.iou, scores.boundary_f, scores.band) == (0, 1, 1, 0)
    assert (scores.gradient, scores.connectivity, scores.hole_recall) == (0, 0, 1)


def test_a_filled_hole_costs_its_recall_and_part_of_the_rest() -> None:
    scores = score(disc(60), disc(60, hole=20))
    assert scores.hole_recall == 0
    assert scores.iou == pytest.approx(1 - 20**2 / 60**2, abs=0.005)
    assert 0.6 < scores.boundary_f < 0.95


def test_hole_recall_does_not_apply_without_a_hole() -> None:
    scores = score(disc(60), disc(60))
    assert math.isnan(scores.hole_recall)
    assert scores.to_json()["hole_recall"] is None


def test_an_edge_a_pixel_off_still_counts_and_four_pixels_do_not() -> None:
    assert score(disc(59), disc(60)).boundary_f == 1.0
    assert score(disc(56), disc(60)).boundary_f < 0.05


def test_the_band_looks_only_near_the_true_edge() -> None:
    far = disc(60)
    far[:10, :10] = 1.0
    scores = score(far, disc(60))
    assert scores.band == 0.0
    assert scores.mae == pytest.approx(100 / 60_000)
    sharp = Image.fromarray((disc(60) * 255).astype(np.uint8))
    soft = np.asarray(sharp.filter(ImageFilter.GaussianBlur(3)), dtype=np.float32)
    blurred = soft / np.float32(255)
    assert score(blurred, disc(60)).band > 0.2
    assert BAND_SHARE * 300 == 3


def test_a_loose_piece_costs_connectivity() -> None:
    loose = disc(30)
    loose[:20, :20] = 1.0
    truth = loose.copy()
    attached = score(disc(30), disc(30)).connectivity
    assert attached == 0
    loose[:20, :20] = 0.5
    assert score(loose, truth).connectivity == pytest.approx(0.2, abs=0.01)


def test_growing_reaches_as_far_as_the_distance_says() -> None:
    mask = outline(disc(40, hole=15) > 0.5)[50:150, 100:200]
    points = np.argwhere(mask)
    y, x = np.mgrid[:100, :100]
    nearest = np.min([(y - row) ** 2 + (x - column) ** 2 for row, column in points], axis=0)
    np.testing.assert_array_equal(grown(mask, 7), nearest <= 49)


def test_two_sizes_cannot_be_compared() -> None:
    with pytest.raises(ShapeMismatch, match=r"\(200, 300\)"):
        score(disc(10), np.zeros((10, 10), np.float32))
