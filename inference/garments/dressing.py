"""From a photo and a style's wishes to a picture: read, cut, sew, drape, stage, photograph.

The one place that knows the order of these steps; each of them knows nothing of the others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.garments.camera import Camera
from inference.garments.cloth import Cloth, Collider, Motion, walk
from inference.garments.drapes import load_drape
from inference.garments.draping import MovingBody
from inference.garments.fabric import Neckline
from inference.garments.fitting import Laid, lay_pattern, own_flat
from inference.garments.kinds import KINDS, Build
from inference.garments.mannequin import load_mannequin
from inference.garments.pattern import WAIST, load_pattern
from inference.garments.poses import POSES, drape_pose
from inference.garments.reading import Reading
from inference.garments.sewing import sew
from inference.garments.sizes import FITS, generic_flat, half_width
from inference.garments.staging import Staged
from inference.requests import ParameterValue

F64 = NDArray[np.float64]
Params = Mapping[str, ParameterValue]

# Frames in which a generic drape becomes the photo's own garment; the first ones change its size.
GROW_FRAMES, SETTLE_FRAMES = 26, 34
_CLEARANCE_M = 0.02


@dataclass(frozen=True, slots=True)
class Wish:
    """What a model style asks of the drape, cleaned."""

    body: str
    pose: str
    fit: str
    width_m: float

    @classmethod
    def of(cls, params: Params) -> "Wish":
        return cls(
            body=str(params["body"]),
            pose=str(params["pose"]),
            fit=str(params["fit"]),
            width_m=float(params["width_cm"]) / 100,
        )


def lay(reading: Reading) -> Laid:
    """Lay the kind's pattern on the photo."""
    return lay_pattern(load_pattern(reading.kind), reading)


def neckline_of(reading: Reading) -> Neckline | None:
    """The opening at the neck, through which the photo shows the back's inside."""
    if KINDS[reading.kind].build not in (Build.SLEEVED, Build.SLEEVELESS):
        return None
    points = {name: np.asarray(point) for name, point in reading.points.items()}
    left, right, front = points["neck_left"], points["neck_right"], points["front"]
    middle = (left + right) / 2
    return Neckline(
        (float(middle[0]), float(middle[1])),
        max(1.0, float(np.linalg.norm(right - left)) / 2),
        max(1.0, float(front[1] - middle[1])),
    )


def flat_of(reading: Reading, laid: Laid, wish: Wish) -> F64:
    """(V, 2) metres: the photo's own silhouette as a pattern, as wide as asked."""
    kind = reading.kind
    name = "waist" if KINDS[kind].hangs_from_waist else "armpit"
    left, right = (np.asarray(reading.points[f"{name}_{side}"]) for side in ("left", "right"))
    across_px = float(np.linalg.norm(right - left))
    width = wish.width_m or 2 * half_width(kind, wish.body, wish.fit)
    flat = own_flat(laid, reading.tilt_deg, across_px / width)
    if KINDS[kind].hangs_from_waist and not wish.width_m:
        flat = flat * [FITS[wish.fit], 1.0]
    return flat


def own_cloth(reading: Reading, flat: F64, wish: Wish) -> Cloth:
    """The photo's own garment as a cloth, hung where the generic one hangs."""
    pattern = load_pattern(reading.kind)
    cloth = sew(pattern, flat)
    drape = load_drape(reading.kind, wish.body, drape_pose(wish.pose))
    cloth.position = np.array(drape)
    if KINDS[reading.kind].hangs_from_waist:
        cloth.inverse_mass[np.unique(pattern.part[pattern.edge == WAIST])] = 0
    return cloth


def settle(
    cloth: Cloth, reading: Reading, wish: Wish, *, grow: int, rest: int, substeps: int = 12
) -> Iterator[float]:
    """Turn a generic drape into the photo's own: its threads take their own lengths, then it hangs.

    Yields the share done, 0..1.
    """
    pattern = load_pattern(reading.kind)
    generic = sew(pattern, generic_flat(reading.kind, wish.body))
    own = cloth.threads.lengths.copy()
    first = generic.threads.lengths
    pose = POSES[drape_pose(wish.pose)]
    body = MovingBody(load_mannequin(wish.body), pose, keys=1)
    still = body.at(1.0)

    def collider_at(frame: int) -> Collider:
        return still

    def motion_at(frame: int) -> Motion:
        growing = frame < grow
        return Motion(
            substeps=substeps,
            damping=8.0 if growing else (2.0 if frame < grow + rest * 0.6 else 6.0),
            most_speed=1.5 if growing else 3.0,
        )

    frames = grow + rest
    cloth.threads.lengths[:] = first + (own - first) / max(1, grow)
    for frame in walk(cloth, frames, collider_at, motion_at):
        share = min(1.0, (frame + 2) / max(1, grow))
        cloth.threads.lengths[:] = first + (own - first) * share
        yield (frame + 1) / frames


def camera_for(staged: Staged, params: Params, width: int, height: int) -> Camera:
    """Frame the garment, or the whole figure, as the style asks."""
    garment = staged.garment
    whole = str(params.get("shown", "garment")) == "figure"
    points = staged.vertices if whole else garment
    low, high = points.min(axis=0), points.max(axis=0)
    if not whole and staged.cloth_vertex:
        low, high = _with_context(staged, low, high)
    span = max((high[0] - low[0]) / width, (high[1] - low[1]) / height) + 1e-6
    fill = float(params["scale"]) / 100
    metre = fill / span
    centre = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
    return Camera(
        width,
        height,
        (
            float(centre[0] - float(params["shift_x"]) / 100 * width / metre),
            float(centre[1] + float(params["shift_y"]) / 100 * height / metre),
        ),
        float(metre),
    )


def _with_context(staged: Staged, low: F64, high: F64) -> tuple[F64, F64]:
    """A garment's box with what belongs to it: the head above a top, the feet below trousers."""
    body = staged.vertices[: staged.cloth_vertex]
    top, floor = float(body[:, 1].max()), 0.0
    low, high = low.copy(), high.copy()
    tall = high[1] - low[1]
    if high[1] > 0.78 * top:
        high[1] = top + _CLEARANCE_M
        low[1] -= 0.12 * tall
    else:
        high[1] += 0.22 * tall
        low[1] = floor if low[1] < 0.35 * top else low[1] - 0.2 * tall
    near = (body[:, 1] > low[1]) & (body[:, 1] < high[1])
    low[0] = min(low[0], body[near, 0].min() - _CLEARANCE_M)
    high[0] = max(high[0], body[near, 0].max() + _CLEARANCE_M)
    return low, high


def stage_steps(steps: int, walk_: Iterator[float]) -> Iterator[Callable[[], None]]:
    """Cut a drape's frames into `steps` parts, each of which runs when it is called."""
    for step in range(steps):
        target = (step + 1) / steps

        def part(target: float = target) -> None:
            for share in walk_:
                if share >= target - 1e-9:
                    return

        yield part
