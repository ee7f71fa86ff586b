"""Depth of field: what lies behind goes soft, what lies with the product stays sharp."""

import torch

from inference.scenes.focus import defocused

_SIDE = 256


def _blurred_by(depth_cm: float, strength: float) -> float:
    """How much of a fine pattern's contrast is left at that depth, the product at 170 cm."""
    checks = (torch.arange(_SIDE)[:, None] // 2 + torch.arange(_SIDE) // 2) % 2
    picture = checks.float().expand(3, -1, -1)
    depth = torch.full((_SIDE // 4, _SIDE // 4), depth_cm)
    shown = defocused(picture, depth, focus_cm=170.0, strength=strength)
    return float(shown.std() / picture.std())


def test_a_wall_behind_the_product_goes_soft_and_the_table_around_it_does_not() -> None:
    assert _blurred_by(170.0, 1.0) == 1.0
    assert _blurred_by(178.0, 1.0) == 1.0
    near, far = _blurred_by(198.0, 1.0), _blurred_by(340.0, 1.0)
    assert far < near < 0.5


def test_more_strength_is_softer_and_none_changes_nothing() -> None:
    assert _blurred_by(198.0, 0.0) == 1.0
    assert _blurred_by(198.0, 1.0) < _blurred_by(198.0, 0.3)
