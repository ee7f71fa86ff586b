import pytest
import torch

from inference.stages.backdrop import FlatBackdrop, SweepBackdrop, floor_share, set_backdrop

_CPU = torch.device("cpu")
_CLAY = (0.60, 0.25, 0.14)


def _sweep(
    direction_deg: float = -60.0, *, bend: float = 0.9, falloff: float = 0.8, glow: float = 0.0
) -> SweepBackdrop:
    return SweepBackdrop(
        wall=_CLAY,
        floor=_CLAY,
        direction_deg=direction_deg,
        height_deg=45.0,
        bend=bend,
        falloff=falloff,
        glow=glow,
    )


def test_a_flat_backdrop_is_its_colour_everywhere() -> None:
    picture = set_backdrop(FlatBackdrop((1.0, 0.5, 0.25)), width=7, height=5, device=_CPU)
    assert picture.shape == (3, 5, 7)
    assert torch.equal(picture.amin(dim=(1, 2)), torch.tensor([1.0, 0.5, 0.25]))
    assert torch.equal(picture.amax(dim=(1, 2)), torch.tensor([1.0, 0.5, 0.25]))


@pytest.mark.parametrize(("direction_deg", "brighter"), [(-60.0, "left"), (60.0, "right")])
def test_the_lamps_side_is_brighter(direction_deg: float, brighter: str) -> None:
    picture = set_backdrop(_sweep(direction_deg), width=90, height=90, device=_CPU)
    left, right = picture[:, :, :20].mean(), picture[:, :, -20:].mean()
    assert (left > right) == (brighter == "left")
    assert abs(left - right) > 0.01


def test_without_falloff_and_glow_the_paper_is_evenly_lit() -> None:
    picture = set_backdrop(_sweep(falloff=0.0), width=60, height=60, device=_CPU)
    assert picture[0].std() < 1e-4
    assert picture.mean(dim=(1, 2)).tolist() == pytest.approx(_CLAY, rel=0.01)


def test_glow_lights_the_wall_behind_the_product() -> None:
    picture = set_backdrop(_sweep(0.0, falloff=0.0, glow=0.9), width=80, height=80, device=_CPU)
    assert picture[0, 30:40, 35:45].mean() > 1.3 * picture[0, :8, :8].mean()


@pytest.mark.parametrize("direction_deg", [-150.0, -60.0, 0.0, 90.0, 180.0])
def test_light_stays_between_black_and_white(direction_deg: float) -> None:
    white = SweepBackdrop(
        (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), direction_deg, 30.0, falloff=1.0, glow=1.0, sheen=1.0
    )
    picture = set_backdrop(white, width=64, height=48, device=_CPU)
    assert picture.min() > 0
    assert picture.max() <= 1


def test_a_sweep_has_no_steps_from_row_to_row() -> None:
    picture = set_backdrop(_sweep(), width=40, height=600, device=_CPU)
    assert picture.diff(dim=1).abs().max() < 0.006


def test_a_sharp_bend_draws_a_horizon_between_two_colours() -> None:
    duo = SweepBackdrop(
        (0.8, 0.7, 0.6), (0.5, 0.2, 0.1), 0.0, 60.0, horizon=0.5, bend=0.0, falloff=0.0, glow=0.0
    )
    picture = set_backdrop(duo, width=20, height=200, device=_CPU)
    assert picture[:, 95, 10].tolist() == pytest.approx([0.8, 0.7, 0.6], rel=0.02)
    assert picture[:, 105, 10].tolist() == pytest.approx([0.5, 0.2, 0.1], rel=0.02)


def test_the_same_backdrop_looks_the_same_at_any_size() -> None:
    small = set_backdrop(_sweep(), width=64, height=64, device=_CPU)
    large = set_backdrop(_sweep(), width=256, height=256, device=_CPU)
    reduced = torch.nn.functional.avg_pool2d(large[None], 4)[0]
    assert (small - reduced).abs().max() < 0.01


def test_a_floor_shadow_ends_at_the_wall() -> None:
    sharp = floor_share(_sweep(bend=0.0), height=100, device=_CPU)
    assert sharp[:60].max() == 0.0
    assert sharp[65:].min() == 1.0
    assert floor_share(FlatBackdrop(_CLAY), height=9, device=_CPU).min() == 1.0
