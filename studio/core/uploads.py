"""Uploads: refused by size before the body is read, and by content before any pixel is decoded."""

import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.base import File
from django.core.files.uploadedfile import TemporaryUploadedFile

# ASGI's own types are these mappings of anything.
Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class _BodyTooLarge(Exception):
    """More bytes came than the limit, without a Content-Length to refuse at the door."""


class LimitBody:
    """ASGI middleware: 413 for a body over `max_bytes`, before Django reads any of it.

    Django reads a whole body before a view runs and its DATA_UPLOAD limits do not cap files.
    """

    def __init__(self, application: Application, *, max_bytes: int) -> None:
        self._application = application
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await self._refuse(scope, send)
            return
        seen_bytes = 0
        has_answered = False

        async def counted_receive() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > self._max_bytes:
                raise _BodyTooLarge
            return message

        async def watched_send(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._application(scope, counted_receive, watched_send)
        except _BodyTooLarge:
            if not has_answered:
                await self._refuse(scope, send)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        megabytes = self._max_bytes // (1024 * 1024)
        problem = {
            "type": "about:blank",
            "title": "Content Too Large",
            "status": 413,
            "code": "too_large",
            "detail": f"This file is too large: photos may have up to {megabytes} MB.",
            "instance": scope["path"],
        }
        body = json.dumps(problem).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def on_disk(upload: "File[bytes]") -> Iterator[Path]:
    """A path with the upload's bytes while the block runs; small uploads live in memory until then.

    The name's ending is dropped: content decides what a file is.
    """
    if isinstance(upload, TemporaryUploadedFile):
        yield Path(upload.temporary_file_path())
        return
    with NamedTemporaryFile(prefix="softbox-upload-") as file:
        upload.seek(0)
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        upload.seek(0)
        yield Path(file.name)
