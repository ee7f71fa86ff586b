"""Reading endpoints and what was sent to them."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from studio.accounts.selectors import Actor
from studio.core.errors import NotFound
from studio.webhooks.models import Delivery, Endpoint


def require_viewer(actor: Actor) -> None:
    """Raise `NotAllowed` unless the actor may see endpoints and the log: sellers and admins."""
    actor.require_seller()


def endpoints_of(actor: Actor) -> list[Endpoint]:
    """The workspace's endpoints, oldest first; each carries `waiting_count` and `failed_count`."""
    require_viewer(actor)
    counted = {
        f"{state.value}_count": Count("deliveries", filter=Q(deliveries__state=state))
        for state in (Delivery.State.WAITING, Delivery.State.FAILED)
    }
    return list(_endpoints(actor).annotate(**counted).order_by("pk"))


def endpoint_of(actor: Actor, public_id: UUID) -> Endpoint:
    """Raise `NotFound` unless it is an endpoint of the actor's workspace."""
    require_viewer(actor)
    found = _endpoints(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such endpoint.")
    return found


def deliveries_of(actor: Actor, endpoint: Endpoint, *, limit: int = 100) -> list[Delivery]:
    """What was sent to an endpoint, newest first, with every try."""
    require_viewer(actor)
    return list(
        Delivery.objects.filter(endpoint=endpoint, endpoint__workspace=actor.workspace)
        .prefetch_related("attempts")
        .order_by("-created_at", "-pk")[:limit]
    )


def delivery_of(actor: Actor, public_id: UUID) -> Delivery:
    """Raise `NotFound` unless it went to an endpoint of the actor's workspace."""
    require_viewer(actor)
    found = (
        Delivery.objects.filter(
            public_id=public_id,
            endpoint__workspace=actor.workspace,
            endpoint__removed_at=None,
        )
        .select_related("endpoint")
        .first()
    )
    if found is None:
        raise NotFound("There is no such delivery.")
    return found


def _endpoints(actor: Actor) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(workspace=actor.workspace, removed_at=None)
