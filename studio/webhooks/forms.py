"""What an admin types to add an endpoint."""

from django import forms

from studio.webhooks.models import SUBSCRIBABLE


class EndpointForm(forms.Form):
    """An address and the events it wants to hear of."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="It gets a POST with JSON, signed as Standard Webhooks describes.",
        widget=forms.URLInput(
            attrs={
                "class": "input",
                "placeholder": "https://shop.example.com/hooks/softbox",
                "autocomplete": "off",
            }
        ),
        error_messages={"required": "Give the address that is to be told."},
    )
    kinds = forms.MultipleChoiceField(
        label="Tell it when a picture is",
        choices=[(kind.value, kind.label) for kind in SUBSCRIBABLE],
        initial=[kind.value for kind in SUBSCRIBABLE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )
