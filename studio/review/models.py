from typing import ClassVar, NoReturn, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7
from studio.renders.models import Batch, Render

M = TypeVar("M", bound=models.Model)


class DefectReason(models.Model):
    """A reason for sending a picture back; managed by admins."""

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        MAJOR = "major", "Major"
        MINOR = "minor", "Minor"

    class Fix(models.TextChoices):
        """What the seller's studio opens with; see `static/js/pages/studio/one_click_fix.js`."""

        NONE = "", "No one-click fix"
        RECUT = "recut", "Cut out again"
        BRUSH = "brush", "Brush the cut-out"
        SHADOW = "shadow", "Set the shadow"
        CROP = "crop", "Set size and place"
        SIZE = "size", "Make it larger"

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=120)
    severity = models.CharField(max_length=10, choices=Severity)
    fix = models.CharField(max_length=10, choices=Fix, default=Fix.NONE, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.label


class Inspection(models.Model):
    """What the automatic checks found in exactly which bytes."""

    class Outcome(models.TextChoices):
        """The worst verdict among the findings, the worst last."""

        PASS = "pass", "Every check passed"
        UNCHECKED = "unchecked", "Not everything could be checked"
        WARN = "warn", "Something to look at"
        FAIL = "fail", "A check failed"
        HOLD = "hold", "Held for a person"

    render = models.OneToOneField(Render, on_delete=models.CASCADE, related_name="inspection")
    findings = models.JSONField(default=list)
    uncertainty = models.FloatField()
    outcome = models.CharField(max_length=10, choices=Outcome, db_index=True)
    inspected_sha256 = models.CharField(max_length=64)
    summary = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(uncertainty__gte=0) & models.Q(uncertainty__lte=1),
                name="uncertainty_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.render}"

    @property
    def has_passed_everything(self) -> bool:
        """Every check was done on these bytes, and passed."""
        is_current = self.inspected_sha256 == self.render.result_sha256
        return self.outcome == self.Outcome.PASS and is_current


class AppendOnly(models.QuerySet[M]):
    """Rows that are written once: only which decision stands may be written again."""

    def update(self, **fields: object) -> int:
        if set(fields) - {"standing_for"}:
            raise TypeError("Decisions are append-only; write a new one that voids the old.")
        return super().update(**fields)

    def delete(self) -> NoReturn:
        raise TypeError("Decisions are append-only; write a new one that voids the old.")


class Decision(models.Model):
    """What a reviewer decided about exactly which bytes. Append-only.

    A render may have several: first and second approvals, blind second opinions, and undone ones.
    The one that counts is `render.decision`, by way of `standing_for`; it is worked out anew from
    the others whenever one is added.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", "Approved"
        RETURN = "return", "Returned"
        REJECT = "reject", "Rejected"
        UNDO = "undo", "Undone"

    class Basis(models.TextChoices):
        """What the decision rests on."""

        LOOKED = "looked", "looked at"
        BULK = "bulk", "in bulk, every check passed"
        SAMPLE = "sample", "batch accepted by its sample"
        RULE = "rule", "by rule, every check passed"
        BYTES = "bytes", "the stored bytes changed"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="decisions")
    render = models.ForeignKey(Render, on_delete=models.PROTECT, related_name="decisions")
    standing_for = models.OneToOneField(
        Render, on_delete=models.PROTECT, null=True, blank=True, related_name="decision"
    )
    voids = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="voided_by"
    )
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.LOOKED)
    reasons = models.JSONField(default=list, blank=True)
    # The reasons as they were worded that day: an admin may word them otherwise tomorrow.
    reason_labels = models.JSONField(default=list, blank=True)
    fixes = models.JSONField(default=list, blank=True)
    region = models.JSONField(null=True, blank=True)
    checklist = models.JSONField(default=dict, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    seen_sha256 = models.CharField(max_length=64)
    looked_ms = models.PositiveIntegerField(null=True, blank=True)
    asks_second_opinion = models.BooleanField(default=False)
    is_second_opinion = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnly["Decision"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict="undo", voids__isnull=False)
                | (~models.Q(verdict="undo") & models.Q(voids__isnull=True)),
                name="only_an_undo_voids",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.render}"

    @property
    def is_voided(self) -> bool:
        return hasattr(self, "voided_by")


class Claim(models.Model):
    """Who has a picture in front of them; others are not given it until the lease runs out."""

    render = models.OneToOneField(Render, on_delete=models.CASCADE, related_name="review_claim")
    holder = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    lease_until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["holder", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.render} with {self.holder}"


class ReviewPolicy(models.Model):
    """How a workspace reviews. A workspace without a row has these defaults."""

    workspace = models.OneToOneField(
        Workspace, on_delete=models.CASCADE, related_name="review_policy"
    )
    approvals_needed = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(2)]
    )
    second_opinion_percent = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(100)]
    )
    due_hours = models.PositiveSmallIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )
    aql = models.CharField(max_length=5, blank=True)
    auto_styles = models.JSONField(default=list, blank=True)
    auto_set_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "review policies"

    def __str__(self) -> str:
        return f"How {self.workspace} reviews"


class SavedView(models.Model):
    """A reviewer's own filter of the queue."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "owner", "name"], name="one_view_per_name_and_reviewer"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReviewKeys(models.Model):
    """The keys a reviewer has changed; the others are as the page has them."""

    owner = models.OneToOneField(User, on_delete=models.CASCADE, related_name="review_keys")
    keys = models.JSONField(default=dict)
    are_on = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "review keys"

    def __str__(self) -> str:
        return f"Keys of {self.owner}"


class Lot(models.Model):
    """A batch that is judged by a sample of it, by ISO 2859-1."""

    class State(models.TextChoices):
        OPEN = "open", "Being sampled"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Not accepted"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lots")
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    aql = models.CharField(max_length=5)
    letter = models.CharField(max_length=1)
    accept = models.PositiveSmallIntegerField()
    reject = models.PositiveSmallIntegerField()
    seed = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=models.Q(state="open"), name="one_open_lot_per_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"Sample of {self.batch}"


class LotItem(models.Model):
    """A picture of a lot, drawn into its sample or not."""

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="items")
    render = models.ForeignKey(Render, on_delete=models.PROTECT, related_name="lot_items")
    is_drawn = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lot", "render"], name="once_per_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.render} in {self.lot}"
