"""Endpoints: adding, testing, rotating their secrets, removing; and sending something again."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.core.queue import Task, ring_on_commit
from studio.webhooks.models import SUBSCRIBABLE, Delivery, Endpoint, EventKind, new_secret
from studio.webhooks.sending import Undeliverable, check_url
from studio.webhooks.services.record import message_of

MAX_ENDPOINTS = 10
# Both secrets sign for this long, so that a receiver can be changed in between.
_ROTATION = timedelta(hours=24)


def require_manager(actor: Actor) -> None:
    """Raise `NotAllowed` unless the actor is an admin: an endpoint hears all that happens."""
    if not actor.can_administer:
        raise NotAllowed("Only admins of this workspace can change webhooks.")


def add_endpoint(*, actor: Actor, url: str, kinds: Sequence[str]) -> Endpoint:
    """Begin to tell an address of events; the new row holds its secret.

    Raises:
        NotAllowed: no admin.
        Invalid: no https address, an unknown event or none, or too many endpoints.
    """
    require_manager(actor)
    url = url.strip()
    try:
        check_url(url, allow_private=settings.CONFIGURATION.webhooks_allow_private)
    except Undeliverable as error:
        raise Invalid(str(error), field="url") from error
    wanted = list(dict.fromkeys(kinds))
    unknown = [kind for kind in wanted if kind not in {known.value for known in SUBSCRIBABLE}]
    if unknown or not wanted:
        raise Invalid("Choose at least one event.", field="kinds")
    live = Endpoint.objects.filter(workspace=actor.workspace, removed_at=None)
    if live.filter(url=url).exists():
        raise Invalid("This address is told of events already.", field="url")
    if live.count() >= MAX_ENDPOINTS:
        raise Invalid(f"A workspace has up to {MAX_ENDPOINTS} endpoints.", field="url")
    return Endpoint.objects.create(
        workspace=actor.workspace, url=url, kinds=wanted, created_by=actor.user
    )


def rotate_secret(*, actor: Actor, endpoint: Endpoint) -> Endpoint:
    """Give an endpoint a new secret; for a day every message is signed with both."""
    require_manager(actor)
    endpoint.previous_secret = endpoint.secret
    endpoint.previous_until = timezone.now() + _ROTATION
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    return endpoint


def switch_on(*, actor: Actor, endpoint: Endpoint) -> Endpoint:
    """Call an endpoint again that had asked not to be called."""
    require_manager(actor)
    endpoint.switched_off_at, endpoint.switched_off_why = None, ""
    endpoint.save(update_fields=["switched_off_at", "switched_off_why"])
    return endpoint


def remove_endpoint(*, actor: Actor, endpoint: Endpoint) -> None:
    """Stop telling an address; what waits for it is not sent any more."""
    require_manager(actor)
    Endpoint.objects.filter(pk=endpoint.pk).update(removed_at=timezone.now())


@transaction.atomic
def send_test(*, actor: Actor, endpoint: Endpoint) -> Delivery:
    """Send a harmless message, to see whether it arrives."""
    require_manager(actor)
    message_id, body = message_of(
        EventKind.TEST, {"workspace": actor.workspace.name, "text": "It works."}
    )
    return _queue(endpoint, message_id, EventKind.TEST, str(endpoint.public_id), body)


@transaction.atomic
def replay_delivery(*, actor: Actor, delivery: Delivery) -> Delivery:
    """Send a message once more, the same bytes under the same id.

    Raises:
        Conflict: it is still on its way.
    """
    require_manager(actor)
    if delivery.state == Delivery.State.WAITING:
        raise Conflict("This message is still on its way; it is tried again by itself.")
    return _queue(
        delivery.endpoint,
        delivery.message_id,
        EventKind(delivery.kind),
        delivery.subject,
        delivery.body,
    )


def _queue(
    endpoint: Endpoint, message_id: str, kind: EventKind, subject: str, body: str
) -> Delivery:
    if endpoint.switched_off_at is not None:
        raise Conflict("This endpoint is switched off; switch it on first.")
    made = Delivery.objects.create(
        endpoint=endpoint, message_id=message_id, kind=kind, subject=subject, body=body
    )
    ring_on_commit(Task.DELIVER_WEBHOOKS, queue="bulk")
    return made
