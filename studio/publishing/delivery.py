"""The public side of a publication: its files, cacheable for good."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from studio.core.errors import NotFound
from studio.core.views import PUBLIC_FOREVER, send_file
from studio.publishing.addresses import variant_address
from studio.publishing.models import Variant
from studio.publishing.selectors import public_variant, successor_of


async def variant(request: HttpRequest, publication: UUID, name: str) -> HttpResponseBase:
    """Show one published file to anybody."""
    try:
        found = await sync_to_async(public_variant)(publication, name)
        response = await send_file(request, found.key, cache_control=PUBLIC_FOREVER)
    except NotFound as error:
        successor = await sync_to_async(successor_of)(publication, name)
        if successor is not None:
            return _gone(request, successor)
        return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")
    # Shops embed these pictures from their own sites.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _gone(request: HttpRequest, successor: Variant) -> HttpResponse:
    """410 with the address of what replaces it: a redirect would show what nobody asked for."""
    address = variant_address(successor, request)
    return HttpResponse(
        f"This picture was replaced by {address}\n",
        status=410,
        content_type="text/plain; charset=utf-8",
        headers={"Link": f'<{address}>; rel="successor-version"', "Cache-Control": "no-cache"},
    )
