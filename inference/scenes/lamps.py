"""A plate's lamps as tensors: gains, warmth, softness, and what they give at a point."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.plates.format import GroupKind, LightGroup
from inference.plates.light import irradiance

# Far light is taken as points this far away: 1 % of error across a scene, and one code for both.
_FAR_CM = 1e4
# A group's shadow never takes more than this of its light: some of it comes from all around.
_MOST_DIRECT = 0.94
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True)
class Lamps:
    """Light samples of one group.

    `position` is (N, 3) float32 in cm, `radius` (N,) the sample's own radius in cm, `power` (N,)
    so that irradiance is power · cos / d². `bounced` is the irradiance at the stand point, looking
    up, that does not come straight from them.
    """

    position: torch.Tensor
    radius: torch.Tensor
    power: torch.Tensor
    bounced: float

    def to(self, device: torch.device) -> "Lamps":
        """The same lamps on a device."""
        return Lamps(
            self.position.to(device),
            self.radius.to(device),
            self.power.to(device),
            self.bounced,
        )


def lamps_of(
    group: LightGroup, *, count: int, softness: float, stand: NDArray[np.float64]
) -> Lamps:
    """Take up to `count` samples of a group.

    Args:
        group: the plate's light group.
        count: more than that are thinned out; each then stands for a larger patch.
        softness: factor on the lamp's extent; 1 as baked.
        stand: (3,) the stand point in cm.
    """
    rows = [_thinned(np.array(group.points), count), _thinned(_as_points(group), count)]
    samples = np.concatenate([row for row in rows if row.size])
    up = samples[:, 1] > stand[1] + 1e-3
    direct = _irradiance_up(samples, stand)
    total = float(irradiance(group, np.array([0.0, 1.0, 0.0])) @ LUMINANCE)
    kept = samples[up] if up.any() else samples
    position = kept[:, :3]
    if group.kind is not GroupKind.ENVIRONMENT:
        position = _spread(position, stand, softness)
    return Lamps(
        position=torch.from_numpy(position).float(),
        radius=torch.from_numpy(kept[:, 3] * softness).float(),
        power=torch.from_numpy(kept[:, 4:] @ LUMINANCE).float(),
        # Behind a gobo less arrives than the samples say: some bounce is always assumed.
        bounced=max(total - direct, (1 - _MOST_DIRECT) * max(total, direct)),
    )


def _as_points(group: LightGroup) -> NDArray[np.float64]:
    rows = np.array(group.directions, np.float64).reshape(-1, 7).copy()
    rows[:, :3] *= _FAR_CM
    rows[:, 3] = np.tan(np.radians(rows[:, 3])) * _FAR_CM
    rows[:, 4:] *= _FAR_CM**2
    return rows


def _thinned(rows: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    rows = np.asarray(rows, np.float64).reshape(-1, 7)
    if len(rows) <= count:
        return rows
    taken = rows[:count].copy()
    taken[:, 3] *= (len(rows) / count) ** 0.5
    taken[:, 4:] *= rows[:, 4:].sum() / max(taken[:, 4:].sum(), 1e-12)
    return taken


def _spread(
    position: NDArray[np.float64], stand: NDArray[np.float64], softness: float
) -> NDArray[np.float64]:
    """Grow or shrink a lamp about its own middle, as seen from the stand point."""
    rays = position - stand
    distance = np.linalg.norm(rays, axis=1, keepdims=True)
    unit = rays / distance
    middle = unit.mean(axis=0)
    unit = middle + (unit - middle) * softness
    spread: NDArray[np.float64] = (
        stand + unit / np.linalg.norm(unit, axis=1, keepdims=True) * distance
    )
    return spread


def _irradiance_up(samples: NDArray[np.float64], stand: NDArray[np.float64]) -> float:
    rays = samples[:, :3] - stand
    squared = (rays**2).sum(axis=1)
    cosine = np.maximum(0, rays[:, 1]) / np.sqrt(squared)
    return float(((samples[:, 4:] @ LUMINANCE) * cosine / squared).sum())


def gains_of(
    groups: tuple[LightGroup, ...], levels: Mapping[str, float], warmth: float
) -> dict[str, tuple[float, float, float]]:
    """What each group's picture is multiplied with, (r, g, b) by name.

    Args:
        groups: the plate's.
        levels: 1 as baked, by group name; absent ones are 1. Clipped to the group's own range.
        warmth: -1 (cold) .. 1 (warm); lamps take all of it, room light a third.
    """
    gains = {}
    for group in groups:
        low, high = group.range_of_gain
        level = min(high, max(low, levels.get(group.name, 1.0)))
        share = 1.0 if group.kind is not GroupKind.ENVIRONMENT else 1 / 3
        red, blue = 1 + 0.22 * warmth * share, 1 - 0.30 * warmth * share
        colour = np.array([red, 1.0, blue])
        colour /= colour @ LUMINANCE
        red, green, blue = (float(level * channel) for channel in colour)
        gains[group.name] = (red, green, blue)
    return gains
