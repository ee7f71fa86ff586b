"""Adding a backdrop and setting it up without script."""

from django import forms

from inference.backdrops.setup import Viewpoint


class AddForm(forms.Form):
    """One photo of a place."""

    file = forms.FileField()


class SetupForm(forms.Form):
    """The values of a setup, as numbers; `inference.backdrops.setup` says what they may be."""

    name = forms.CharField(max_length=80)
    viewpoint = forms.ChoiceField(
        choices=[(Viewpoint.LEVEL.value, "From in front"), (Viewpoint.ABOVE.value, "From above")]
    )
    eye_level = forms.FloatField()
    ground_line = forms.FloatField()
    stand_x = forms.FloatField()
    stand_y = forms.FloatField()
    width_cm = forms.FloatField()
    light_from_deg = forms.FloatField()
    light_height_deg = forms.FloatField()
    light_softness = forms.FloatField()
    focal = forms.FloatField()

    @property
    def setup(self) -> dict[str, object]:
        """The values as `change_backdrop` takes them."""
        return {name: value for name, value in self.cleaned_data.items() if name != "name"}
