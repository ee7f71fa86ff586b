from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from inference.requests import Tier
from inference.styles.parameters import Control
from studio.accounts.models import User, Workspace
from studio.catalog.models import Cutout, Photo
from studio.core.ids import uuid7
from studio.core.work import State, Work
from studio.styles.models import Style


class Render(Work):
    """One picture: a photo, cut out, in a style, at a size. Immutable once finished."""

    class TierChoice(models.IntegerChoices):
        """`inference.requests.Tier`, for the database."""

        THUMB = Tier.THUMB.value, "thumb"
        PREVIEW = Tier.PREVIEW.value, "preview"
        FINAL = Tier.FINAL.value, "final"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="renders")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renders")
    cutout = models.ForeignKey(Cutout, on_delete=models.CASCADE, related_name="renders")
    style = models.ForeignKey(Style, on_delete=models.PROTECT, related_name="renders")
    params = models.JSONField(default=dict)
    longest_side_px = models.PositiveIntegerField()
    aspect = models.CharField(max_length=8)
    tier = models.PositiveSmallIntegerField(choices=TierChoice)
    cache_key = models.CharField(max_length=64)
    # NULL, not "": the constraint holds for given keys only.
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001
    request_hash = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    result_key = models.CharField(max_length=200, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    result_bytes = models.PositiveBigIntegerField(default=0)
    display_key = models.CharField(max_length=200, blank=True)
    # Where the product was put: `inference.events.PhotoPlacement` as plain data.
    placement = models.JSONField(null=True, blank=True)
    media_type = models.CharField(max_length=20, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    is_speculative = models.BooleanField(default=False, help_text="Made before anybody asked.")
    was_cached = models.BooleanField(default=False, help_text="Found, not computed.")

    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What the seller said when sending it: until when, and for which of `core.channels`.
    due_at = models.DateTimeField(null=True, blank=True)
    channels = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "idempotency_key"], name="render_once_per_idempotency_key"
            ),
            # A double submit is one render; a failed or cancelled one may be asked for again.
            models.UniqueConstraint(
                fields=["photo", "cache_key"],
                condition=Q(state__in=[State.QUEUED, State.RUNNING, State.FINISHED]),
                name="render_once_per_photo_and_look",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "priority", "queued_at"]),
            models.Index(fields=["workspace", "cache_key"]),
            models.Index(fields=["workspace", "submitted_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.style} of {self.photo}"

    @property
    def is_final(self) -> bool:
        return self.tier == Tier.FINAL

    @property
    def params_changed(self) -> dict[str, object]:
        """The parameters that differ from the style's defaults."""
        properties = self.style.params_schema.get("properties", {})
        return {
            name: value
            for name, value in self.params.items()
            if properties.get(name, {}).get("default") != value
            # An id tells a person nothing.
            and properties.get(name, {}).get("x-control") != Control.REFERENCE
        }


class Batch(models.Model):
    """One style on many photos."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="batches")
    style = models.ForeignKey(Style, on_delete=models.PROTECT, related_name="+")
    params = models.JSONField(default=dict)
    # Many to many: the same finished picture may belong to several batches.
    renders = models.ManyToManyField(Render, related_name="batches")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"{self.style} of {self.created_at:%d %b %Y %H:%M}"
