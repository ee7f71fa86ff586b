"""Template context."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from studio.accounts.access import request_actor
from studio.review.selectors import awaiting_count


def review_queue(request: HttpRequest) -> dict[str, object]:
    """`awaiting_count`, counted only on pages that show it."""

    def count() -> int:
        actor = request_actor(request) if hasattr(request, "session") else None
        return awaiting_count(actor) if actor else 0

    return {"awaiting_count": SimpleLazyObject(count)}
