"""No tint of the old background is left in the product's edge."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pymatting import estimate_foreground_ml

from inference.errors import ShapeMismatch
from inference.pixels.arrays import AlphaF32, RgbF32
from inference.stages.foreground import clean_foreground


def soft_disc(side: int, softness: float) -> AlphaF32:
    y, x = np.mgrid[:side, :side].astype(np.float32)
    distance = np.hypot(x - side / 2, y - side / 2)
    alpha: AlphaF32 = np.clip((side * 0.35 - distance) / softness + 0.5, 0, 1).astype(np.float32)
    return alpha


def mixed(alpha: AlphaF32, product: tuple[float, ...], wall: tuple[float, ...]) -> RgbF32:
    front, back = np.array(product, np.float32), np.array(wall, np.float32)
    noise = np.random.default_rng(0).normal(0, 0.01, (*alpha.shape, 3)).astype(np.float32)
    return (alpha[..., None] * front + (1 - alpha[..., None]) * back + noise).clip(0, 1)


@pytest.mark.parametrize("side", [256, 1100])
@pytest.mark.parametrize("softness", [2.0, 14.0])
@pytest.mark.parametrize("wall", [(0.05, 0.7, 0.1), (0.98, 0.98, 0.98), (0.0, 0.0, 0.0)])
def test_the_edge_takes_the_products_colour(
    side: int, softness: float, wall: tuple[float, ...]
) -> None:
    product = (0.55, 0.2, 0.3)
    alpha = soft_disc(side, softness)
    clean = clean_foreground(mixed(alpha, product, wall), alpha)
    edge = (alpha > 0.15) & (alpha < 0.95)
    assert edge.sum() > 100
    error = np.abs(clean[edge] - np.array(product, np.float32))
    assert error.mean() < 0.03
    assert clean.dtype == np.float32
    assert clean.min() >= 0
    assert clean.max() <= 1


def fibres(side: int = 160) -> tuple[AlphaF32, RgbF32, RgbF32]:
    """A ball with hairs: its alpha, its colour everywhere, and the photo before a shaded wall."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    angle = np.arctan2(y - side / 2, x - side / 2)
    distance = np.hypot(y - side / 2, x - side / 2)
    hair = (np.cos(angle * 40) * 2 - 1).clip(0, 0.9) * (distance < 70)
    alpha = np.maximum((50.5 - distance).clip(0, 1), hair).astype(np.float32)
    ball = np.stack([0.75 + 0.1 * np.sin(x / 30), 0.45 + 0.1 * np.cos(y / 25), x * 0 + 0.25], -1)
    wall = np.stack([0.2 + 0.3 * x / side, 0.35 + 0.2 * y / side, 0.6 - 0.2 * x / side], -1)
    photo = alpha[..., None] * ball + (1 - alpha[..., None]) * wall
    return alpha, ball.astype(np.float32), photo.astype(np.float32)


def test_hairs_take_their_own_colour_nearly_as_well_as_by_the_published_solver() -> None:
    alpha, ball, photo = fibres()
    edge = (alpha > 0.02) & (alpha < 0.98)
    published = estimate_foreground_ml(photo.astype(np.float64), alpha.astype(np.float64))

    def error(colours: NDArray[np.floating[Any]]) -> float:
        return float((np.abs(colours - ball) * alpha[..., None])[edge].mean())

    ours = error(clean_foreground(photo, alpha))
    assert ours < 0.15 * error(photo)
    assert ours < error(published) + 0.005


def test_solid_and_clear_pixels_are_untouched_to_the_bit() -> None:
    alpha = soft_disc(200, 6.0)
    photo = mixed(alpha, (0.5, 0.4, 0.1), (0.2, 0.3, 0.9))
    before = photo.copy()
    clean = clean_foreground(photo, alpha)
    settled = (alpha == 1) | (alpha == 0)
    np.testing.assert_array_equal(clean[settled], photo[settled])
    np.testing.assert_array_equal(photo, before)
    assert not np.array_equal(clean[~settled], photo[~settled])


def test_colours_stay_local() -> None:
    """A product that is red above and blue below keeps both at its edge."""
    alpha = soft_disc(300, 8.0)
    photo = mixed(alpha, (0.8, 0.1, 0.1), (0.9, 0.9, 0.9))
    photo[150:] = mixed(alpha, (0.1, 0.1, 0.8), (0.9, 0.9, 0.9))[150:]
    clean = clean_foreground(photo, alpha)
    edge = (alpha > 0.2) & (alpha < 0.9)
    above, below = clean[:130][edge[:130]].mean(0), clean[170:][edge[170:]].mean(0)
    assert above[0] > 0.7
    assert above[2] < 0.2
    assert below[2] > 0.7
    assert below[0] < 0.2


def test_a_picture_without_an_edge_comes_back_as_it_was() -> None:
    photo = np.full((20, 30, 3), 0.4, dtype=np.float32)
    np.testing.assert_array_equal(clean_foreground(photo, np.ones((20, 30), np.float32)), photo)


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ShapeMismatch, match=r"\(20, 30\)"):
        clean_foreground(np.zeros((20, 30, 3), np.float32), np.zeros((20, 31), np.float32))
