"""Where the product is, what it crosses, and from how high it was seen."""

import math

import numpy as np
import pytest

from inference.pixels.arrays import GreyU8
from inference.requests import Box
from inference.stages.measure import TYPICAL_PITCH_DEG, measure


def upright_cylinder(pitch_deg: float, scale: int = 1) -> GreyU8:
    """A can seen from `pitch_deg` above: a body that ends in half an ellipse."""
    height, width, radius = 600 * scale, 500 * scale, 150 * scale
    alpha = np.zeros((height, width), dtype=np.uint8)
    x = np.arange(-radius, radius + 1)
    drop = np.sqrt(1 - (x / radius) ** 2) * radius * math.sin(math.radians(pitch_deg))
    for column, depth in zip(x + width // 2, drop, strict=True):
        alpha[100 * scale : 400 * scale + round(depth), column] = 255
    return alpha


def test_the_box_is_tight_and_coverage_is_the_products_share() -> None:
    alpha = np.zeros((100, 200), dtype=np.uint8)
    alpha[20:70, 40:140] = 255
    found = measure(alpha)
    assert found.subject == Box(40, 20, 140, 70)
    assert (found.width, found.height) == (200, 100)
    assert found.coverage == pytest.approx(0.25)
    assert found.touches == ()
    assert not found.has_own_alpha


def test_faint_pixels_do_not_stretch_the_box() -> None:
    alpha = np.full((80, 80), 40, dtype=np.uint8)
    alpha[30:50, 30:60] = 255
    assert measure(alpha).subject == Box(30, 30, 60, 50)


@pytest.mark.parametrize(
    ("window", "edges"),
    [
        (np.s_[0:50, 20:60], ("top",)),
        (np.s_[30:100, 20:60], ("bottom",)),
        (np.s_[10:60, 0:100], ("left", "right")),
        (np.s_[0:100, 0:100], ("left", "top", "right", "bottom")),
    ],
)
def test_edges_that_cut_the_product_are_named(
    window: tuple[slice, slice], edges: tuple[str, ...]
) -> None:
    alpha = np.zeros((100, 100), dtype=np.uint8)
    alpha[window] = 255
    assert measure(alpha).touches == edges


def test_one_stray_pixel_on_the_edge_is_no_crossing() -> None:
    alpha = np.zeros((100, 100), dtype=np.uint8)
    alpha[0:60, 40] = 255
    alpha[10:60, 20:80] = 255
    assert measure(alpha).touches == ()


@pytest.mark.parametrize("pitch_deg", [8, 18, 30, 40])
@pytest.mark.parametrize("scale", [1, 5])
def test_pitch_is_read_from_the_sag_of_a_round_base(pitch_deg: float, scale: int) -> None:
    found = measure(upright_cylinder(pitch_deg, scale))

    assert found.pitch_deg == pytest.approx(pitch_deg, abs=2.0)
    assert found.base_width_px > 180 * scale


def test_a_flat_base_is_seen_level() -> None:
    alpha = np.zeros((300, 300), dtype=np.uint8)
    alpha[50:250, 60:240] = 255
    found = measure(alpha)
    assert found.pitch_deg == 0
    assert found.base_width_px == pytest.approx(180)


def test_a_cropped_base_or_a_point_says_nothing_about_pitch() -> None:
    cropped = upright_cylinder(30)[:380]
    assert measure(cropped).pitch_deg == TYPICAL_PITCH_DEG
    needle = np.zeros((300, 300), dtype=np.uint8)
    for row in range(50, 250):
        half = max(1, (250 - row) // 3)
        needle[row, 150 - half : 150 + half] = 255
    assert measure(needle).pitch_deg == TYPICAL_PITCH_DEG


def test_an_empty_matte_is_measured_as_the_whole_frame() -> None:
    found = measure(np.zeros((40, 60), dtype=np.uint8), has_own_alpha=True)
    assert found.subject == Box(0, 0, 60, 40)
    assert found.coverage == 0
    assert found.has_own_alpha
