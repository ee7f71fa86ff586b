"""How true a print stays: how straight its lines and how even its areas are in the picture.

Measured from the photo to the picture, over the part of the front that a print covers: the drape,
the pattern's place on the photo and the camera together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.camera import Camera
from inference.garments.raster import rasterise
from inference.garments.staging import Staged
from inference.requests import Box

F64 = NDArray[np.float64]

# The print box, as shares of the garment's box in the photo: across, and from the top down.
_ACROSS, _DOWN = (0.32, 0.68), (0.20, 0.62)
_GRID = 240
_LINES = 13
_LEAST_POINTS = 12


@dataclass(frozen=True, slots=True)
class Truth:
    """What was measured over the print box.

    `bend` is the median over straight lines of the photo of their largest deviation from a straight
    line in the picture, as a share of their length; `worst_bend` the 95th percentile. `small` and
    `large` are the 5th and 95th percentile of an area against the median. `enlarged` is how many
    picture pixels show a photo pixel. `points` (N, 4) photo x, y and picture x, y inside the print
    box; `box` holds the whole garment in the picture.
    """

    bend: float
    worst_bend: float
    small: float
    large: float
    enlarged: float
    points: F64
    box: Box


def measure_truth(staged: Staged, photo: F64, camera: Camera) -> Truth | None:
    """Measure a staged garment whose vertices show `photo` (C, 2); None where no print is seen."""
    faces = staged.faces[staged.cloth_face :] - staged.cloth_vertex
    front = faces[(staged.panel[faces] < 0.5).all(axis=1)]
    seen = camera.project(staged.garment)
    low, high = photo.min(axis=0), photo.max(axis=0)
    box = np.array(
        [
            [low[0] + _ACROSS[0] * (high[0] - low[0]), low[1] + _DOWN[0] * (high[1] - low[1])],
            [low[0] + _ACROSS[1] * (high[0] - low[0]), low[1] + _DOWN[1] * (high[1] - low[1])],
        ]
    )
    step = (box[1] - box[0]).max() / _GRID
    width, height = (max(2, round(side / step)) for side in (box[1] - box[0]).tolist())
    flat = np.column_stack([(photo - box[0]) / step, np.zeros(len(photo))])
    drawn = rasterise(flat, front.astype(np.int32), width=width, height=height)
    placed = drawn.spread(front.astype(np.int32), seen[:, :2].astype(np.float32))
    known = drawn.face >= 0
    if known.mean() < 0.5:
        return None
    rows = np.linspace(0, height - 1, _LINES).astype(int).tolist()
    columns = np.linspace(0, width - 1, _LINES).astype(int).tolist()
    lines = [placed[row][known[row]] for row in rows]
    lines += [placed[:, column][known[:, column]] for column in columns]
    bends = [_bend(line) for line in lines if len(line) >= _LEAST_POINTS]
    along_x, along_y = np.diff(placed, axis=1)[:-1], np.diff(placed, axis=0)[:, :-1]
    area = np.abs(along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0])
    inner = known[:-1, :-1] & known[1:, :-1] & known[:-1, 1:]
    middle = float(np.median(area[inner]))
    y, x = np.nonzero(known)
    spots = np.column_stack([box[0] + step * (np.column_stack([x, y]) + 0.5), placed[y, x]])
    return Truth(
        bend=float(np.median(bends)),
        worst_bend=float(np.percentile(bends, 95)),
        small=float(np.percentile(area[inner], 5)) / middle,
        large=float(np.percentile(area[inner], 95)) / middle,
        enlarged=float(np.sqrt(middle) / step),
        points=spots,
        box=_box_of(seen, camera),
    )


def _box_of(seen: F64, camera: Camera) -> Box:
    left, top = np.floor(seen[:, :2].min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(seen[:, :2].max(axis=0)).astype(int).tolist()
    return Box(max(0, left), max(0, top), min(camera.width, right), min(camera.height, bottom))


def _bend(line: NDArray[np.float32]) -> float:
    """Largest deviation of a line's points from the best straight line, against its length."""
    points = line.astype(np.float64)
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    along = centred @ axes[0]
    return float(np.abs(centred @ axes[1]).max() / max(np.ptp(along), 1e-6))
