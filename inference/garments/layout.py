"""Where a kind's landmarks usually lie, for a seller who places them by hand.

Loads numpy only: the web side shows it.
"""

import numpy as np

from inference.garments.kinds import KINDS, Build, Kind, point_names
from inference.garments.pattern import NECK, load_pattern
from inference.requests import Box


def usual_points(kind: Kind, box: Box) -> dict[str, tuple[float, float]]:
    """The reference pattern's landmarks laid into a box of photo pixels."""
    pattern = load_pattern(kind)
    corners = {name: pattern.flat[vertex] for name, vertex in pattern.corners.items()}
    if KINDS[kind].build in (Build.SLEEVED, Build.SLEEVELESS):
        back = pattern.flat[(pattern.panel == 1) & (pattern.edge == NECK)]
        corners["back"] = back[int(np.abs(back[:, 0]).argmin())]
    low, high = pattern.flat.min(axis=0), pattern.flat.max(axis=0)
    scale = np.array([box.width, box.height]) / (high - low)
    placed = {}
    for name in point_names(KINDS[kind].build):
        x, y = corners[name]
        placed[name] = (
            round(float(box.left + (x - low[0]) * scale[0]), 1),
            round(float(box.top + (high[1] - y) * scale[1]), 1),
        )
    return placed
