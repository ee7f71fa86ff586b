"""Style parameters: one description serves validation, the API's schema and the page's controls."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from inference.errors import ParameterInvalid
from inference.requests import ParameterValue

_HEX_COLOUR = re.compile(r"#[0-9a-f]{6}")
_REFERENCE = re.compile(r"[0-9a-f-]{0,36}")


class Control(StrEnum):
    """How a parameter is edited; the page has one component for each."""

    SLIDER = "slider"
    LAMP = "lamp"  # a number in degrees on an arc: where the key light stands
    COLOUR = "colour"
    CHOICE = "choice"
    TOGGLE = "toggle"
    REFERENCE = "reference"  # names a thing of the workspace; the page has no control for it


@dataclass(frozen=True, slots=True)
class Parameter:
    """One adjustable value of a style.

    Numbers lie in `minimum`..`maximum` inclusive and carry a `unit` for people ("%", "°"); colours
    are `#rrggbb` sRGB; choices are (value, label) pairs. `group` is the heading it stands under.
    `drag` names the canvas gesture that also edits it ("x", "y", "scale") or is empty.
    """

    name: str
    label: str
    group: str
    control: Control
    default: ParameterValue
    minimum: float = 0.0
    maximum: float = 1.0
    step: float = 0.01
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    drag: str = ""
    hint: str = ""

    def clean(self, value: object) -> ParameterValue:
        """Return `value` in canonical form.

        Raises:
            ParameterInvalid: wrong type or out of range; the sentence says what is allowed.
        """
        if self.control is Control.TOGGLE:
            if not isinstance(value, bool):
                raise ParameterInvalid(self.name, f"{self.label} is on or off (true or false).")
            return value
        if self.control is Control.COLOUR:
            text = value.lower() if isinstance(value, str) else ""
            if not _HEX_COLOUR.fullmatch(text):
                raise ParameterInvalid(self.name, f"{self.label} is a colour such as #c9ae9c.")
            return text
        if self.control is Control.REFERENCE:
            text = value.lower() if isinstance(value, str) else "?"
            if not _REFERENCE.fullmatch(text):
                raise ParameterInvalid(self.name, f"{self.label} is named by its id.")
            return text
        if self.control is Control.CHOICE:
            if not isinstance(value, str) or value not in (allowed := [v for v, _ in self.choices]):
                names = ", ".join(v for v, _ in self.choices)
                raise ParameterInvalid(self.name, f"{self.label} is one of: {names}.")
            return allowed[allowed.index(value)]
        return self._clean_number(value)

    def _clean_number(self, value: object) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        number = float(value) if is_number else math.nan  # type: ignore[arg-type]
        if not self.minimum <= number <= self.maximum:
            allowed = f"{self.minimum:g} to {self.maximum:g}{self.unit}"
            raise ParameterInvalid(self.name, f"{self.label} goes from {allowed}.")
        # Six digits: two requests that differ by float noise share one cached result.
        return round(number, 6)

    def json_schema(self) -> dict[str, object]:
        """JSON Schema (2020-12) of the value, with the control's hints as `x-` annotations."""
        schema: dict[str, object] = {"title": self.label, "default": self.default}
        if self.control is Control.TOGGLE:
            schema |= {"type": "boolean"}
        elif self.control is Control.COLOUR:
            schema |= {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
        elif self.control is Control.CHOICE:
            schema |= {"type": "string", "enum": [v for v, _ in self.choices]}
            schema["x-labels"] = [label for _, label in self.choices]
        elif self.control is Control.REFERENCE:
            schema |= {"type": "string", "pattern": f"^{_REFERENCE.pattern}$"}
        else:
            schema |= {"type": "number", "minimum": self.minimum, "maximum": self.maximum}
            schema |= {"x-step": self.step, "x-unit": self.unit}
        schema |= {"x-control": self.control.value, "x-group": self.group}
        if self.drag:
            schema["x-drag"] = self.drag
        if self.hint:
            schema["description"] = self.hint
        return schema


def slider(
    name: str,
    label: str,
    group: str,
    default: float,
    *,
    minimum: float = 0.0,
    maximum: float = 100.0,
    step: float = 1.0,
    unit: str = "%",
    drag: str = "",
    hint: str = "",
) -> Parameter:
    """A number that is dragged; of 100 in steps of 1 unless told otherwise."""
    return Parameter(
        name=name,
        label=label,
        group=group,
        control=Control.SLIDER,
        default=default,
        minimum=minimum,
        maximum=maximum,
        step=step,
        unit=unit,
        drag=drag,
        hint=hint,
    )


def choice(
    name: str,
    label: str,
    group: str,
    choices: tuple[tuple[str, str], ...],
    *,
    default: str | None = None,
    hint: str = "",
) -> Parameter:
    """One of (value, label) pairs; the first unless told otherwise."""
    return Parameter(
        name=name,
        label=label,
        group=group,
        control=Control.CHOICE,
        default=choices[0][0] if default is None else default,
        choices=choices,
        hint=hint,
    )


def clean_params(
    parameters: Iterable[Parameter], params: Mapping[str, object]
) -> dict[str, ParameterValue]:
    """Return every parameter of a style with its cleaned value; absent ones take their default.

    Raises:
        ParameterInvalid: an unknown name, or a value its parameter refuses.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in params:
        if name not in known:
            raise ParameterInvalid(name, f"This style has no parameter called “{name}”.")
    return {
        name: parameter.clean(params.get(name, parameter.default))
        for name, parameter in known.items()
    }


def params_schema(parameters: Iterable[Parameter]) -> dict[str, object]:
    """JSON Schema of a style's `params` object, properties in the order controls are shown."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {parameter.name: parameter.json_schema() for parameter in parameters},
    }
