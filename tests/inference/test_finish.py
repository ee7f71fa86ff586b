import numpy as np
import torch

from inference.pixels.colour import srgb_to_linear
from inference.stages.finish import dither_noise, finish_picture, gradient_mask


def test_undithered_pixels_keep_their_exact_bytes() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    linear = srgb_to_linear(torch.from_numpy(rgb).permute(2, 0, 1).float() / 255)
    finished = finish_picture(linear, torch.zeros((30, 40)), seed=5)
    assert np.array_equal(finished, rgb)


def test_dither_turns_a_level_between_two_into_a_mix_of_both() -> None:
    linear = srgb_to_linear(torch.full((3, 256, 256), 100.5 / 255))
    finished = finish_picture(linear, torch.ones((256, 256)), seed=0)
    assert set(np.unique(finished)) == {100, 101}
    assert abs(finished.mean() - 100.5) < 0.02


def test_dither_leaves_whole_levels_alone() -> None:
    linear = srgb_to_linear(torch.full((3, 64, 64), 100 / 255))
    finished = finish_picture(linear, torch.ones((64, 64)), seed=0)
    assert np.mean(finished == 100) > 0.99


def test_white_stays_white_under_dither() -> None:
    finished = finish_picture(torch.ones((3, 64, 64)), torch.ones((64, 64)), seed=0)
    assert finished.min() == 255


def test_the_same_seed_gives_the_same_noise_and_another_does_not() -> None:
    assert torch.equal(dither_noise(4), dither_noise(4))
    assert not torch.equal(dither_noise(4), dither_noise(5))


def test_dither_noise_is_evenly_spread_without_slow_waves() -> None:
    noise = dither_noise(0).numpy()
    assert abs(noise.mean()) < 1e-6
    assert abs(np.var(noise) - 1 / 12) < 1e-3
    blocks = noise.reshape(16, 16, 16, 16).mean(axis=(1, 3))
    white_noise_would_be = np.sqrt(1 / 12) / 16
    assert blocks.std() < 0.35 * white_noise_would_be


def test_only_bare_backdrop_is_dithered() -> None:
    alpha = torch.tensor([[0.0, 0.5, 1.0, 0.0]])
    touched = torch.tensor([[True, True, True, False]])
    assert gradient_mask(True, touched, alpha).tolist() == [[1.0, 0.0, 0.0, 0.0]]
    assert gradient_mask(False, touched, alpha).tolist() == [[1.0, 0.0, 0.0, 1.0]]
