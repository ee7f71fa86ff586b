"""How mannequins stand. Loads nothing: the web side lists poses.

Directions are world vectors (x to the viewer's right, y up, z to the viewer) that a bone points
along; leans are degrees about x, y and z, on top of the bone's parent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Direction = tuple[float, float, float]

BODIES: Mapping[str, str] = {
    "woman": "Woman",
    "woman-plus": "Woman, plus size",
    "man": "Man",
    "man-plus": "Man, plus size",
}


@dataclass(frozen=True, slots=True)
class Pose:
    """A way to stand. `turn_deg` turns the whole figure about its axis, as on a turntable."""

    label: str
    targets: Mapping[str, Direction] = field(default_factory=dict)
    leans: Mapping[str, Direction] = field(default_factory=dict)
    turn_deg: float = 0.0


# Arms 36 degrees below the horizontal: garments are sewn round a body that stands like this.
START: Mapping[str, Direction] = {
    "upperarm01": (0.81, -0.59, 0.0),
    "upperarm02": (0.81, -0.59, 0.0),
    "lowerarm01": (0.81, -0.59, 0.06),
    "lowerarm02": (0.81, -0.59, 0.06),
    "wrist": (0.81, -0.59, 0.06),
    "upperleg01": (0.05, -1.0, 0.0),
    "upperleg02": (0.05, -1.0, 0.0),
    "lowerleg01": (0.03, -1.0, -0.05),
    "lowerleg02": (0.03, -1.0, -0.05),
}


def _limb(name: str, side: str, direction: Direction) -> dict[str, Direction]:
    x, y, z = direction
    sided = (x if side == "L" else -x, y, z)
    return {f"{name}{part}.{side}": sided for part in ("01", "02")}


def _arm(side: str, upper: Direction, lower: Direction, hand: Direction) -> dict[str, Direction]:
    x, y, z = hand
    return {
        **_limb("upperarm", side, upper),
        **_limb("lowerarm", side, lower),
        f"wrist.{side}": (x if side == "L" else -x, y, z),
    }


def _leg(side: str, upper: Direction, lower: Direction) -> dict[str, Direction]:
    return {**_limb("upperleg", side, upper), **_limb("lowerleg", side, lower)}


_HANGING = ((0.34, -1.0, -0.04), (0.20, -1.0, 0.14), (0.04, -1.0, 0.12))
_RELAXED = {**_arm("L", *_HANGING), **_arm("R", *_HANGING)}
_STANDING = {
    **_leg("L", (0.035, -1.0, 0.02), (0.005, -1.0, -0.05)),
    **_leg("R", (0.035, -1.0, 0.02), (0.005, -1.0, -0.05)),
}

POSES: Mapping[str, Pose] = {
    "relaxed": Pose("Relaxed", {**_RELAXED, **_STANDING}),
    "hand-on-hip": Pose(
        "Hand on hip",
        {
            **_RELAXED,
            **_STANDING,
            **_arm("L", (0.72, -0.78, -0.12), (-0.70, -0.62, 0.28), (-0.75, -0.5, 0.35)),
        },
    ),
    "walking": Pose(
        "Walking",
        {
            **_arm("L", (0.22, -1.0, 0.22), (0.10, -0.9, 0.42), (0.0, -0.9, 0.42)),
            **_arm("R", (0.24, -1.0, -0.24), (0.14, -1.0, 0.02), (0.05, -1.0, 0.02)),
            **_leg("L", (0.04, -1.0, -0.10), (0.01, -0.93, -0.36)),
            **_leg("R", (0.04, -1.0, 0.27), (0.01, -1.0, 0.10)),
        },
    ),
    "half-turn": Pose("Half-turn", {**_RELAXED, **_STANDING}, turn_deg=36.0),
}


def drape_pose(pose: str) -> str:
    """The pose whose drape serves this one: a turn about the axis changes no fold."""
    return "relaxed" if pose == "half-turn" else pose
