"""The correcting brush: obeyed in its core, ending at the photo's edges."""

import numpy as np
import pytest

from inference.errors import ShapeMismatch
from inference.pixels.strokes import drop_subjects, paint
from inference.requests import Box, Stroke, StrokeKind

RED, GREY = (180, 60, 40), (225, 225, 225)


def bar_photo() -> tuple[np.ndarray, np.ndarray]:
    """A red bar, 20 px wide, on grey; and where it is."""
    rgb = np.full((120, 160, 3), GREY, dtype=np.uint8)
    rgb[:, 70:90] = RED
    noise = np.random.default_rng(3).integers(-4, 5, rgb.shape)
    is_bar = np.zeros((120, 160), dtype=np.bool_)
    is_bar[:, 70:90] = True
    return (rgb + noise).clip(0, 255).astype(np.uint8), is_bar


def along_the_bar(kind: StrokeKind, *, is_exact: bool = False) -> Stroke:
    """Twice as wide as the bar, from the middle of the picture's top to its bottom."""
    return Stroke(kind, 20, ((80, 20), (80, 100)), is_exact)


def test_a_wide_keep_stroke_takes_the_product_and_leaves_the_ground() -> None:
    rgb, is_bar = bar_photo()
    alpha = np.zeros((120, 160), dtype=np.uint8)
    paint(alpha, rgb, along_the_bar(StrokeKind.KEEP))
    assert alpha[30:90][is_bar[30:90]].min() > 200
    assert alpha[30:90, 60:67].max() < 40
    assert alpha[30:90, 93:100].max() < 40


def test_a_wide_erase_stroke_beside_the_product_spares_it() -> None:
    rgb, is_bar = bar_photo()
    alpha = np.full((120, 160), 255, dtype=np.uint8)
    # The machine lost nothing of the bar and kept a margin of the ground on its left.
    alpha[:, :40] = 0
    paint(alpha, rgb, Stroke(StrokeKind.ERASE, 18, ((57, 10), (57, 110))))
    assert alpha[30:90, 45:68].max() < 40
    assert alpha[30:90][is_bar[30:90]].min() > 200


def test_an_exact_stroke_paints_what_the_brush_covers_and_nothing_else() -> None:
    rgb, _ = bar_photo()
    alpha = np.zeros((120, 160), dtype=np.uint8)
    paint(alpha, rgb, along_the_bar(StrokeKind.KEEP, is_exact=True))
    assert alpha[60, 64:96].min() > 245
    assert max(alpha[60, :57].max(), alpha[60, 103:].max()) < 10
    edge = int(alpha[60, 60])
    assert 40 < edge < 215, "the brush's edge is soft"


def test_a_stroke_is_the_same_at_half_the_size() -> None:
    rgb, _ = bar_photo()
    whole, half = (np.zeros(shape, dtype=np.uint8) for shape in ((120, 160), (60, 80)))
    paint(whole, rgb, along_the_bar(StrokeKind.KEEP, is_exact=True))
    stroke = along_the_bar(StrokeKind.KEEP, is_exact=True)
    paint(half, np.ascontiguousarray(rgb[::2, ::2]), stroke, scale=0.5)
    smaller = whole.reshape(60, 2, 80, 2).mean(axis=(1, 3))
    assert np.abs(smaller - half).mean() < 2


def test_a_stroke_without_any_edge_below_it_is_a_soft_brush() -> None:
    rgb = np.full((100, 100, 3), 128, dtype=np.uint8)
    alpha = np.zeros((100, 100), dtype=np.uint8)
    paint(alpha, rgb, Stroke(StrokeKind.KEEP, 20, ((50, 50),)))
    assert alpha[50, 50] == 255
    assert alpha[50, 74:].max() == 0


def test_a_stroke_outside_of_the_picture_changes_nothing() -> None:
    rgb, _ = bar_photo()
    alpha = np.full((120, 160), 77, dtype=np.uint8)
    paint(alpha, rgb, Stroke(StrokeKind.ERASE, 10, ((-500, -500), (-400, -500))))
    assert (alpha == 77).all()


def test_a_tap_is_a_stroke() -> None:
    rgb, _ = bar_photo()
    alpha = np.zeros((120, 160), dtype=np.uint8)
    paint(alpha, rgb, Stroke(StrokeKind.KEEP, 8, ((80, 60),), is_exact=True))
    assert abs(int((alpha > 127).sum()) - np.pi * 64) < 25


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        paint(
            np.zeros((10, 10), dtype=np.uint8),
            np.zeros((10, 11, 3), dtype=np.uint8),
            Stroke(StrokeKind.KEEP, 2, ((5, 5),)),
        )


def two_products() -> np.ndarray:
    alpha = np.zeros((100, 200), dtype=np.uint8)
    alpha[20:80, 20:80] = 255
    alpha[20:80, 120:180] = 255
    alpha[19, 120:180] = 90  # a soft edge that its box does not hold
    return alpha


def test_a_product_left_out_goes_with_its_soft_edge_and_the_other_stays() -> None:
    alpha = two_products()
    left, right = Box(20, 20, 80, 80), Box(120, 20, 180, 80)
    result = drop_subjects(alpha, [left], [right])
    assert result[:, 110:].max() == 0
    assert (result[:, :100] == alpha[:, :100]).all()
    assert alpha[50, 150] == 255, "the input is untouched"


def test_a_small_product_in_front_of_a_large_ones_box_is_left_out_alone() -> None:
    alpha = np.zeros((100, 200), dtype=np.uint8)
    alpha[10:90, 10:60] = 255
    alpha[60:90, 10:190] = 255  # an L: its box holds the small one
    alpha[20:40, 120:150] = 255
    result = drop_subjects(alpha, [Box(10, 10, 190, 90)], [Box(120, 20, 150, 40)])
    assert result[20:40, 120:150].max() == 255, "what lies in a kept box stays"
    result = drop_subjects(alpha, [Box(120, 20, 150, 40)], [Box(10, 10, 190, 90)])
    assert result[20:40, 120:150].min() == 255
    assert result[70, 100] == 0
