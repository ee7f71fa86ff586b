"""What an operator fills in to send pictures back from the admin."""

from django import forms
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextareaWidget

from studio.review.models import DefectReason


class ReturnForm(forms.Form):
    """Why pictures go back to their sellers."""

    reasons = forms.ModelMultipleChoiceField(
        queryset=DefectReason.objects.filter(is_active=True),
        widget=UnfoldAdminSelectMultipleWidget(attrs={"size": 13}),
        error_messages={"required": "Say why, so that the seller knows what to change."},
    )
    note = forms.CharField(
        required=False, max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
    )

    def codes(self) -> list[str]:
        """The codes of the chosen reasons; only after `is_valid`."""
        return [reason.code for reason in self.cleaned_data["reasons"]]
