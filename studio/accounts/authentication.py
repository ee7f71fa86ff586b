"""Who calls the API: a signed-in page, or a program with a key."""

from typing import cast

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from studio.accounts.access import request_actor
from studio.accounts.models import API_KEY_PREFIX
from studio.accounts.selectors import Actor, actor_of_api_key


class ApiRequest(HttpRequest):
    """A request that passed authentication."""

    auth: Actor


class ApiKeyBearer(HttpBearer):
    """`Authorization: Bearer sbx_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return actor_of_api_key(token) if token.startswith(API_KEY_PREFIX) else None


class SessionCookie(APIKeyCookie):
    """The session of a signed-in page; unsafe methods need the CSRF token."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        return request_actor(request)


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor that authentication found."""
    return cast("ApiRequest", request).auth
