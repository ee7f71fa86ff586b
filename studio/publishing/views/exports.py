"""Downloading a selection: an archive with a manifest, or a table for a shop."""

import tempfile
from collections.abc import AsyncIterator
from typing import IO

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from studio.accounts.access import with_actor
from studio.accounts.selectors import Actor
from studio.publishing.exports import (
    ProductPictures,
    by_product,
    google_feed,
    shopify_csv,
    woocommerce_csv,
    write_archive,
)
from studio.publishing.selectors import live_publications_of

_CHUNK_BYTES = 256 * 1024
_SPOOL_BYTES = 8 * 1024 * 1024
_TABLES = {
    "shopify": (shopify_csv, "shopify-products.csv", "text/csv"),
    "woocommerce": (woocommerce_csv, "woocommerce-products.csv", "text/csv"),
    "google": (google_feed, "google-merchant.txt", "text/tab-separated-values"),
}


@require_GET
@with_actor
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The ticked publications, or all that are public, in the form that was asked for."""
    chosen = request.GET.getlist("publication")
    pictures = by_product(live_publications_of(actor, public_ids=chosen or None))
    if not pictures:
        messages.error(request, "Nothing of that is public, so there is nothing to export.")
        return redirect("publishing:published")
    kind = request.GET.get("kind", "zip")
    if kind == "zip":
        return _archive(pictures, request)
    if kind not in _TABLES:
        messages.error(request, "There is no export of that kind.")
        return redirect("publishing:published")
    write, name, media_type = _TABLES[kind]
    response = HttpResponse(write(pictures, request), content_type=f"{media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _archive(pictures: list[ProductPictures], request: HttpRequest) -> HttpResponseBase:
    # Not a `with` block: the answer is read from it after this function has returned.
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
    write_archive(spool, pictures, request)
    size = spool.tell()
    spool.seek(0)
    response = StreamingHttpResponse(_chunks(spool), content_type="application/zip")
    name = f"softbox-{timezone.now():%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(size)
    return response


async def _chunks(spool: IO[bytes]) -> AsyncIterator[bytes]:
    with spool:
        while chunk := await sync_to_async(spool.read)(_CHUNK_BYTES):
            yield chunk
