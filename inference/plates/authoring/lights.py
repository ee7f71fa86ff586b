"""Lamps, described by the light they give where they point rather than by their power."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.plates.authoring.shapes import Array, Mesh
from inference.plates.format import GroupKind, Vec3

# What the camera takes for white.
WHITE_KELVIN = 5600.0


def kelvin_rgb(kelvin: float, white_kelvin: float = WHITE_KELVIN) -> Vec3:
    """The colour of a black body under a camera balanced for `white_kelvin`; luminance 1.

    Source: Kim et al., US patent 7024034 (2002): cubic fit of the Planckian locus in CIE xy.
    """
    tint = _planck_rgb(kelvin) / _planck_rgb(white_kelvin)
    tint = tint / float(tint @ (0.2126, 0.7152, 0.0722))
    return (float(tint[0]), float(tint[1]), float(tint[2]))


def _planck_rgb(kelvin: float) -> NDArray[np.float64]:
    t = 1000.0 / kelvin
    if kelvin < 4000:
        x = -0.2661239 * t**3 - 0.2343589 * t**2 + 0.8776956 * t + 0.179910
    else:
        x = -3.0258469 * t**3 + 2.1070379 * t**2 + 0.2226347 * t + 0.240390
    if kelvin < 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif kelvin < 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    matrix = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    )
    rgb: NDArray[np.float64] = np.maximum(matrix @ xyz, 0.02)
    return rgb


@dataclass(frozen=True, slots=True)
class Softbox:
    """A glowing rectangle.

    Attributes:
        position: its centre, cm.
        target: where it points.
        width: cm.
        height: cm.
        level: irradiance at the target on a surface facing it.
        kelvin: its colour.
    """

    position: Vec3
    target: Vec3
    width: float
    height: float
    level: float
    kelvin: float = WHITE_KELVIN

    def axes(self) -> tuple[Array, Array, Array]:
        """Unit vectors: across, upwards, and the way it shines."""
        forward = np.array(self.target, np.float64) - np.array(self.position)
        forward /= np.linalg.norm(forward)
        up = np.array([0.0, 0.0, 1.0]) if abs(forward[1]) > 0.999 else np.array([0.0, 1.0, 0.0])
        across = np.cross(up, forward)
        across /= np.linalg.norm(across)
        return across, np.cross(forward, across), forward

    def radiance(self) -> Array:
        """Linear RGB radiance that gives `level` at the target."""
        centres, _ = self.patches(64)
        way = np.array(self.target) - centres
        away = np.linalg.norm(way, axis=1)
        cosine = np.maximum((way / away[:, None]) @ self.axes()[2], 0)
        area = self.width * self.height / len(centres)
        per_radiance = float((cosine * area / away**2).sum())
        return np.array(kelvin_rgb(self.kelvin)) * self.level / max(per_radiance, 1e-9)

    def patches(self, count: int) -> tuple[Array, float]:
        """Centres of patches over the lamp, any prefix of them spread evenly; and their radius."""
        index = np.arange(count) + 1
        # A low-discrepancy sequence: the generalised golden ratio in two dimensions.
        u = (index * 0.7548776662466927) % 1 - 0.5
        v = (index * 0.5698402909980532) % 1 - 0.5
        across, up, _ = self.axes()
        centres = (
            np.array(self.position)
            + u[:, None] * self.width * across
            + v[:, None] * self.height * up
        )
        return centres, float(np.sqrt(self.width * self.height / count / np.pi))


def sun(
    *,
    azimuth_deg: float,
    height_deg: float,
    level: float,
    softness_deg: float = 0.6,
    kelvin: float = 5200.0,
    distance: float = 2400.0,
) -> Softbox:
    """A far lamp: azimuth 0 is behind the camera, 90 from the right, -90 from the left."""
    azimuth, height = np.radians(azimuth_deg), np.radians(height_deg)
    way = (
        float(np.sin(azimuth) * np.cos(height)),
        float(np.sin(height)),
        float(np.cos(azimuth) * np.cos(height)),
    )
    side = 2 * distance * float(np.tan(np.radians(softness_deg)))
    position = (way[0] * distance, way[1] * distance, way[2] * distance)
    return Softbox(position, (0.0, 0.0, 0.0), side, side, level, kelvin)


@dataclass(frozen=True, slots=True)
class Sky:
    """Light from everywhere: a soft room or an overcast sky.

    Attributes:
        level: irradiance on unobstructed level ground.
        kelvin: its colour.
        horizon: brightness at the horizon over that at the zenith.
        ground: brightness below the horizon over that at the zenith.
        bright_side: direction of a broad brighter lobe, or none.
        lobe: how much brighter it is than the zenith.
    """

    level: float
    kelvin: float = 6500.0
    horizon: float = 0.8
    ground: float = 0.35
    bright_side: Vec3 | None = None
    lobe: float = 2.0

    def picture(self, rows: int = 64) -> NDArray[np.float32]:
        """(rows, 2·rows, 3) float32 radiance, latitude by longitude, zenith first.

        Column 0 looks along +z and columns turn towards +x: `direction` says it exactly.
        """
        ways = sky_directions(rows)
        y = ways[..., 1]
        bright = np.where(y >= 0, 1 + (self.horizon - 1) * (1 - np.abs(y)) ** 2, self.ground)
        if self.bright_side is not None:
            side = np.array(self.bright_side) / np.linalg.norm(self.bright_side)
            bright = bright + self.lobe * np.maximum(ways @ side, 0) ** 6
        weight = np.maximum(y, 0) * np.sqrt(np.maximum(1 - y * y, 0)) * (np.pi / rows) ** 2
        bright = bright * self.level / float((bright * weight).sum())
        radiance = bright[..., None] * np.array(kelvin_rgb(self.kelvin))
        picture: NDArray[np.float32] = radiance.astype(np.float32)
        return picture


def sky_directions(rows: int) -> Array:
    """Unit vectors of `Sky.picture`'s pixels, as Mitsuba's `envmap` maps them untransformed."""
    polar = (np.arange(rows) + 0.5) / rows * np.pi
    turn = (np.arange(2 * rows) + 0.5) / (2 * rows) * 2 * np.pi
    polar, turn = np.meshgrid(polar, turn, indexing="ij")
    return np.stack(
        [np.sin(turn) * np.sin(polar), np.cos(polar), -np.cos(turn) * np.sin(polar)], axis=-1
    )


@dataclass(frozen=True, slots=True)
class Lighting:
    """One light group of a scene.

    Attributes:
        name: of the group.
        title: what a seller reads.
        kind: what it does.
        lamps: softboxes and suns.
        sky: light from everywhere, or none.
        gobos: things out of frame that shape this group's light only.
    """

    name: str
    title: str
    kind: GroupKind
    lamps: tuple[Softbox, ...] = ()
    sky: Sky | None = None
    gobos: tuple[Mesh, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.lamps and self.sky is not None:
            raise ValueError(f"light group {self.name} has both lamps and a sky")

    def without_lamps(self) -> "Lighting":
        """An unlit stage, for geometry."""
        return Lighting(self.name, self.title, self.kind)

    @property
    def kelvin(self) -> float:
        """The mean colour temperature, weighted by level."""
        parts = [(lamp.level, lamp.kelvin) for lamp in self.lamps]
        if self.sky is not None:
            parts.append((self.sky.level, self.sky.kelvin))
        return sum(level * kelvin for level, kelvin in parts) / sum(level for level, _ in parts)
