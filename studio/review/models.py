from django.db import models
from django.utils import timezone

from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7
from studio.renders.models import Render


class DefectReason(models.Model):
    """A reason for returning a picture, from a list that admins manage."""

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        MAJOR = "major", "Major"
        MINOR = "minor", "Minor"

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=120)
    severity = models.CharField(max_length=10, choices=Severity)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.label


class Decision(models.Model):
    """What a reviewer decided about exactly which bytes. Append-only."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", "Approved"
        RETURN = "return", "Returned"
        REJECT = "reject", "Rejected"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="decisions")
    render = models.OneToOneField(Render, on_delete=models.PROTECT, related_name="decision")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    reasons = models.JSONField(default=list, blank=True)
    checklist = models.JSONField(default=dict, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    seen_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.render}"
