"""The public side of a publication: its files, cacheable for good."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from studio.core.errors import NotFound
from studio.core.views import PUBLIC_FOREVER, send_file
from studio.publishing.selectors import public_variant


async def variant(request: HttpRequest, publication: UUID, name: str) -> HttpResponseBase:
    """Show one published file to anybody."""
    try:
        found = await sync_to_async(public_variant)(publication, name)
        response = await send_file(request, found.key, cache_control=PUBLIC_FOREVER)
    except NotFound as error:
        return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")
    # Shops embed these pictures from their own sites.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
