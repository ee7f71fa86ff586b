"""No tint of the old background is left in the product's edge."""

import numpy as np
import pytest

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
