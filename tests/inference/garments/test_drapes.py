"""Every garment was draped on every mannequin beforehand, so that a first picture is quick."""

import numpy as np
import pytest

from inference.garments.drapes import load_drape
from inference.garments.kinds import Kind
from inference.garments.pattern import load_pattern
from inference.garments.poses import BODIES, POSES, drape_pose


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_hangs_on_every_body_in_every_pose(kind: Kind, body: str) -> None:
    for pose in POSES:
        particles = load_drape(kind, body, drape_pose(pose))
        assert particles.shape == (load_pattern(kind).particles, 3)
        assert np.isfinite(particles).all()
        # Nothing has fallen to the floor or flown off: a body is at most two metres high.
        assert 0 < particles[:, 1].min() < particles[:, 1].max() < 2
