from django.db import models
from django.utils import timezone

from inference.requests import Measurements
from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7
from studio.core.work import Work


class Product(models.Model):
    """Something a seller sells."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="products")
    title = models.CharField(max_length=200)
    sku = models.CharField("SKU", max_length=80, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Of the product or its newest photo; the grid is ordered by it.
    touched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "sku"], condition=~models.Q(sku=""), name="sku_once_each"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-touched_at"])]

    def __str__(self) -> str:
        return self.title


class Photo(models.Model):
    """An original as it was uploaded; its bytes never change."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="photos")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="photos")
    original_key = models.CharField(max_length=200)
    thumb_key = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=12)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Rises with every correction, undo and redo; raising it first makes them wait for each other.
    corrections_version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            # The same file dropped twice on one product is one photo.
            models.UniqueConstraint(fields=["product", "sha256"], name="photo_once_per_product"),
        ]

    def __str__(self) -> str:
        return self.file_name


class Cutout(Work):
    """The product found in a photo by one version of one network."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="cutouts")
    network = models.CharField(max_length=40)
    # Names what it is made of (photo bytes, network, version), so it keys what is made of it.
    content_key = models.CharField(max_length=64, db_index=True)
    network_version = models.CharField(max_length=40, blank=True)
    alpha_key = models.CharField(max_length=200, blank=True)
    alpha_sha256 = models.CharField(max_length=64, blank=True)
    preview_key = models.CharField(max_length=200, blank=True)
    measurements = models.JSONField(default=dict, blank=True)
    # The product's own shadow, where the seller keeps it.
    shadow_key = models.CharField(max_length=200, blank=True)
    shadow_sha256 = models.CharField(max_length=64, blank=True)
    # What the network made before anybody corrected it, and what it was made of.
    machine = models.JSONField(default=dict, blank=True)
    machine_key = models.CharField(max_length=64, blank=True)
    confidence = models.FloatField(default=0.0)
    notice = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "network"], name="cutout_once_per_network"),
        ]
        indexes = [models.Index(fields=["state", "priority", "queued_at"])]

    def __str__(self) -> str:
        return f"Cutout of {self.photo} by {self.network}"

    @property
    def measured(self) -> Measurements:
        """Only a finished cutout has them."""
        return Measurements.from_json(self.measurements)


class Garment(models.Model):
    """What a flat-lay photo shows: a kind of garment and its landmarks, read or placed by hand.

    `points` are [x, y] in upright photo pixels by the names of `inference.garments.kinds`.
    """

    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="garment")
    kind = models.CharField(max_length=20)
    points = models.JSONField(default=dict)
    confidence = models.FloatField(default=0.0)
    notice = models.CharField(max_length=300, blank=True)
    is_placed = models.BooleanField(default=False)
    placed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.kind} in {self.photo}"


class Correction(models.Model):
    """One step by which a person corrected a photo's cutout. Never changed, only undone.

    Steps hang on the photo, so they lie over whatever cutout its newest network makes.
    """

    class Kind(models.TextChoices):
        """What a step changes; `data` has a form of its own for each (`catalog.hints`)."""

        STROKES = "strokes"
        BOX = "box"
        SUBJECTS = "subjects"
        MASK = "mask"
        SHADOW = "shadow"
        TRANSLUCENCY = "translucency"
        START_OVER = "start-over"

    class Standing(models.TextChoices):
        """Whether a step counts. A dropped one was undone before something else was done."""

        DONE = "done"
        UNDONE = "undone"
        DROPPED = "dropped"

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="corrections")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=14, choices=Kind)
    data = models.JSONField(default=dict)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.DONE)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "number"], name="correction_numbers_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} of {self.photo}"
