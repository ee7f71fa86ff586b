"""Ordering a picture, and sending it to review, without script."""

from django import forms

from inference.requests import MAX_OUTPUT_SIDE_PX, MIN_OUTPUT_SIDE_PX, Aspect
from studio.core.channels import CHANNELS

_LOOK = "look:"
_PLACE = "place:"


class OrderForm(forms.Form):
    """`style` is a style's slug, or `look:` or `place:` and the id of a look or own backdrop."""

    style = forms.CharField(max_length=80)
    aspect = forms.ChoiceField(
        choices=[(aspect.value, aspect.value) for aspect in Aspect], required=False
    )
    size = forms.IntegerField(
        min_value=MIN_OUTPUT_SIDE_PX, max_value=MAX_OUTPUT_SIDE_PX, required=False
    )

    @property
    def look_id(self) -> str:
        """The saved look's id; "" when a style was chosen."""
        chosen: str = self.cleaned_data["style"]
        return chosen.removeprefix(_LOOK) if chosen.startswith(_LOOK) else ""

    @property
    def place_id(self) -> str:
        """The id of the seller's own backdrop; "" when something else was chosen."""
        chosen: str = self.cleaned_data["style"]
        return chosen.removeprefix(_PLACE) if chosen.startswith(_PLACE) else ""


class SendingForm(forms.Form):
    """Until when a seller wants an answer, and what the picture is for."""

    due_at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"invalid": "Give the time as day and hour."},
    )
    channels = forms.MultipleChoiceField(
        choices=[(code, channel.label) for code, channel in CHANNELS.items()],
        required=False,
        error_messages={"invalid_choice": "There is no channel called “%(value)s”."},
    )

    def sentences(self) -> list[str]:
        """What is wrong, for a message."""
        return [str(error) for errors in self.errors.values() for error in errors]
