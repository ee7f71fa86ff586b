"""What a backdrop's setup takes, and what is guessed of a photo."""

import numpy as np
import pytest

from inference.backdrops.guess import focal_from, guess_setup
from inference.backdrops.setup import BackdropSetup, Viewpoint, setup_from
from inference.errors import ParameterInvalid


def test_a_setup_survives_storage_and_keeps_what_is_left_out() -> None:
    setup = BackdropSetup(eye_level=0.1, light_from_deg=35.0, viewpoint=Viewpoint.ABOVE)
    assert setup_from(setup.to_json()) == setup
    changed = setup_from({"width_cm": 200}, setup)
    assert (changed.width_cm, changed.eye_level) == (200.0, 0.1)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"horizon": 0.4}, "horizon"),
        ({"width_cm": 0}, "width_cm"),
        ({"width_cm": "80"}, "width_cm"),
        ({"light_softness": float("nan")}, "light_softness"),
        ({"viewpoint": "sideways"}, "viewpoint"),
        ({"eye_level": 0.7, "ground_line": 0.5}, "ground_line"),
        ({"stand_y": 0.5, "ground_line": 0.6}, "stand_y"),
    ],
)
def test_an_impossible_setup_is_refused_by_name(data: dict[str, object], field: str) -> None:
    with pytest.raises(ParameterInvalid) as refused:
        setup_from(data)
    assert refused.value.parameter == field


def _place(*, edge: float, slope: float) -> np.ndarray:
    """A dim wall over a pale ground, both brighter towards the right by `slope`."""
    height, width = 240, 320
    across = np.linspace(-slope / 2, slope / 2, width)[None, :]
    row = np.arange(height)[:, None]
    level = np.where(row < edge * height, 0.22, 0.55) * np.exp(across)
    grain = np.random.default_rng(3).normal(0, 0.004, level.shape)
    srgb = np.clip(level + grain, 0, 1) ** (1 / 2.2)
    return np.repeat((srgb * 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize(("slope", "is_right"), [(0.6, True), (-0.6, False)])
def test_a_plain_place_is_read_surely(slope: float, is_right: bool) -> None:
    guess = guess_setup(_place(edge=0.6, slope=slope))
    assert guess.setup.ground_line == pytest.approx(0.6, abs=0.03)
    assert (guess.setup.light_from_deg > 0) is is_right
    assert guess.sure == {"ground_line", "light_from_deg"}


def test_what_a_photo_does_not_show_is_not_sure() -> None:
    flat = np.full((200, 300, 3), 130, np.uint8)
    guess = guess_setup(flat)
    assert guess.sure == frozenset()
    # It is a setup that can be used all the same.
    assert setup_from(guess.setup.to_json()) == guess.setup


def test_a_lens_is_taken_from_the_file_where_it_says_so() -> None:
    assert focal_from(26.0) == pytest.approx(0.601, abs=0.001)
    assert focal_from(0.0) is None
    wide, long = (guess_setup(_place(edge=0.6, slope=0.4), focal=f).setup for f in (0.6, 2.0))
    assert wide.focal == 0.6
    # The same pitch moves the horizon further the longer the lens.
    assert long.eye_level < wide.eye_level
