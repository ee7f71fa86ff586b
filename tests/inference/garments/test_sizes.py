"""Patterns are cut to the body: wide where it is wide, arms and legs where they are."""

import numpy as np
import pytest

from inference.garments.drapes import load_drape
from inference.garments.kinds import Kind
from inference.garments.pattern import load_pattern
from inference.garments.poses import BODIES
from inference.garments.sizes import generic_flat, half_width


def test_a_plus_size_is_wider_and_a_loose_fit_wider_still() -> None:
    regular, plus = (half_width(Kind.TEE, body, "regular") for body in ("man", "man-plus"))
    assert plus > 1.1 * regular
    assert half_width(Kind.TEE, "man", "loose") > regular > half_width(Kind.TEE, "man", "slim")


@pytest.mark.parametrize("body", list(BODIES))
def test_sleeves_keep_their_direction_on_every_body(body: str) -> None:
    pattern, flat = load_pattern(Kind.LONG_SLEEVE), generic_flat(Kind.LONG_SLEEVE, body)
    top, bottom = (flat[pattern.corners[f"cuff_{end}_right"]] for end in ("top", "bottom"))
    across = bottom - top
    # The cuff lies square to the sleeve, which falls by 36 degrees.
    assert np.degrees(np.arctan2(-across[0], -across[1])) == pytest.approx(36, abs=3)


@pytest.mark.parametrize("body", list(BODIES))
def test_legs_stand_under_the_hips_on_every_body(body: str) -> None:
    pattern, flat = load_pattern(Kind.TROUSERS), generic_flat(Kind.TROUSERS, body)
    outer, inner = (flat[pattern.corners[f"hem_{side}_right"], 0] for side in ("outer", "inner"))
    assert (outer + inner) / 2 < 0.2
    # The drape made beforehand has one leg on each side of the axis.
    drape = load_drape(Kind.TROUSERS, body, "relaxed")
    ankles = drape[drape[:, 1] < drape[:, 1].min() + 0.15]
    assert (ankles[:, 0] > 0.03).sum() == pytest.approx((ankles[:, 0] < -0.03).sum(), rel=0.1)
