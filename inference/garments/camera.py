"""The studio's camera: a long lens, level, at the height of what it shows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

# Far enough that a face and a foot are drawn to the same scale within a few per cent.
_DISTANCE_M = 5.5


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera in front of the figure, looking along -z.

    `centre` is the point in the middle of the picture (x, y), in metres in the figure's plane;
    `metre_px` how many pixels a metre is there; `pitch_deg` how far it looks down.
    """

    width: int
    height: int
    centre: tuple[float, float]
    metre_px: float
    pitch_deg: float = 3.0

    def project(self, points: F64) -> F64:
        """(V, 3) column, row and distance of (V, 3) points."""
        pitch = math.radians(self.pitch_deg)
        x = points[:, 0] - self.centre[0]
        y = points[:, 1] - self.centre[1]
        up = y * math.cos(pitch) - points[:, 2] * math.sin(pitch)
        near = y * math.sin(pitch) + points[:, 2] * math.cos(pitch)
        away = _DISTANCE_M - near
        scale = self.metre_px * _DISTANCE_M / away
        return np.stack([self.width / 2 + scale * x, self.height / 2 - scale * up, away], axis=1)

    def floor_at(self, columns: F64, rows: F64) -> tuple[F64, F64]:
        """Where on the floor pixels look, x and z in metres; z is -inf above the horizon."""
        pitch = math.radians(self.pitch_deg)
        right = (columns - self.width / 2) / (self.metre_px * _DISTANCE_M)
        down = (rows - self.height / 2) / (self.metre_px * _DISTANCE_M)
        # From the eye: one metre ahead, `right` aside, `down` below.
        eye_y = self.centre[1] + _DISTANCE_M * math.sin(pitch)
        eye_z = _DISTANCE_M * math.cos(pitch)
        fall = down * math.cos(pitch) + math.sin(pitch)
        ahead = math.cos(pitch) - down * math.sin(pitch)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = np.where(fall > 1e-6, eye_y / np.maximum(fall, 1e-6), np.inf)
            return self.centre[0] + far * right, np.where(
                np.isfinite(far), eye_z - far * ahead, -np.inf
            )


def turned(points: F64, degrees: float) -> F64:
    """Turn points or normals about the figure's axis, as on a turntable."""
    if degrees == 0:
        return points
    angle = math.radians(degrees)
    x, y, z = points.T
    return np.stack(
        [x * math.cos(angle) + z * math.sin(angle), y, z * math.cos(angle) - x * math.sin(angle)],
        axis=1,
    )
