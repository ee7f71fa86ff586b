"""Writing down that something happened, in the transaction in which it did."""

import json
from collections.abc import Mapping

from django.utils import timezone

from studio.accounts.models import Workspace
from studio.core.ids import uuid7
from studio.core.queue import Task, ring_on_commit
from studio.webhooks.models import Delivery, Endpoint, EventKind


def record_event(
    *, workspace: Workspace, kind: EventKind, subject: str, data: Mapping[str, object]
) -> int:
    """Put one message for every endpoint that asked for this kind into the outbox.

    Call it where the fact itself is written: rolled back, nobody hears of it; committed, everybody
    does, even if this process dies in between. Returns how many messages there are.
    """
    listening = [
        endpoint
        for endpoint in Endpoint.objects.filter(
            workspace=workspace, removed_at=None, switched_off_at=None
        )
        if kind in endpoint.kinds
    ]
    if not listening:
        return 0
    message_id, body = message_of(kind, data)
    Delivery.objects.bulk_create(
        Delivery(endpoint=endpoint, message_id=message_id, kind=kind, subject=subject, body=body)
        for endpoint in listening
    )
    ring_on_commit(Task.DELIVER_WEBHOOKS, queue="bulk")
    return len(listening)


def message_of(kind: EventKind, data: Mapping[str, object]) -> tuple[str, str]:
    """(id, body) of a new message: `type`, `timestamp` and `data`, as Standard Webhooks has it."""
    body = {"type": kind.value, "timestamp": timezone.now().isoformat(), "data": data}
    return f"msg_{uuid7().hex}", json.dumps(body, ensure_ascii=False, separators=(",", ":"))
