import numpy as np
import pytest
import torch

from inference.pixels.geometry import Stance, find_stance
from inference.stages.reflect import Gloss, mirror_product


def _bottle() -> tuple[torch.Tensor, Stance]:
    """Red above, blue at the foot, standing on row 80."""
    product = torch.zeros((4, 160, 100))
    product[3, 20:80, 40:60] = 1.0
    product[0, 20:50, 40:60] = 1.0
    product[2, 50:80, 40:60] = 1.0
    stance = find_stance(product[3].numpy())
    assert stance is not None
    return product, stance


def test_the_image_hangs_upside_down_from_the_contact() -> None:
    product, stance = _bottle()
    mirror = mirror_product(product, stance, Gloss(0.8, roughness=0.0))
    assert mirror[3, :79].max() == 0.0
    assert mirror[2, 85, 50] > 0
    assert mirror[0, 85, 50] == pytest.approx(0.0, abs=1e-4)
    assert mirror[0, 115, 50] > mirror[2, 115, 50]


def test_the_image_dims_with_distance() -> None:
    product, stance = _bottle()
    mirror = mirror_product(product, stance, Gloss(0.8))
    column = mirror[3, 83:120, 50]
    assert torch.all(column.diff() <= 1e-5)
    assert column[-1] < 0.3 * column[0]


def test_a_rough_floor_blurs_what_is_far_from_the_contact() -> None:
    product, stance = _bottle()
    clear = mirror_product(product, stance, Gloss(0.8, roughness=0.0))
    satin = mirror_product(product, stance, Gloss(0.8, roughness=1.0))
    assert clear[3, 100, 37] == pytest.approx(0.0, abs=1e-4)
    assert satin[3, 100, 39] > clear[3, 100, 39]


def test_each_column_mirrors_about_its_own_contact() -> None:
    product = torch.zeros((4, 100, 100))
    product[:, 30:60, 20:30] = 1.0
    product[:, 30:64, 70:80] = 1.0
    stance = find_stance(product[3].numpy())
    assert stance is not None
    mirror = mirror_product(product, stance, Gloss(0.9, roughness=0.0))
    assert mirror[3, 62, 25] > 0.5
    assert mirror[3, 62, 75] < 0.05
    assert mirror[3, 66, 75] > 0.5


def test_nothing_is_mirrored_from_above_the_frame() -> None:
    product = torch.zeros((4, 60, 20))
    product[:, 0:12, 5:15] = 1.0
    stance = find_stance(np.asarray(product[3]))
    assert stance is not None
    mirror = mirror_product(product, stance, Gloss(1.0, roughness=0.0))
    assert mirror[3, 26:].max() == 0.0
