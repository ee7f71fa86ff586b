from django.db import models
from django.utils import timezone

from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7
from studio.renders.models import Render


class Publication(models.Model):
    """An approved picture made public. Its files never change; it can be withdrawn."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="publications")
    render = models.ForeignKey(Render, on_delete=models.PROTECT, related_name="publications")
    channels = models.JSONField(default=list)
    source_sha256 = models.CharField(max_length=64)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces"
    )
    # The version of each channel's preset when the files were made.
    presets = models.JSONField(default=dict, blank=True)
    # IPTC's term for where the picture comes from; "" for files made before it was written.
    source_type = models.CharField(max_length=60, blank=True)
    is_signed_for_development = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["render"],
                condition=models.Q(withdrawn_at=None),
                name="one_live_publication_per_render",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-created_at"])]

    def __str__(self) -> str:
        return str(self.render)


class Variant(models.Model):
    """One file of a publication."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="variants")
    channel = models.CharField(max_length=40)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=200)

    class Meta:
        ordering = ("-width", "format")
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "channel", "format", "width", "height"],
                name="variant_once_per_size",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.width} × {self.height}"
