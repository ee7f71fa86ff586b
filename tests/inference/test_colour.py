import pytest
import torch

from inference.pixels.colour import hex_to_linear, linear_to_srgb, srgb_to_linear


def test_every_8_bit_level_survives_the_way_to_linear_light_and_back() -> None:
    levels = torch.arange(256, dtype=torch.float32) / 255
    back = (linear_to_srgb(srgb_to_linear(levels)) * 255).round()
    assert torch.equal(back, torch.arange(256, dtype=torch.float32))


def test_black_and_white_are_exact_ends() -> None:
    ends = torch.tensor([0.0, 1.0])
    assert torch.equal(srgb_to_linear(ends), ends)
    assert linear_to_srgb(ends).tolist() == pytest.approx([0.0, 1.0], abs=1e-6)


def test_light_beyond_white_is_clipped() -> None:
    assert linear_to_srgb(torch.tensor([-0.5, 3.0])).tolist() == pytest.approx([0.0, 1.0], abs=1e-6)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [("#ffffff", (1.0, 1.0, 1.0)), ("#000000", (0.0, 0.0, 0.0)), ("#ff0080", (1.0, 0.0, 0.2159))],
)
def test_a_hex_colour_becomes_linear_light(
    colour: str, expected: tuple[float, float, float]
) -> None:
    assert hex_to_linear(colour) == pytest.approx(expected, abs=1e-4)
