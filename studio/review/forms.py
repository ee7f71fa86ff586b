"""What an operator fills in to send pictures back, and an admin to set the rules."""

from collections.abc import Mapping, Sequence

from django import forms
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextareaWidget

from studio.review.acceptance import AQLS
from studio.review.models import DefectReason, ReviewPolicy


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


class PolicyForm(forms.Form):
    """How a workspace reviews."""

    approvals_needed = forms.TypedChoiceField(
        label="Approvals a picture needs",
        coerce=int,
        choices=((1, "One reviewer"), (2, "Two different reviewers")),
        widget=forms.RadioSelect,
    )
    second_opinion_percent = forms.IntegerField(
        label="Second opinions, percent",
        min_value=0,
        max_value=100,
        help_text="This share of pictures goes to a second reviewer too. The first decision "
        "counts; the second shows how far reviewers agree.",
    )
    due_hours = forms.IntegerField(
        label="Answer within, hours",
        min_value=1,
        max_value=720,
        help_text="Counted from when the seller sent it, where they named no time themselves.",
    )
    aql = forms.ChoiceField(
        label="Batches by sample",
        required=False,
        choices=(("", "Off: look at every picture"), *((aql, f"AQL {aql} %") for aql in AQLS)),
        help_text="ISO 2859-1, single sampling, general level II, normal inspection. A critical "
        "defect always sends the whole batch to be looked at.",
    )
    auto_styles = forms.MultipleChoiceField(
        label="Approve by rule",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only pictures in these styles whose every check passed. Off while none is "
        "ticked. Your name stands on these approvals.",
    )

    def __init__(
        self,
        data: Mapping[str, object] | None,
        *,
        styles: Sequence[tuple[str, str]],
        policy: ReviewPolicy,
    ) -> None:
        initial = {name: getattr(policy, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        self.fields["auto_styles"].choices = styles  # type: ignore[attr-defined]
