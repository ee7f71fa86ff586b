"""Working through the outbox: claim what is due, send it, write down what came back."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from django.conf import settings
from django.utils import timezone

from studio.core.queue import Task, ring
from studio.webhooks.models import Attempt, Delivery, Endpoint
from studio.webhooks.sending import Answer, Message, Undeliverable, send

log = structlog.get_logger(__name__)

# 5 s, 20 s, 80 s … nearly 6 h: eight tries within about eight hours.
MAX_ATTEMPTS = 8
KEEP_DAYS = 30
_FIRST_DELAY_S = 5.0
_GROWTH = 4.0
_AT_ONCE = 4
# One round per process: hanging servers must not take the threads that make pictures.
_ROUND = threading.Lock()

Send = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class _Outcome:
    answer: Answer | None
    error: str
    elapsed_ms: int

    @property
    def is_delivered(self) -> bool:
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def is_unwanted(self) -> bool:
        """410 Gone: the receiver asks never to be called again (Standard Webhooks)."""
        return self.answer is not None and self.answer.status == 410


def retry_delay_s(attempt: int, *, chance: float) -> float:
    """Seconds until the next try after the try of this number (from 1): 4 times longer each.

    Args:
        attempt: the number of the try that failed.
        chance: 0..1; up to half of the delay is taken off, so that many do not come back at once.
    """
    return _FIRST_DELAY_S * _GROWTH ** (attempt - 1) * (1 - 0.5 * chance)


def deliver_due(*, send: Send = send) -> int:
    """Send everything that is due; return how many tries were made.

    The bell that led here is only a wake-up: what is sent is what stands in the database.
    """
    if not _ROUND.acquire(blocking=False):
        return 0
    try:
        tried = 0
        while claimed := _claim():
            with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
                outcomes = list(pool.map(partial(_try, send=send), _messages(claimed)))
            for delivery, outcome in zip(claimed, outcomes, strict=True):
                _write(delivery, outcome)
            tried += len(claimed)
        return tried
    finally:
        _ROUND.release()


def wake_deliveries() -> bool:
    """Ring for messages whose time has come; the reaper asks once a second."""
    is_due = Delivery.objects.filter(Delivery.due(timezone.now())).exists()
    if is_due:
        ring(Task.DELIVER_WEBHOOKS, queue="bulk")
    return is_due


def purge_deliveries() -> int:
    """Delete what ended more than `KEEP_DAYS` ago, with its tries; return how much."""
    oldest = timezone.now() - timedelta(days=KEEP_DAYS)
    ended = Delivery.objects.filter(ended_at__lt=oldest)
    Attempt.objects.filter(delivery__in=ended).delete()
    return ended.delete()[0]


def _claim() -> list[Delivery]:
    due = (
        Delivery.objects.filter(Delivery.due(timezone.now()))
        .select_related("endpoint")
        .order_by("due_at", "pk")[:_AT_ONCE]
    )
    return [delivery for delivery in due if delivery.claim()]


def _messages(claimed: Sequence[Delivery]) -> list[tuple[Message, list[str]]]:
    now = timezone.now()
    return [
        (
            Message(
                delivery.endpoint.url, delivery.message_id, int(now.timestamp()), delivery.body
            ),
            delivery.endpoint.secrets_at(now),
        )
        for delivery in claimed
    ]


def _try(work: tuple[Message, list[str]], *, send: Send) -> _Outcome:
    """One request; it touches no row, so it may run in any thread."""
    message, secrets = work
    started = time.monotonic()
    answer, error = None, ""
    try:
        answer = send(
            message,
            secrets=secrets,
            allow_private=settings.CONFIGURATION.webhooks_allow_private,
        )
    except Undeliverable as undeliverable:
        error = str(undeliverable)
    except Exception:
        # One bad address must not keep the others' messages waiting.
        log.exception("webhook_failed_unexpectedly", message=message.message_id)
        error = "Something went wrong on our side; it has been logged."
    return _Outcome(answer, error, round((time.monotonic() - started) * 1000))


def _write(delivery: Delivery, outcome: _Outcome) -> None:
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.attempt,
        elapsed_ms=outcome.elapsed_ms,
        status_code=outcome.answer.status if outcome.answer else None,
        error=outcome.error[:300],
        answer=outcome.answer.text[:500] if outcome.answer else "",
    )
    if outcome.is_delivered:
        delivery.end_attempt(Delivery.State.DELIVERED)
        return
    if outcome.is_unwanted:
        _switch_off(delivery.endpoint)
    if outcome.is_unwanted or delivery.attempt >= MAX_ATTEMPTS:
        delivery.end_attempt(Delivery.State.FAILED)
        log.warning("webhook_given_up", delivery=str(delivery.public_id))
        return
    delay = retry_delay_s(delivery.attempt, chance=random.random())  # noqa: S311  # only a delay
    due_at = timezone.now() + timedelta(seconds=delay)
    delivery.end_attempt(Delivery.State.WAITING, due_at=due_at)


def _switch_off(endpoint: Endpoint) -> None:
    Endpoint.objects.filter(pk=endpoint.pk, switched_off_at=None).update(
        switched_off_at=timezone.now(),
        switched_off_why="It answered 410 Gone, which asks not to be called again.",
    )
