from django.db import models
from django.utils import timezone

from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7


class Style(models.Model):
    """A style sellers can pick; how it looks is `inference`'s, whether it is shown is ours."""

    class Kind(models.TextChoices):
        BACKGROUND = "background", "Background"
        MOCKUP = "mockup", "Mockup"
        MODEL = "model", "Model studio"

    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    params_schema = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_enabled = models.BooleanField(default=True)
    is_installed = models.BooleanField(
        default=True, editable=False, help_text="False when the engine no longer has this style."
    )

    class Meta:
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.title


class Look(models.Model):
    """A style with its controls set, saved under a name for the whole workspace."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="looks")
    style = models.ForeignKey(Style, on_delete=models.CASCADE, related_name="looks")
    name = models.CharField(max_length=80)
    params = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="look_name_once_each"),
        ]

    def __str__(self) -> str:
        return self.name
