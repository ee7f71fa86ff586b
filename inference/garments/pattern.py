"""Pattern pieces: a front and a back panel, cut in the layout of a flat-lay photo.

The pattern's coordinates are metres in the plane of the table, x to the right, y up, the neck or
waist at 0; the photo is laid on the same coordinates, so a print stays as straight as it lay.
Both panels share their outline except at the neck, and are sewn where the outline is a seam.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.kinds import Kind
from inference.garments.packed import data_file, from_steps, read_packed

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

STEP_M = 0.0001
# What a vertex lies on. Seams are those that both panels share.
INSIDE, NECK, TOP, CUFF, UNDER, SIDE, HEM, ARMHOLE, WAIST, INSEAM = range(10)
OPEN = (NECK, CUFF, HEM, ARMHOLE, WAIST)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Two panels as one mesh, front first.

    `flat` (V, 2) metres; `faces` (F, 3), outer side out; `part` (V,) which particle of the sewn
    cloth a vertex is; `panel` (V,) 0 front, 1 back; `edge` (V,) one of the constants above;
    `mirror` (V,) the vertex at -x; `outline` (K,) the front panel's rim in order, from the neck's
    or waist's centre clockwise; `corners` which vertex of the front panel each landmark is;
    `spacing` between vertices, metres.
    """

    kind: Kind
    flat: F64
    faces: I32
    part: I32
    panel: I32
    edge: I32
    mirror: I32
    corners: dict[str, int]
    spacing: float

    @property
    def particles(self) -> int:
        return int(self.part.max()) + 1


def pattern_file(kind: Kind) -> str:
    return f"pattern-{kind.value}.xz"


@functools.lru_cache(maxsize=16)
def load_pattern(kind: Kind) -> Pattern:
    """The pattern of a kind, in the size of a woman's mannequin."""
    stored = read_packed(data_file(pattern_file(kind)))
    names = [str(name) for name in stored["corner_names"]]
    return Pattern(
        kind=kind,
        flat=from_steps(stored["flat"], STEP_M),
        faces=from_steps(stored["faces"], 1).astype(np.int32),
        part=stored["part"].astype(np.int32),
        panel=stored["panel"].astype(np.int32),
        edge=stored["edge"].astype(np.int32),
        mirror=stored["mirror"].astype(np.int32),
        corners=dict(zip(names, stored["corner_at"].astype(int).tolist(), strict=True)),
        spacing=float(stored["spacing"]),
    )


def sewn_particles(pattern: Pattern, values: F64) -> F64:
    """(N, C) the mean over its vertices of a value of each vertex, (V, C)."""
    count = np.bincount(pattern.part, minlength=pattern.particles)
    sums = np.stack(
        [
            np.bincount(pattern.part, values[:, channel], minlength=pattern.particles)
            for channel in range(values.shape[1])
        ],
        axis=1,
    )
    return np.asarray(sums / count[:, None])
