import torch

from inference.stages.compose import darken, over


def test_a_fully_covered_pixel_is_the_fronts_and_an_empty_one_the_backs() -> None:
    front = torch.zeros((4, 1, 2))
    front[:3, 0, 0] = torch.tensor([0.1234567, 0.7654321, 0.5])
    front[3, 0, 0] = 1.0
    back = torch.rand((3, 1, 2))
    result = over(front, back)
    assert torch.equal(result[:, 0, 0], front[:3, 0, 0])
    assert torch.equal(result[:, 0, 1], back[:, 0, 1])


def test_half_coverage_mixes_in_linear_light() -> None:
    front = torch.tensor([0.5, 0.0, 0.0, 0.5]).view(4, 1, 1)
    result = over(front, torch.ones((3, 1, 1)))
    assert result.flatten().tolist() == [1.0, 0.5, 0.5]


def test_unshadowed_backdrop_stays_untouched_to_the_last_bit() -> None:
    backdrop = torch.rand((3, 8, 8))
    assert torch.equal(darken(backdrop, torch.ones((8, 8)), paper=(0.8, 0.4, 0.2)), backdrop)


def test_a_shadow_on_white_is_neutral() -> None:
    dark = darken(torch.ones((3, 1, 1)), torch.full((1, 1), 0.4), paper=(1.0, 1.0, 1.0))
    assert torch.allclose(dark, torch.full((3, 1, 1), 0.4))


def test_a_shadow_on_coloured_paper_deepens_its_colour() -> None:
    paper = (0.8, 0.4, 0.2)
    backdrop = torch.tensor(paper).view(3, 1, 1)
    red, _, blue = darken(backdrop, torch.full((1, 1), 0.5), paper=paper).flatten().tolist()
    assert red < 0.8
    assert blue / red < 0.2 / 0.8
