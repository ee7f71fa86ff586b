"""HTTP middleware."""

from collections.abc import Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

# blob: is for live previews; files may come from the bucket; everything else comes from here.
# No inline script, no inline style.
_FILES = settings.CONFIGURATION.files_origin()
_PICTURES = settings.CONFIGURATION.picture_origins()
_POLICY = (
    f"default-src 'self'; img-src 'self' blob: data: {_PICTURES}; script-src 'self'; "
    f"style-src 'self'; connect-src 'self' {_FILES}; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# Django's own admin theme and the API docs page write inline styles and scripts.
_RELAXED = _POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'")
_RELAXED = _RELAXED.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_RELAXED_PREFIXES = ("/admin/", "/api/v1/docs")


def _add_policy(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    policy = _RELAXED if request.path.startswith(_RELAXED_PREFIXES) else _POLICY
    response.headers.setdefault("Content-Security-Policy", policy)
    return response


@sync_and_async_middleware
def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Send a strict Content-Security-Policy with every page."""
    if iscoroutinefunction(get_response):

        async def asynchronous(request: HttpRequest) -> HttpResponse:
            return _add_policy(request, await get_response(request))

        markcoroutinefunction(asynchronous)
        return asynchronous  # type: ignore[return-value]

    def synchronous(request: HttpRequest) -> HttpResponse:
        return _add_policy(request, get_response(request))

    return synchronous
