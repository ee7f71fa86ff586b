"""Cloth falls, keeps its lengths, rests on what it meets and hangs from its pins."""

import numpy as np
import pytest

from inference.garments.cloth import Bends, Cloth, Collider, Motion, Threads, strain_of, walk

SIDE = 9
SPACING = 0.02


def sheet(height: float) -> Cloth:
    """A level square of 16 cm, `height` metres above the ground."""
    index = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    flat = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2) * SPACING
    pairs = np.concatenate(
        [
            np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1),
            np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1),
            np.stack([index[:-1, :-1].ravel(), index[1:, 1:].ravel()], axis=1),
        ]
    ).astype(np.int32)
    lengths = np.linalg.norm(flat[pairs[:, 0]] - flat[pairs[:, 1]], axis=1)
    none = np.zeros(0, np.int32)
    position = np.column_stack([flat[:, 0], np.full(len(flat), height), flat[:, 1]])
    return Cloth(
        position=np.ascontiguousarray(position),
        velocity=np.zeros_like(position),
        inverse_mass=np.ones(len(flat)),
        threads=Threads(pairs, lengths, np.zeros(len(pairs))),
        bends=Bends(none, np.zeros(1, np.int32), none, np.zeros(0), np.zeros(0)),
        apart=np.ascontiguousarray(flat),
        spacing=SPACING,
    )


def ground() -> Collider:
    """A level floor at 0, as points 1 cm apart."""
    x, z = np.meshgrid(np.arange(-0.2, 0.4, 0.01), np.arange(-0.2, 0.4, 0.01))
    points = np.column_stack([x.ravel(), np.zeros(x.size), z.ravel()])
    return Collider((points,), (np.tile([0.0, 1.0, 0.0], (len(points), 1)),))


def run(cloth: Cloth, frames: int) -> None:
    for _ in walk(cloth, frames, lambda _: ground(), lambda _: Motion(damping=4.0)):
        pass


def test_a_sheet_falls_onto_the_floor_and_stays_on_it() -> None:
    cloth = sheet(0.05)
    run(cloth, 40)
    assert cloth.position[:, 1].min() > 0.003
    assert cloth.position[:, 1].max() < 0.012


def test_a_sheet_hangs_from_two_pins_without_stretching() -> None:
    cloth = sheet(1.0)
    pins = [0, SIDE - 1]
    cloth.inverse_mass[pins] = 0
    start = cloth.position[pins].copy()
    run(cloth, 60)
    np.testing.assert_array_equal(cloth.position[pins], start)
    assert cloth.position[:, 1].min() < 1.0 - 0.1
    assert strain_of(cloth).max() < 1.05


def test_layers_keep_apart() -> None:
    cloth = sheet(0.004)
    # The far half folded back onto the near one, a hair above it.
    fold = cloth.position[:, 2] > 0.09
    cloth.position[fold, 2] = 0.16 - cloth.position[fold, 2]
    cloth.position[fold, 1] += 0.006
    run(cloth, 30)
    lower = cloth.position[2 * SIDE + 4]
    upper = cloth.position[6 * SIDE + 4]
    assert np.linalg.norm(upper - lower) > 0.5 * SPACING


@pytest.mark.parametrize("substeps", [4, 12])
def test_more_steps_change_the_fall_little(substeps: int) -> None:
    cloth = sheet(0.5)
    way = Motion(substeps=substeps, damping=0.0)
    for _ in walk(cloth, 6, lambda _: ground(), lambda _: way):
        pass
    # 0.1 s of free fall.
    assert cloth.position[0, 1] == pytest.approx(0.5 - 0.049, abs=0.007)
