"""Stored files over HTTP: by signed URL, with Range and ETag, or a redirect to the bucket."""

import mimetypes
import re
from collections.abc import AsyncIterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase

from studio.core.errors import NotFound
from studio.core.storage import is_local, key_of_token, read_bytes

_CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# Keys name content, so what a URL shows never changes.
PRIVATE_FOREVER = "private, max-age=31536000, immutable"
PUBLIC_FOREVER = "public, max-age=31536000, immutable"


async def file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Show the file a signed URL names."""
    try:
        key = key_of_token(token)
        return await send_file(request, key, cache_control=PRIVATE_FOREVER)
    except NotFound as error:
        return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")


async def send_file(request: HttpRequest, key: str, *, cache_control: str) -> HttpResponseBase:
    """Send a stored file; Django's FileResponse ignores Range and blocks under ASGI.

    Raises:
        NotFound: there is no such file.
    """
    if not is_local():
        answer = _send_from_bucket if cache_control == PUBLIC_FOREVER else _redirect_to_bucket
        return await sync_to_async(answer)(request, key)
    path = Path(default_storage.path(key))
    if not await sync_to_async(path.is_file)():
        raise NotFound("This file is not here any more.")
    size = (await sync_to_async(path.stat)()).st_size
    etag = f'"{path.stem}-{size}"'
    headers = {
        "ETag": etag,
        "Cache-Control": cache_control,
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": mimetypes.guess_type(path.name)[0] or "application/octet-stream",
    }
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    span = _span(request.headers.get("Range", ""), size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return HttpResponse(status=416, headers=headers)
    start, end, status = span
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_read(path, start, end), status=status, headers=headers)


def _span(header: str, size: int) -> tuple[int, int, int] | None:
    """(start, end, status) of what to send; None when the range cannot be met."""
    match = _RANGE.fullmatch(header.strip())
    if not match or match.group(1) == match.group(2) == "":
        return 0, size, 200
    first, last = match.groups()
    if first == "":
        return max(0, size - int(last)), size, 206
    start, end = int(first), min(size, int(last) + 1 if last else size)
    return (start, end, 206) if start < end else None


async def _read(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    for offset in range(start, end, _CHUNK_BYTES):
        yield await sync_to_async(_read_part)(path, offset, min(_CHUNK_BYTES, end - offset))


def _read_part(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as opened:
        opened.seek(offset)
        return opened.read(size)


def _send_from_bucket(request: HttpRequest, key: str) -> HttpResponse:
    """A published file passes through here, so that a cache in front may keep it for good."""
    etag = f'"{Path(key).stem}"'
    headers = {"ETag": etag, "Cache-Control": PUBLIC_FOREVER}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    headers["Content-Type"] = mimetypes.guess_type(key)[0] or "application/octet-stream"
    return HttpResponse(read_bytes(key), headers=headers)


def _redirect_to_bucket(request: HttpRequest, key: str) -> HttpResponse:
    """A presigned URL changes at each signing and defeats caches, so one is kept per key."""
    signed = cache.get_or_set(f"presigned:{key}", lambda: default_storage.url(key), 1800)
    response = HttpResponseRedirect(str(signed))
    response["Cache-Control"] = "private, max-age=1200"
    return response
