"""Template context."""

from django.conf import settings
from django.http import HttpRequest

from studio.accounts.access import request_actor


def membership(request: HttpRequest) -> dict[str, object]:
    """`actor` for every template: who is signed in, and in which workspace."""
    if not hasattr(request, "session"):
        return {"actor": None, "is_demo": settings.CONFIGURATION.demo}
    return {"actor": request_actor(request), "is_demo": settings.CONFIGURATION.demo}
