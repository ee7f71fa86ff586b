"""From a request to an `Actor`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from studio.accounts.models import User
from studio.accounts.selectors import (
    WORKSPACE_SESSION_KEY,
    Actor,
    actor_of,
    current_membership,
)
from studio.core.errors import NotAllowed, NotFound

P = ParamSpec("P")


def session_actor(user: object, workspace_id: str = "") -> Actor | None:
    """The actor behind a signed-in session; None for strangers and people without a workspace."""
    if not isinstance(user, User) or not user.is_active:
        return None
    membership = current_membership(user=user, workspace_id=workspace_id)
    return actor_of(membership) if membership else None


def request_actor(request: HttpRequest) -> Actor | None:
    """The actor of a page request; found once, because view and template both ask."""
    workspace_id = request.session.get(WORKSPACE_SESSION_KEY, "")
    known: dict[tuple[object, str], Actor | None] = request.__dict__.setdefault("_actors", {})
    key = (request.user.pk, workspace_id)
    if key not in known:
        known[key] = session_actor(request.user, workspace_id)
    return known[key]


def with_actor(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give a page view the actor; strangers go to the sign-in page and come back after.

    What the actor may not see or do becomes the 404 or 403 page with its sentence.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), str(settings.LOGIN_URL))
        actor = request_actor(request)
        if actor is None:
            raise PermissionDenied("You belong to no workspace yet; ask an admin to add you.")
        try:
            return view(request, actor, *args, **kwargs)
        except NotFound as error:
            raise Http404(str(error)) from error
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error

    return inner  # type: ignore[return-value]  # mypy takes `wraps` for a change of signature
