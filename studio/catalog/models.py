from django.db import models
from django.utils import timezone

from inference.enhance.recipe import clean_recipe, words_of
from inference.requests import Measurements, Posture, ProductFacts, Tier
from inference.scenes.fit import as_told
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
    # What only a person knows; null while nobody said.
    height_cm = models.FloatField("height in cm", null=True, blank=True)
    is_furniture = models.BooleanField(null=True, blank=True)
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

    class PostureChoice(models.TextChoices):
        """`inference.requests.Posture`, for the database."""

        STANDING = Posture.STANDING.value, "It stands"
        LYING = Posture.LYING.value, "It lies flat"
        SIDE = Posture.SIDE.value, "Seen from the side"

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
    # How a person says that the product is shown; empty while nobody said.
    posture = models.CharField(max_length=8, choices=PostureChoice, blank=True)
    # A version is a photo made of another one by a recipe (`inference.enhance.recipe`). One that
    # was taken out again stays for the pictures that were made of it.
    version_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="versions"
    )
    recipe = models.JSONField(default=dict, blank=True)
    taken_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # The same file dropped twice on one product is one photo.
            models.UniqueConstraint(fields=["product", "sha256"], name="photo_once_per_product"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def enhancements(self) -> tuple[str, ...]:
        """What was done to the original to make this version of it; empty for an original."""
        return words_of(clean_recipe(self.recipe)) if self.recipe else ()

    @property
    def facts(self) -> ProductFacts:
        """What a person has said of the product in this photo."""
        product = self.product
        return ProductFacts(self._told_posture, product.height_cm or 0.0, product.is_furniture)

    @property
    def _told_posture(self) -> Posture | None:
        return Posture(self.posture) if self.posture else None

    def measured_as_told(self, cutout: "Cutout") -> Measurements:
        """A finished cutout's measurements; a person's word on the posture goes before them."""
        return as_told(cutout.measured, self._told_posture)


class Enhancement(Work):
    """A photo as a recipe would make it: looked at beside the original, then kept or dropped."""

    class TierChoice(models.IntegerChoices):
        """A preview shows a part of the photo; the final is the whole one, which may be kept."""

        PREVIEW = Tier.PREVIEW.value, "preview"
        FINAL = Tier.FINAL.value, "final"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="tried")
    recipe = models.JSONField(default=dict)
    # Names the recipe, its version, the window and the cutout that it looked at.
    recipe_key = models.CharField(max_length=64, db_index=True)
    tier = models.PositiveSmallIntegerField(choices=TierChoice)
    # Where the part that is shown has its middle, 0..1 of the upright photo.
    window_x = models.FloatField(default=0.5)
    window_y = models.FloatField(default=0.5)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    result_key = models.CharField(max_length=200, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    whole_key = models.CharField(max_length=200, blank=True)
    before_key = models.CharField(max_length=200, blank=True)
    after_key = models.CharField(max_length=200, blank=True)
    # `Condition.to_json()` and the notes, as `inference.enhance.request` has them.
    condition = models.JSONField(default=dict, blank=True)
    notes = models.JSONField(default=list, blank=True)
    # The recipe without what was refused: what was done.
    taken = models.JSONField(default=dict, blank=True)
    kept_as = models.ForeignKey(
        Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "priority", "queued_at"])]

    def __str__(self) -> str:
        return f"Enhancement of {self.photo}"

    @property
    def is_final(self) -> bool:
        return self.tier == Tier.FINAL


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
