"""A scene without its product, and what its lamps must do to the ground once one stands there.

Whoever judges a finished picture divides it by this: what is left beside the product is its shadow.
"""

import math
from dataclasses import dataclass

import numpy as np

from inference.backdrops.setup import Viewpoint
from inference.pixels.colour import Plane, RgbLinear
from inference.plates.format import LightGroup, PlateInfo, Support
from inference.plates.light import irradiance
from inference.requests import BackdropSource
from inference.scenes.lamps import LUMINANCE, lamps_of
from inference.scenes.picture import ScenePicture, number

# Most that one lamp's shadow is counted to reach aside, in heights of the product: a low lamp's
# shadow is long, but the frame shows only its beginning.
_LONGEST_SHADOW = 2.0
# Where the lamps pull their shadows less far to one side than this share of the product's height,
# neither side is right or wrong.
_LEAST_PULL = 0.3
_SAMPLES = 96
# Where a ground gives back less than this share of its light as a mirror, shadow is what one sees.
_LEAST_MIRROR = 0.3
# A seller's own softer lamp throws a shadow of which nobody can say where it leans.
_SOFTEST_WITH_A_SIDE = 0.6


@dataclass(frozen=True, slots=True)
class EmptySet:
    """A scene before the product came.

    `picture` is (3, h, w) float32, linear light, as the finished picture shows it; `veil` (h, w)
    0..1 is what stands before the product, or None. `lamp_deg` says where the light that throws
    shadows comes from (0 the camera's side, -90 the left, 180 behind), None where it comes from
    all around. `shadow_strength` is 0..1.5; `mirrors` says that the ground shows a mirror image,
    `lies` that products lie flat, `stands` that they touch ground at all.
    """

    picture: RgbLinear
    veil: Plane | None
    lamp_deg: float | None
    shadow_strength: float
    mirrors: bool
    lies: bool
    stands: bool

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        planes = [self.picture] if self.veil is None else [self.picture, self.veil]
        return sum(plane.numel() * plane.element_size() for plane in planes)


def empty_set(scene: ScenePicture, place: BackdropSource | None = None) -> EmptySet:
    """Draw the scene of a picture without the product; `place` is the seller's own it shows."""
    slot = scene.plan.info.slot
    picture, front = scene.picture(None), scene.front()
    if front is not None:
        picture = front[:3] + picture * (1 - front[3:])
    gains = {name: float(np.array(gain) @ LUMINANCE) for name, gain in scene.gains.items()}
    wanted = number(scene.params, "reflection") / 100 if "reflection" in scene.params else 0.0
    lamp_deg = lamp_direction(scene.plan.info.groups, gains, np.array(slot.point_cm))
    return EmptySet(
        picture=picture.cpu(),
        veil=None if front is None else front[3].cpu(),
        lamp_deg=lamp_deg if place is None else lamp_of_place(place),
        shadow_strength=number(scene.params, "shadow") / 100,
        mirrors=wanted * mirror_share(scene.plan.info) > _LEAST_MIRROR,
        lies=slot.support is Support.FLAT_LAY,
        stands=slot.support is not Support.NONE,
    )


def lamp_of_place(place: BackdropSource) -> float | None:
    """Where a seller said that their place's lamp stands; None where it has no plain side."""
    setup = place.setup
    if setup.viewpoint is Viewpoint.ABOVE or setup.light_softness > _SOFTEST_WITH_A_SIDE:
        return None
    return setup.light_from_deg


def mirror_share(info: PlateInfo) -> float:
    """How much of the light that the ground sends to the camera it mirrors, 0..1.

    Source: C. Schlick, "An Inexpensive BRDF Model for Physically-based Rendering", 1994.
    """
    slot = info.slot
    if slot.ground is None:
        return 0.0
    ray = np.array(info.camera.position_cm) - np.array(slot.point_cm)
    cosine = float(ray[1] / np.linalg.norm(ray))
    mirrored = slot.ground.reflectance + (1 - slot.ground.reflectance) * (1 - cosine) ** 5
    mirrored *= 1 - 0.75 * slot.ground.roughness
    return mirrored / max(1e-6, mirrored + float(np.array(slot.ground.albedo) @ LUMINANCE))


def lamp_direction(
    groups: tuple[LightGroup, ...], gains: dict[str, float], stand: np.ndarray
) -> float | None:
    """Where the light that throws shadows comes from, in degrees; None where no side wins.

    Args:
        groups: the plate's.
        gains: factor on each group's light, by name.
        stand: (3,) the stand point in cm.

    Every lamp throws a shadow away from itself, as dark as its share of the light that reaches the
    ground and as long as it stands low. Their mean says to which side the ground gets darker.
    """
    pull, total = np.zeros(2), 0.0
    for group in groups:
        lamps = lamps_of(group, count=_SAMPLES, softness=1.0, stand=stand)
        rays = lamps.position.numpy().astype(np.float64) - stand
        rise = np.maximum(rays[:, 1], 1e-6)
        light = lamps.power.numpy() * rise / np.linalg.norm(rays, axis=1) ** 3
        aside = rays[:, [0, 2]] / rise[:, None]
        length = np.linalg.norm(aside, axis=1, keepdims=True)
        aside *= np.minimum(1.0, _LONGEST_SHADOW / np.maximum(length, 1e-6))
        gain = gains[group.name]
        pull += gain * (light[:, None] * aside).sum(axis=0)
        up = float(irradiance(group, np.array([0.0, 1.0, 0.0])) @ LUMINANCE)
        total += gain * max(up, float(light.sum()))
    if total <= 0 or abs(float(pull[0])) < _LEAST_PULL * total:
        return None
    return math.degrees(math.atan2(pull[0], pull[1]))
