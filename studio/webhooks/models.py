import base64
import secrets
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from studio.accounts.models import User, Workspace
from studio.core.ids import uuid7

SECRET_PREFIX = "whsec_"  # noqa: S105  # the prefix of Standard Webhooks, not a secret
# A try that takes longer than this is taken for lost, and another worker may try.
CLAIM_S = 60


def new_secret() -> str:
    """A signing secret as Standard Webhooks writes it: 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


class EventKind(models.TextChoices):
    """What other programs can be told."""

    FINISHED = "render.finished", "Finished in full quality"
    RETURNED = "review.returned", "Returned or rejected by a reviewer"
    APPROVED = "review.approved", "Approved by a reviewer"
    PUBLISHED = "publication.published", "Published"
    TEST = "webhook.test", "Test"


SUBSCRIBABLE = tuple(kind for kind in EventKind if kind is not EventKind.TEST)


class Endpoint(models.Model):
    """An address of another program that wants to hear of events."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="webhook_endpoints"
    )
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list)
    # Readable, because every message is signed with it; shown to people once.
    secret = models.CharField(max_length=100, default=new_secret)
    previous_secret = models.CharField(max_length=100, blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    switched_off_at = models.DateTimeField(null=True, blank=True)
    switched_off_why = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.url

    def secrets_at(self, now: datetime) -> list[str]:
        """The secrets to sign with: for a day after a rotation, the old one as well."""
        is_old_valid = self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous_secret] if is_old_valid else [self.secret]


class Delivery(models.Model):
    """One message to one endpoint: the row is the queue, and its attempts are the log."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    # The same for a replay, so that a receiver can tell a repetition from news.
    message_id = models.CharField(max_length=60)
    kind = models.CharField(max_length=40, choices=EventKind)
    subject = models.CharField(max_length=60)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["endpoint", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.endpoint}"

    @classmethod
    def due(cls, now: datetime) -> models.Q:
        """Rows whose time has come, at endpoints that still listen."""
        return models.Q(
            state=cls.State.WAITING,
            due_at__lte=now,
            endpoint__switched_off_at=None,
            endpoint__removed_at=None,
        )

    def claim(self) -> bool:
        """Take this row for one try; one UPDATE decides. The attempt's number is the fence."""
        now = timezone.now()
        moved = Delivery.objects.filter(
            pk=self.pk, state=self.State.WAITING, attempt=self.attempt, due_at__lte=now
        ).update(attempt=self.attempt + 1, due_at=now + timedelta(seconds=CLAIM_S))
        if moved:
            self.attempt += 1
        return bool(moved)

    def end_attempt(self, state: "Delivery.State", *, due_at: datetime | None = None) -> bool:
        """Write what came of the try; false when another worker has tried since."""
        fields: dict[str, object] = {"state": state}
        if due_at is not None:
            fields["due_at"] = due_at
        else:
            fields["ended_at"] = timezone.now()
        return bool(
            Delivery.objects.filter(
                pk=self.pk, attempt=self.attempt, state=self.State.WAITING
            ).update(**fields)
        )


class Attempt(models.Model):
    """One try of a delivery and what came back. Append-only."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    elapsed_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"Try {self.number}: {self.status_code or self.error}"
