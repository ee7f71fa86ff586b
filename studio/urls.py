"""Every URL of the studio."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from studio.accounts.access import request_actor
from studio.api import api


def home(request: HttpRequest) -> HttpResponse:
    """Reviewers begin with what waits for them, everybody else with the products."""
    actor = request_actor(request)
    is_reviewer = actor is not None and actor.can_review and not actor.can_sell
    return redirect("review:queue" if is_reviewer else "catalog:products")


urlpatterns = [
    path("", home, name="home"),
    path("", include("studio.core.urls")),
    path("", include("studio.ops.urls")),
    path("", include("studio.catalog.urls")),
    path("", include("studio.backdrops.urls")),
    path("", include("studio.renders.urls")),
    path("", include("studio.review.urls")),
    path("", include("studio.publishing.urls")),
    path("", include("studio.webhooks.urls")),
    path("", include("studio.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
]
