"""Garments draped beforehand: where every particle of a pattern lies on a body in a pose."""

import functools

import numpy as np
from numpy.typing import NDArray

from inference.errors import GarmentUnreadable
from inference.garments.kinds import KINDS, Kind
from inference.garments.packed import data_file, from_steps, read_packed

F64 = NDArray[np.float64]

STEP_M = 0.0006


def drape_file(kind: Kind, body: str) -> str:
    return f"drape-{kind.value}-{body}.xz"


@functools.lru_cache(maxsize=64)
def load_drape(kind: Kind, body: str, pose: str) -> F64:
    """(N, 3) metres: the particles of a kind's pattern, in a regular fit. Read-only.

    Raises:
        GarmentUnreadable: this kind was not draped on this body.
    """
    path = data_file(drape_file(kind, body))
    if not path.exists():
        label = KINDS[kind].label
        raise GarmentUnreadable(f"{label}: this cannot be shown on this mannequin yet.")
    stored = read_packed(path)
    particles = from_steps(stored[pose], STEP_M)
    particles.setflags(write=False)
    return particles
