"""The pages for webhooks: endpoints, and the log of one of them."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid
from studio.webhooks.forms import EndpointForm
from studio.webhooks.models import Endpoint, EventKind
from studio.webhooks.selectors import deliveries_of, delivery_of, endpoint_of, endpoints_of
from studio.webhooks.services import (
    add_endpoint,
    remove_endpoint,
    replay_delivery,
    rotate_secret,
    send_test,
    switch_on,
)


@require_GET
@with_actor
def endpoints(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every endpoint of the workspace."""
    return _show_endpoints(request, actor, EndpointForm())


@require_POST
@never_cache
@with_actor
def add(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Add an endpoint and show its secret in the answer itself: it is shown once."""
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            made = add_endpoint(
                actor=actor, url=form.cleaned_data["url"], kinds=form.cleaned_data["kinds"]
            )
        except Invalid as error:
            form.add_error(error.field or None, str(error))
        else:
            return _show_log(request, actor, made, secret=made.secret, status=201)
    return _show_endpoints(request, actor, form, status=422)


@require_GET
@with_actor
def log(request: HttpRequest, actor: Actor, endpoint: UUID) -> HttpResponse:
    """One endpoint and what was sent to it."""
    return _show_log(request, actor, endpoint_of(actor, endpoint))


@require_POST
@never_cache
@with_actor
def rotate(request: HttpRequest, actor: Actor, endpoint: UUID) -> HttpResponse:
    """Give an endpoint a new secret and show it once."""
    found = rotate_secret(actor=actor, endpoint=endpoint_of(actor, endpoint))
    return _show_log(request, actor, found, secret=found.secret)


@require_POST
@with_actor
def test(request: HttpRequest, actor: Actor, endpoint: UUID) -> HttpResponse:
    """Send a test message."""
    found = endpoint_of(actor, endpoint)
    return _act(
        request,
        found,
        lambda: send_test(actor=actor, endpoint=found),
        "A test is on its way. Reload in a moment to see what came back.",
    )


@require_POST
@with_actor
def switch(request: HttpRequest, actor: Actor, endpoint: UUID) -> HttpResponse:
    """Call an endpoint again that had asked not to be called."""
    found = endpoint_of(actor, endpoint)
    return _act(
        request, found, lambda: switch_on(actor=actor, endpoint=found), "It is called again."
    )


@require_POST
@with_actor
def remove(request: HttpRequest, actor: Actor, endpoint: UUID) -> HttpResponse:
    """Stop telling an address."""
    found = endpoint_of(actor, endpoint)
    remove_endpoint(actor=actor, endpoint=found)
    messages.success(request, f"{found.url} is not told of anything any more.")
    return redirect("webhooks:endpoints")


@require_POST
@with_actor
def replay(request: HttpRequest, actor: Actor, delivery: UUID) -> HttpResponse:
    """Send a message once more."""
    found = delivery_of(actor, delivery)
    return _act(
        request,
        found.endpoint,
        lambda: replay_delivery(actor=actor, delivery=found),
        "The message is sent once more, under the same id.",
    )


def _act(
    request: HttpRequest, endpoint: Endpoint, do: Callable[[], object], done: str
) -> HttpResponse:
    try:
        do()
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("webhooks:log", endpoint=endpoint.public_id)


def _show_endpoints(
    request: HttpRequest, actor: Actor, form: EndpointForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "section": "published",
        "rows": [{"endpoint": each, "kinds": _labels(each.kinds)} for each in endpoints_of(actor)],
        "form": form,
    }
    return render(request, "webhooks/endpoints.html", context, status=status)


def _show_log(
    request: HttpRequest, actor: Actor, endpoint: Endpoint, *, secret: str = "", status: int = 200
) -> HttpResponse:
    deliveries = deliveries_of(actor, endpoint)
    context = {
        "section": "published",
        "endpoint": endpoint,
        "kinds": _labels(endpoint.kinds),
        "deliveries": deliveries,
        "is_waiting": any(each.state == "waiting" for each in deliveries),
        "secret": secret,
    }
    return render(request, "webhooks/log.html", context, status=status)


def _labels(kinds: list[str]) -> list[str]:
    return [EventKind(kind).label for kind in kinds]
