"""Glass whose alpha is known, and shadows that are really there."""

import numpy as np
import pytest

from inference.pixels.arrays import GreyU8, RgbF32, RgbU8
from inference.stages.own_shadow import own_shadow
from inference.stages.translucency import measure_transparency

HEIGHT, WIDTH = 300, 400
Y, X = np.mgrid[:HEIGHT, :WIDTH]
GREEN = np.array([70, 160, 95], np.float32)


def tumbler(ground: RgbF32) -> tuple[RgbU8, GreyU8]:
    """A glass that darkens the ground by 0.3, with an opaque red label on it."""
    body = (np.abs(X - 200) < 80) & (np.abs(Y - 150) < 110)
    label = (np.abs(X - 200) < 50) & (np.abs(Y - 170) < 40)
    seen = np.where(body[..., None], ground * 0.7, ground)
    seen = np.where(label[..., None], np.array([190, 40, 35], np.float32), seen)
    return seen.astype(np.uint8), (body * 255).astype(np.uint8)


def sweep() -> RgbF32:
    ground: RgbF32 = GREEN * (1 - 0.1 * (Y / HEIGHT)[..., None]).astype(np.float32)
    return ground


def test_glass_lets_the_ground_through_and_its_label_does_not() -> None:
    rgb, alpha = tumbler(sweep())
    glass = measure_transparency(rgb, alpha)
    assert glass is not None
    assert glass.factor[60:100, 150:250].mean() == pytest.approx(0.3, abs=0.06)
    assert glass.factor[150:190, 170:230].min() > 0.95
    assert 0.5 < glass.share < 0.9


def test_a_cap_is_solid_to_its_edge_and_glass_is_clear_to_its_own() -> None:
    rgb, alpha = tumbler(sweep())
    rgb[40:80, 121:280] = (190, 150, 60)  # from side to side of the body, which begins at 121
    glass = measure_transparency(rgb, alpha)
    assert glass is not None
    assert glass.factor[45:64, 122:279].min() > 0.9
    assert glass.factor[95:110, 122:128].max() < 0.5


def test_a_solid_product_said_to_be_glass_stays_solid_where_it_hides_the_ground() -> None:
    rgb, alpha = tumbler(sweep())
    rgb[alpha > 0] = (200, 180, 60)
    glass = measure_transparency(rgb, alpha)
    assert glass is not None
    assert glass.factor[80:220, 150:250].min() > 0.95


def test_where_there_is_no_product_nothing_is_measured() -> None:
    rgb, alpha = tumbler(sweep())
    assert measure_transparency(rgb, np.zeros_like(alpha)) is None


def ball_with_shadow(depth: float) -> tuple[RgbU8, GreyU8]:
    ball = np.hypot(X - 200, Y - 140) < 70
    distance = np.hypot((X - 215) / 90, (Y - 215) / 22)
    shade = 1 - depth * np.exp(-(distance**2))
    ground = 205 * (1 - 0.08 * X / WIDTH) * shade
    seen = np.where(ball, 90, ground)
    rgb = np.repeat(seen[..., None], 3, axis=2).astype(np.uint8)
    return rgb, (ball * 255).astype(np.uint8)


def test_the_shadow_beside_the_product_is_taken_off_a_plain_ground() -> None:
    shadow = own_shadow(*ball_with_shadow(0.45))
    assert shadow is not None
    assert shadow.shape == (HEIGHT, WIDTH)
    assert shadow[222, 215] / 255 == pytest.approx(0.55, abs=0.08)
    assert shadow[20, 20] == 255
    assert shadow[290, 390] == 255


def test_there_is_no_shadow_to_keep_where_none_is_seen() -> None:
    assert own_shadow(*ball_with_shadow(0.0)) is None


def test_a_patterned_ground_is_no_shadow() -> None:
    rgb, alpha = ball_with_shadow(0.3)
    checks = ((X // 12 + Y // 12) % 2 == 0) & (alpha == 0)
    rgb[checks] = (rgb[checks] * 0.7).astype(np.uint8)
    assert own_shadow(rgb, alpha) is None
