"""`/api/v1`: the routers, who may call them, and errors as problem+json (RFC 9457)."""

import http

import structlog
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from studio.accounts.authentication import ApiKeyBearer, SessionCookie
from studio.backdrops.api import router as backdrops
from studio.catalog.api import router as catalog
from studio.core.errors import StudioError, TooManyRequests
from studio.publishing.api import router as publishing
from studio.renders.api import router as renders
from studio.review.api import router as review
from studio.styles.api import router as styles

log = structlog.get_logger(__name__)

api = NinjaAPI(
    title="Softbox",
    version="1",
    description="Product photos in, approved pictures out. Errors are application/problem+json.",
    urls_namespace="api",
    docs_url="/docs",
    openapi_url="/openapi.json",
    auth=[ApiKeyBearer(), SessionCookie(csrf=True)],
)
for router in (catalog, styles, backdrops, renders, review, publishing):
    api.add_router("", router)


def problem(
    request: HttpRequest, *, status: int, code: str, detail: str, **extra: object
) -> HttpResponse:
    """An error body as RFC 9457 has it, with our stable `code`."""
    body = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
        **extra,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(StudioError)
def on_studio_error(request: HttpRequest, error: StudioError) -> HttpResponse:
    extra = {"field": error.field} if error.field else {}
    response = problem(request, status=error.status, code=error.code, detail=str(error), **extra)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {
            "field": ".".join(str(part) for part in item["loc"] if part not in ("body", "payload")),
            "message": item["msg"],
        }
        for item in error.errors
    ]
    first = errors[0] if errors else {"field": "", "message": "The request is not complete."}
    detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return problem(
        request, status=422, code="invalid", detail=detail, field=first["field"], errors=errors
    )


@api.exception_handler(AuthenticationError)
def on_authentication_error(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(
        request,
        status=401,
        code="not_signed_in",
        detail="Sign in, or send a valid API key: Authorization: Bearer <key>.",
    )
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, status=error.status_code, code="refused", detail=str(error))


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, status=404, code="not_found", detail="There is nothing here.")


@api.exception_handler(Exception)
def on_unexpected_error(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("api_failed_unexpectedly", path=request.path, exc_info=error)
    return problem(
        request,
        status=500,
        code="unexpected",
        detail="Something went wrong on our side; it has been logged.",
    )
