"""White and exposure, from a point and from the ground."""

import numpy as np
import pytest
import torch

from inference.enhance.recipe import clean_recipe
from inference.enhance.request import Outcome, Step
from inference.enhance.steps import decide_light
from inference.enhance.white import adaptation, apply_light, ground_patch, most_gain, patch_at
from inference.pixels.colour import RgbLinear, srgb_to_linear
from tests.inference.enhance.photos import noisy, scene

WARM = torch.tensor([1.15, 1.0, 0.72])


def under(light: torch.Tensor, *, strength: float = 0.8) -> RgbLinear:
    """The scene under coloured light, linear."""
    linear = srgb_to_linear(noisy(scene(), level=1.0))
    return (linear * light[:, None, None] * strength).clamp(0, 1)


@pytest.fixture
def alpha() -> np.ndarray:
    mask = np.zeros((256, 256), np.uint8)
    mask[60:196, 60:196] = 255
    return mask


def test_the_ground_tells_the_light(alpha: np.ndarray) -> None:
    patch = ground_patch(under(WARM), alpha)
    assert patch.problem == ""
    assert patch.confidence > 0.6
    assert patch.cast == "warm"
    lit = apply_light(under(WARM), adaptation(patch.colour), 1.0)
    ground = lit[:, :40].flatten(1).mean(dim=1)
    assert float((ground / ground.mean() - 1).abs().max()) < 0.02, "the ground is grey"


def test_adaptation_keeps_brightness_and_leaves_white_light_alone() -> None:
    assert np.allclose(adaptation((0.4, 0.4, 0.4)), np.eye(3), atol=1e-6)
    seen = np.array([0.6, 0.5, 0.3])
    taken = adaptation((0.6, 0.5, 0.3)) @ seen
    luminance = np.array([0.2126, 0.7152, 0.0722])
    assert np.allclose(taken, taken.mean(), atol=1e-6)
    assert luminance @ taken == pytest.approx(luminance @ seen, rel=1e-6)


def test_a_coloured_wall_is_no_white() -> None:
    wall = torch.tensor([0.6, 0.15, 0.1])[:, None, None].expand(3, 128, 128).contiguous()
    assert "colour of its own" in ground_patch(wall, None).problem
    assert "colour of its own" in patch_at(wall, 0.5, 0.5).problem


def test_pure_white_and_black_tell_nothing() -> None:
    assert "clipped" in ground_patch(torch.ones(3, 128, 128), None).problem
    assert "clipped" in patch_at(torch.ones(3, 64, 64), 0.2, 0.9).problem
    assert "too dark" in patch_at(torch.full((3, 64, 64), 0.005), 0.5, 0.5).problem


def test_a_grey_card_sets_white_and_exposure(alpha: np.ndarray) -> None:
    photo = under(WARM, strength=0.3)
    photo[:, 200:240, 20:60] = (0.09 * WARM)[:, None, None]
    recipe = clean_recipe({"white": "grey", "white_x": 16, "white_y": 86, "white_exposure": True})
    taken, light, notes = decide_light(recipe, photo, alpha, ground_patch(photo, alpha))
    card = apply_light(photo, light.matrix, light.gain)[:, 210:230, 30:50].mean(dim=(1, 2))
    assert torch.allclose(card, torch.full((3,), 0.18), atol=0.01)
    assert [note.step for note in notes] == [Step.WHITE, Step.EXPOSURE]
    assert all(note.outcome is Outcome.DONE for note in notes)
    assert taken == recipe


def test_exposure_ends_where_the_products_highlights_would_clip(alpha: np.ndarray) -> None:
    photo = under(torch.ones(3))
    photo[:, 100:160, 100:160] = 0.7
    most = most_gain(photo, np.eye(3), alpha)
    assert 1.3 < most < 1.5
    recipe = clean_recipe({"exposure": 2})
    taken, light, (note,) = decide_light(recipe, photo, alpha, ground_patch(photo, alpha))
    assert note.outcome is Outcome.LIMITED
    assert light.gain == pytest.approx(most)
    assert "highlights" in note.sentence
    assert taken["exposure"] == pytest.approx(np.log2(most), abs=0.01), "what was done is said"


def test_an_uneven_ground_is_not_trusted(alpha: np.ndarray) -> None:
    photo = under(torch.ones(3))
    stripes = torch.tensor([[0.9, 0.6, 0.3], [0.3, 0.6, 0.9]]).T
    photo[:, :, :128] *= stripes[:, :1, None]
    photo[:, :, 128:] *= stripes[:, 1:, None]
    taken, light, (note,) = decide_light(
        clean_recipe({"white": "auto"}), photo, alpha, ground_patch(photo, alpha)
    )
    assert note.outcome is Outcome.REFUSED
    assert light.is_unchanged
    assert taken == clean_recipe({})
