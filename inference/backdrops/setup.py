"""Where a seller's photo of a place has its ground and its light. Loads no torch: the web uses it.

Lines and points are shares of the picture, 0 at its top or left, 1 at its bottom or right.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from inference.errors import ParameterInvalid

# A horizon may lie far outside of a picture that looks down or up.
HORIZON_LEAST, HORIZON_MOST = -3.0, 0.95
_LEAST_GAP = 0.02


class Viewpoint(StrEnum):
    """From where the place was photographed."""

    LEVEL = "level"  # from in front: what stands there has a wall or a distance behind it
    ABOVE = "above"  # straight down on a surface


@dataclass(frozen=True, slots=True)
class BackdropSetup:
    """What turns a flat photo into a place with ground, wall and lamp.

    Attributes:
        viewpoint: from in front or from above.
        eye_level: the row of the horizon, which is the camera's own height, also where a wall
            hides it. Ignored from above.
        ground_line: the row where the ground ends and what stands behind it begins; below the eye
            level. Ignored from above.
        stand_x: the column where the product's base goes.
        stand_y: the row where it goes; below the ground line.
        width_cm: how much of the place the picture's whole width shows at that row.
        light_from_deg: where the main light stands: 0 the camera's side, -90 the left, 90 the
            right, 180 behind the product.
        light_height_deg: how high it stands, 10 to 85.
        light_softness: 0 a bare sun, 1 an overcast sky.
        focal: the lens's focal length as a share of the picture's diagonal.
    """

    viewpoint: Viewpoint = Viewpoint.LEVEL
    eye_level: float = 0.3
    ground_line: float = 0.55
    stand_x: float = 0.5
    stand_y: float = 0.82
    width_cm: float = 80.0
    light_from_deg: float = -60.0
    light_height_deg: float = 50.0
    light_softness: float = 0.5
    focal: float = 0.85

    @property
    def light_share(self) -> float:
        """How much of the light comes from the lamp, 0..1: a hard one leaves little to the rest."""
        return 0.75 - 0.45 * self.light_softness

    def to_json(self) -> dict[str, object]:
        """Plain data for storage; `setup_from` reads it back."""
        return asdict(self)


_RANGES = {
    "eye_level": (HORIZON_LEAST, HORIZON_MOST, "The eye level"),
    "ground_line": (-1.0, 0.97, "The ground line"),
    "stand_x": (0.05, 0.95, "The product’s place"),
    "stand_y": (0.1, 0.98, "The product’s place"),
    "width_cm": (5.0, 2000.0, "The width"),
    "light_from_deg": (-180.0, 180.0, "The light’s side"),
    "light_height_deg": (10.0, 85.0, "The light’s height"),
    "light_softness": (0.0, 1.0, "The light’s softness"),
    "focal": (0.3, 4.0, "The focal length"),
}


def setup_from(data: Mapping[str, object], base: BackdropSetup | None = None) -> BackdropSetup:
    """A setup from plain data; what is left out is `base`'s.

    Raises:
        ParameterInvalid: an unknown name, a value out of range, or lines in an impossible order.
    """
    known = {field.name for field in fields(BackdropSetup)}
    values: dict[str, object] = (base or BackdropSetup()).to_json()
    for name, value in data.items():
        if name not in known:
            raise ParameterInvalid(name, f"A backdrop has no “{name}”.")
        values[name] = _viewpoint(value) if name == "viewpoint" else _number(name, value)
    setup = BackdropSetup(**values)  # type: ignore[arg-type]
    _check_order(setup)
    return setup


def _viewpoint(value: object) -> Viewpoint:
    try:
        return Viewpoint(str(value))
    except ValueError:
        names = ", ".join(each.value for each in Viewpoint)
        raise ParameterInvalid("viewpoint", f"The viewpoint is one of: {names}.") from None


def _number(name: str, value: object) -> float:
    low, high, label = _RANGES[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # A number that is none fails every comparison.
    if not is_number or not low <= value <= high:  # type: ignore[operator]
        raise ParameterInvalid(name, f"{label} goes from {low:g} to {high:g}.")
    return round(float(value), 4)  # type: ignore[arg-type]


def _check_order(setup: BackdropSetup) -> None:
    if setup.viewpoint is Viewpoint.ABOVE:
        return
    if setup.ground_line < setup.eye_level + _LEAST_GAP / 2:
        raise ParameterInvalid("ground_line", "The ground ends below the eye level, not above it.")
    if setup.stand_y < setup.ground_line + _LEAST_GAP:
        raise ParameterInvalid(
            "stand_y", "The product stands on the ground: put it below the ground line."
        )
