"""A mockup style's cleaned parameters, as the layout takes them. Loads no torch."""

from collections.abc import Mapping

from inference.mockups.placing import Layout, Wish
from inference.requests import ParameterValue


def wish_of(params: Mapping[str, ParameterValue]) -> Wish:
    """What the seller asks of the print."""
    return Wish(
        layout=Layout(str(params["layout"])),
        scale=float(params["scale"]) / 100,
        turn_deg=float(params["turn"]),
        shift_x=float(params["shift_x"]) / 100,
        shift_y=float(params["shift_y"]) / 100,
    )
