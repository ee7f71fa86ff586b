"""Noise and blur: measured as they were made, taken out where they are, refused where not."""

import pytest
import torch

from inference.enhance.blur import measure_blur, sharpen
from inference.enhance.noise import measure_noise, take_out_noise
from inference.enhance.recipe import clean_recipe
from inference.enhance.request import Outcome, Step
from inference.enhance.steps import decide_detail
from tests.inference.enhance.photos import error, noisy, pixels, scene, soft


@pytest.mark.parametrize("level", [3.0, 8.0])
def test_noise_is_measured_as_it_was_made(level: float) -> None:
    found = measure_noise(noisy(scene(), level=level)).level
    assert found == pytest.approx(level, rel=0.25)


def test_noise_goes_and_the_picture_stays() -> None:
    clean = scene()
    photo = noisy(clean, level=8.0)
    done = take_out_noise(photo, measure_noise(photo), strength=50)
    assert error(done, clean) < 0.4 * error(photo, clean)
    means = (done.mean(dim=(1, 2)) - photo.mean(dim=(1, 2))).abs()
    assert float(means.max()) * 255 < 0.2, "colours stay"


def test_no_strength_leaves_every_pixel() -> None:
    photo = noisy(scene(), level=8.0)
    assert torch.equal(take_out_noise(photo, measure_noise(photo), strength=0), photo)


@pytest.mark.parametrize("blur_px", [1.2, 2.0])
def test_blur_is_measured_as_it_was_made(blur_px: float) -> None:
    found = measure_blur(soft(scene(), blur_px=blur_px))
    assert found == pytest.approx(blur_px, rel=0.2)


def test_sharpening_brings_edges_back_without_halos() -> None:
    sharp = scene()
    photo = soft(sharp, blur_px=1.5)
    done = sharpen(photo, blur_px=1.5, noise_level=0.0, strength=100)
    assert error(done, sharp) < 0.85 * error(photo, sharp)
    assert float(done.max()) <= float(photo.max()) + 0.021


def test_a_photo_without_an_edge_has_no_blur_to_measure() -> None:
    assert measure_blur(torch.full((3, 64, 64), 0.5)) is None


def test_what_would_not_help_is_refused_in_a_sentence() -> None:
    recipe = clean_recipe({"denoise": 50, "deblur": 80})
    clean = scene()
    taken, notes = decide_detail(recipe, pixels(clean), measure_noise(clean), measure_blur(clean))
    assert [(note.step, note.outcome) for note in notes] == [
        (Step.DENOISE, Outcome.REFUSED),
        (Step.DEBLUR, Outcome.REFUSED),
    ]
    assert "no noise worth taking out" in notes[0].sentence
    assert "sharp already" in notes[1].sentence
    assert (taken["denoise"], taken["deblur"]) == (0.0, 0.0)


def test_what_helps_is_taken_and_says_by_how_much() -> None:
    recipe = clean_recipe({"denoise": 50, "deblur": 100})
    photo = noisy(soft(scene(), blur_px=1.6), level=2.5)
    taken, notes = decide_detail(recipe, pixels(photo), measure_noise(photo), measure_blur(photo))
    assert [note.outcome for note in notes] == [Outcome.DONE, Outcome.DONE]
    assert taken == recipe
    assert "instead of 1." in notes[1].sentence


def test_a_lost_photo_is_not_promised_back() -> None:
    photo = soft(scene(), blur_px=6.0)
    recipe = clean_recipe({"deblur": 100})
    _, (note,) = decide_detail(recipe, pixels(photo), measure_noise(photo), measure_blur(photo))
    assert note.outcome is Outcome.REFUSED
    assert "Take it again" in note.sentence or "no edge" in note.sentence
