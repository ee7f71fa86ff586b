from django.db import models
from django.db.models import Q
from django.utils import timezone

from inference.backdrops.place import backdrop_camera, backdrop_slug
from inference.backdrops.setup import BackdropSetup, setup_from
from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7


class Backdrop(models.Model):
    """A seller's own photo of a place, with where its ground and its light are."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="backdrops")
    name = models.CharField(max_length=80)
    original_key = models.CharField(max_length=200)
    view_key = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # `inference.backdrops.setup.BackdropSetup` as plain data.
    setup = models.JSONField(default=dict)
    # The setup's values that neither the photo shows plainly nor a person has looked at.
    unsure = models.JSONField(default=list, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Deleted ones can be brought back for a day; then their files go.
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "sha256"],
                condition=Q(deleted_at=None),
                name="backdrop_once_per_workspace",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "deleted_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def arranged(self) -> BackdropSetup:
        """The setup, checked."""
        return setup_from(self.setup)

    @property
    def content_key(self) -> str:
        """Names what its pictures are made of: another setup makes other pictures."""
        return backdrop_slug(self.sha256, self.arranged)

    @property
    def pitch_deg(self) -> float | None:
        """How far its camera looked down; None while that is only a guess."""
        if "eye_level" in self.unsure:
            return None
        camera = backdrop_camera(self.arranged, width_px=self.width, height_px=self.height)
        return camera.pitch_deg
