"""Crops for channels: the whole product stays, at the fill and in the shape that are asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.pixels.arrays import RgbU8
from inference.requests import Box
from inference.stages.crops import (
    Crop,
    CropImpossible,
    CropRule,
    border_colour,
    content_box,
    cut,
    plan_crop,
)


def picture(width: int, height: int, product: Box, *, ground: int = 255) -> RgbU8:
    rgb = np.full((height, width, 3), ground, dtype=np.uint8)
    rgb[product.top : product.bottom, product.left : product.right] = (180, 60, 40)
    return rgb


@given(
    left=st.integers(1, 400),
    top=st.integers(1, 400),
    width=st.integers(8, 500),
    height=st.integers(8, 500),
    aspect=st.sampled_from([1.0, 1801 / 2600, 16 / 9, None]),
    fill=st.floats(0.5, 0.95),
)
def test_on_a_flat_backdrop_every_product_gets_its_fill_and_stays_whole(
    left: int, top: int, width: int, height: int, aspect: float | None, fill: float
) -> None:
    product = Box(left, top, left + width, top + height)
    rule = CropRule(aspect=aspect, fill=fill)
    crop = plan_crop((1000, 1000), product=product, content=product, rule=rule, is_flat=True)
    assert crop.holds(product)
    assert crop.width / crop.height == pytest.approx(aspect or 1.0, abs=2 / min(crop.height, 8))
    # Tiny products cannot have the fill and a border of a pixel as well.
    assert crop.fill(product) == pytest.approx(fill, abs=0.5 / min(width, height) + 0.1)


def test_a_product_in_a_square_spans_what_is_asked_of_it() -> None:
    product = Box(400, 100, 600, 900)
    rule = CropRule(aspect=1.0, fill=0.88, least_fill=0.85)
    crop = plan_crop((1000, 1000), product=product, content=product, rule=rule, is_flat=True)
    assert crop.fill(product) == pytest.approx(0.88, abs=0.002)
    assert crop.width == crop.height == 909
    # Centred, although the window is smaller than the picture.
    assert (crop.left + crop.width / 2, crop.top + crop.height / 2) == (500.5, 500.5)


def test_outside_the_picture_the_backdrop_goes_on() -> None:
    product = Box(20, 20, 180, 80)
    rgb = picture(200, 100, product)
    crop = plan_crop(
        (200, 100), product=product, content=product, rule=CropRule(1.0, 0.8), is_flat=True
    )
    assert crop.top < 0
    window = cut(rgb, crop)
    assert window.shape == (200, 200, 3)
    assert border_colour(window) == (255, 255, 255)
    assert content_box(window, (255, 255, 255)) == Box(20, 70, 180, 130)


def test_a_shadow_is_never_cut_off() -> None:
    product, content = Box(300, 300, 700, 700), Box(300, 300, 780, 720)
    rule = CropRule(1.0, 0.9, 0.85)
    with pytest.raises(CropImpossible, match="fills 83%"):
        plan_crop((1000, 1000), product=product, content=content, rule=rule, is_flat=True)
    rule = CropRule(1.0, 0.9)
    crop = plan_crop((1000, 1000), product=product, content=content, rule=rule, is_flat=True)
    assert crop.holds(content)


def test_a_scene_is_cropped_around_the_product_and_never_extended() -> None:
    product = Box(1100, 200, 1500, 800)
    crop = plan_crop(
        (1600, 900), product=product, content=product, rule=CropRule(1.0), is_flat=False
    )
    assert (crop.width, crop.height) == (900, 900)
    assert crop.holds(product)
    assert crop.left >= 0
    assert crop.left + crop.width <= 1600


def test_a_product_wider_than_the_shape_is_refused_and_not_cut() -> None:
    product = Box(100, 300, 1500, 600)
    with pytest.raises(CropImpossible, match="whole product"):
        plan_crop((1600, 900), product=product, content=product, rule=CropRule(1.0), is_flat=False)


def test_a_picture_in_its_own_shape_is_left_as_it_is() -> None:
    product = Box(100, 300, 1500, 600)
    crop = plan_crop((1600, 900), product=product, content=product, rule=CropRule(), is_flat=False)
    assert crop == Crop(0, 0, 1600, 900)


def test_a_flat_picture_that_has_the_shape_already_is_left_as_it_is() -> None:
    product = Box(100, 80, 700, 900)
    rule = CropRule(aspect=1.0)
    crop = plan_crop((1000, 1000), product=product, content=product, rule=rule, is_flat=True)
    assert crop == Crop(0, 0, 1000, 1000)


def test_a_wide_picture_on_white_is_made_square_with_its_own_margins() -> None:
    product = Box(300, 100, 1300, 800)
    rule = CropRule(aspect=1.0)
    crop = plan_crop((1600, 900), product=product, content=product, rule=rule, is_flat=True)
    assert crop == Crop(200, -150, 1200, 1200)


def test_a_border_of_two_colours_has_none() -> None:
    rgb = picture(40, 30, Box(10, 10, 20, 20))
    assert border_colour(rgb) == (255, 255, 255)
    rgb[0, 5] = (254, 254, 253)
    assert border_colour(rgb) is None
