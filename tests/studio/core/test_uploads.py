"""The body limit, before anything of it is kept."""

import json

from studio.core.uploads import LimitBody, Message, Receive, Scope, Send


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads everything and says how much it was."""
    total = 0
    while True:
        message = await receive()
        total += len(message["body"])
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(total).encode()})


async def ask(bodies: list[bytes], *, declared: int | None) -> tuple[int, bytes, int]:
    """Status, body, and how many chunks were read."""
    headers = [(b"content-length", str(declared).encode())] if declared is not None else []
    sent: list[Message] = []
    reads = 0

    async def receive() -> Message:
        nonlocal reads
        reads += 1
        more = reads < len(bodies)
        return {"type": "http.request", "body": bodies[reads - 1], "more_body": more}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "path": "/api/v1/uploads", "headers": headers}
    await LimitBody(echo, max_bytes=100)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], reads


async def test_a_small_body_passes() -> None:
    assert await ask([b"x" * 60, b"y" * 40], declared=100) == (200, b"100", 2)


async def test_a_declared_large_body_is_refused_unread() -> None:
    status, body, reads = await ask([b"x" * 101], declared=101)
    assert (status, reads) == (413, 0)
    assert json.loads(body)["code"] == "too_large"


async def test_a_large_body_without_a_length_is_refused_when_it_passes_the_limit() -> None:
    status, _, reads = await ask([b"x" * 60] * 9, declared=None)
    assert (status, reads) == (413, 2)
