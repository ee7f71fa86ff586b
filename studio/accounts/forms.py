"""What people type on the settings page."""

from django import forms


class ApiKeyForm(forms.Form):
    """The name of a new key."""

    name = forms.CharField(
        label="What will use it?",
        max_length=80,
        widget=forms.TextInput(
            attrs={"class": "input", "placeholder": "Shop import", "autocomplete": "off"}
        ),
        error_messages={
            "required": "Give the key a name, so that you know later what uses it.",
            "max_length": "A name has up to 80 characters.",
        },
    )
