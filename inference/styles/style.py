"""A style as the catalogue lists it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.requests import ParameterValue, StyleKind
from inference.styles.parameters import Parameter, clean_params, params_schema


@dataclass(frozen=True, slots=True)
class Style:
    """One style: what sellers see of it and what it can be told.

    `family` names the plan that renders it (`inference.plan`); `version` is part of every cache
    key and rises when the picture it makes changes. `is_exact` promises that the product's pixels
    keep their values (no light matching), as marketplaces demand. `needs_place` says that it shows
    nothing without a seller's own photo of a place. `annotations` are further `x-` members of the
    parameters' schema, for the page.
    """

    slug: str
    kind: StyleKind
    title: str
    description: str
    family: str
    parameters: tuple[Parameter, ...]
    version: int = 1
    is_exact: bool = True
    needs_place: bool = False
    annotations: Mapping[str, object] = field(default_factory=dict, hash=False)

    def clean(self, params: Mapping[str, object]) -> dict[str, ParameterValue]:
        """Every parameter with its value; raises `ParameterInvalid` for what it cannot take."""
        return clean_params(self.parameters, params)

    def schema(self) -> dict[str, object]:
        """JSON Schema of the style's `params`, with the page's annotations."""
        return params_schema(self.parameters) | dict(self.annotations)
