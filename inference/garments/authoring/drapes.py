"""Drape every kind on every body in every pose, once.

`python -m inference.garments.authoring.drapes KIND [BODY ...]`; a drape takes some seconds.
"""

import logging
import sys
import time

import numpy as np

from inference.garments.cloth import strain_of
from inference.garments.drapes import STEP_M, drape_file
from inference.garments.draping import MovingBody, Schedule, drape, lay_round
from inference.garments.kinds import Kind
from inference.garments.mannequin import load_mannequin
from inference.garments.packed import data_file, to_steps, write_packed
from inference.garments.pattern import load_pattern
from inference.garments.poses import BODIES, POSES, drape_pose
from inference.garments.sewing import sew
from inference.garments.sizes import generic_flat

log = logging.getLogger(__name__)


def bake(kind: Kind, body: str) -> int:
    """Drape one kind on one body in all poses; returns the file's bytes."""
    pattern, mannequin, flat = load_pattern(kind), load_mannequin(body), generic_flat(kind, body)
    arrays = {}
    for name in dict.fromkeys(drape_pose(pose) for pose in POSES):
        started = time.process_time()
        cloth = sew(pattern, flat)
        lay_round(cloth, pattern, flat, mannequin, POSES[name])
        for _ in drape(cloth, pattern, MovingBody(mannequin, POSES[name]), Schedule()):
            pass
        arrays[name] = to_steps(cloth.position, STEP_M)
        strain = np.percentile(strain_of(cloth), [1, 50, 99])
        log.info(
            "%s on %s, %s: %.1f s, strain %s",
            kind.value,
            body,
            name,
            time.process_time() - started,
            strain.round(3),
        )
    return write_packed(data_file(drape_file(kind, body)), arrays)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for each in sys.argv[2:] or list(BODIES):
        log.info("%s bytes", bake(Kind(sys.argv[1]), each))
