import numpy as np
import pytest
import torch

from inference.pixels.geometry import Stance, find_stance
from inference.stages.shadow import KeyLight, cast_shadow, fade_to_clean, with_strength


def _can(size: int = 300) -> tuple[torch.Tensor, Stance]:
    """A can seen from a little above: straight sides, a round foot that sags."""
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    across = (columns - size / 2) / (0.15 * size)
    sag = 0.05 * size * np.sqrt(np.clip(1 - across**2, 0, 1))
    inside = (np.abs(across) < 1) & (rows > 0.3 * size) & (rows < 0.7 * size + sag)
    alpha = inside.astype(np.float32)
    stance = find_stance(alpha)
    assert stance is not None
    return torch.from_numpy(alpha), stance


def _shadow(light: KeyLight, *, pitch_deg: float = 20.0, seed: int = 0) -> torch.Tensor:
    alpha, stance = _can()
    return cast_shadow(alpha, stance, light, pitch_deg=pitch_deg, detail=80, seed=seed)


def _dark(kept: torch.Tensor, rows: slice, columns: slice) -> float:
    return float((1 - kept)[rows, columns].mean())


@pytest.mark.parametrize(("direction_deg", "side"), [(-90.0, "right"), (90.0, "left")])
def test_light_from_one_side_throws_the_shadow_to_the_other(
    direction_deg: float, side: str
) -> None:
    kept = _shadow(KeyLight(direction_deg, 40.0, 0.2))
    left = _dark(kept, slice(190, 215), slice(40, 95))
    right = _dark(kept, slice(190, 215), slice(205, 260))
    assert (right > left) == (side == "right")
    assert max(left, right) > 3 * min(left, right)


def test_light_from_behind_throws_the_shadow_towards_the_camera() -> None:
    back = _shadow(KeyLight(180.0, 35.0, 0.2))
    front = _shadow(KeyLight(0.0, 35.0, 0.2))
    below = (slice(235, 270), slice(125, 175))
    assert _dark(back, *below) > 0.2
    assert _dark(back, *below) > 2.5 * _dark(front, *below)


def test_a_lower_lamp_throws_a_longer_shadow() -> None:
    far = (slice(190, 215), slice(230, 290))
    low = _shadow(KeyLight(-90.0, 30.0, 0.1))
    high = _shadow(KeyLight(-90.0, 65.0, 0.1))
    assert _dark(low, *far) > 2 * _dark(high, *far)


def test_the_floor_is_darkest_at_the_contact() -> None:
    kept = _shadow(KeyLight(-60.0, 50.0, 0.6))
    contact = _dark(kept, slice(225, 228), slice(140, 160))
    away = _dark(kept, slice(250, 254), slice(140, 160))
    assert contact > 0.45
    assert contact > 3 * away


def test_a_large_softbox_blurs_the_far_end_more_than_a_bulb() -> None:
    def steepest_far_edge(softness: float) -> float:
        kept = _shadow(KeyLight(-90.0, 62.0, softness, share=1.0))
        return float(kept[190:215, 230:299].mean(dim=0).diff().max())

    assert steepest_far_edge(0.0) > 1.5 * steepest_far_edge(1.0)


def test_every_leg_casts_its_own_shadow() -> None:
    alpha = torch.zeros((200, 300))
    alpha[60:160, 70:80] = 1.0
    alpha[60:160, 220:230] = 1.0
    stance = find_stance(alpha.numpy())
    assert stance is not None
    kept = cast_shadow(
        alpha, stance, KeyLight(-90.0, 60.0, 0.0), pitch_deg=20.0, detail=100, seed=0
    )
    dark = (1 - kept)[158:162].mean(dim=0)
    assert dark[82:90].mean() > 2 * dark[140:160].mean()
    assert dark[232:240].mean() > 2 * dark[140:160].mean()


def test_the_same_seed_gives_the_same_shadow() -> None:
    light = KeyLight(-40.0, 50.0, 0.5)
    assert torch.equal(_shadow(light, seed=9), _shadow(light, seed=9))


def test_a_coarse_shadow_looks_like_a_fine_one() -> None:
    alpha, stance = _can()
    light = KeyLight(-40.0, 50.0, 0.5)
    coarse = cast_shadow(alpha, stance, light, pitch_deg=20.0, detail=60, seed=0)
    fine = cast_shadow(alpha, stance, light, pitch_deg=20.0, detail=144, seed=0)
    outside = alpha < 0.5
    assert (coarse - fine)[outside].abs().mean() < 0.02


def test_a_wire_thinner_than_the_lattice_still_casts_a_shadow() -> None:
    alpha = torch.zeros((400, 400))
    alpha[50:350, 200] = 1.0
    stance = find_stance(alpha.numpy())
    assert stance is not None
    kept = cast_shadow(alpha, stance, KeyLight(-90.0, 40.0, 0.3), pitch_deg=20.0, detail=60, seed=0)
    assert kept.min() < 0.98


def test_strength_scales_a_shadow_down_to_nothing() -> None:
    kept = torch.tensor([[1.0, 0.5, 0.0]])
    assert with_strength(kept, torch.tensor(0.0)).tolist() == [[1.0, 1.0, 1.0]]
    full = with_strength(kept, torch.tensor(1.0))[0].tolist()
    assert full[0] == 1.0
    assert 0 < full[2] < full[1] < 1


def test_a_clean_shadow_is_exactly_none_at_the_edge_and_where_it_whispers() -> None:
    kept = torch.full((80, 80), 0.6)
    kept[40, 40] = 0.997
    clean = fade_to_clean(kept, floor_px=12)
    border = torch.cat([clean[0], clean[-1], clean[:, 0], clean[:, -1]])
    assert torch.all(border == 1.0)
    assert clean[40, 40] == 1.0
    assert clean[30, 40] == pytest.approx(0.6)
