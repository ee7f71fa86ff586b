"""Is it alive, is it ready, how is it doing."""

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import admin, messages
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from inference.errors import WeightsMissing
from studio.core.engine import engine_health
from studio.ops.metrics import exposition
from studio.ops.weights import installed_weights, verify_weights
from studio.renders.selectors import queue_depths


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _engine_json() -> dict[str, object]:
    health = engine_health()
    if health is None:
        return {"state": "elsewhere"}
    return {
        "state": "ready" if health.is_ready else "starting",
        "device": health.device,
        "networks": list(health.networks),
        "restarts": health.restarts,
        "detail": health.detail,
    }


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: the web process answers and reaches its database; the rest is told as it is."""
    has_database = _has_database()
    body: dict[str, object] = {
        "status": "ok" if has_database else "no database",
        "profile": "cluster" if settings.CONFIGURATION.is_cluster else "embedded",
        "engine": _engine_json(),
        "queue": queue_depths() if has_database else None,
    }
    return JsonResponse(body, status=200 if has_database else 503)


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: the engine of this process, if it has one, is warm."""
    health = engine_health()
    is_ready = _has_database() and (health is None or health.is_ready)
    detail = "" if health is None else health.detail
    response = JsonResponse({"ready": is_ready, "detail": detail}, status=200 if is_ready else 503)
    # Not ready yet is an answer, not a fault: Django would log every 503 as an error.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def weights(request: HttpRequest) -> HttpResponse:
    """The operator's list of the networks' files; a POST verifies one of them."""
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            verification = verify_weights(name)
        except WeightsMissing as error:
            messages.error(request, str(error))
        else:
            if verification.problem:
                messages.error(request, verification.problem)
            else:
                messages.success(request, f"{name} is exactly the registered file.")
        return redirect("ops:weights")
    context = admin.site.each_context(request)
    context |= {"title": "Network weights", "rows": installed_weights()}
    return render(request, "ops/weights.html", context)


async def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format."""
    text = await sync_to_async(exposition)()
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")
