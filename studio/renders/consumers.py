"""The websocket of a page: it watches many renders and cutouts, and always ends right.

Every subject's news is read from the store at the moment of sending, so a slow client skips what
is out of date instead of queueing it, and a slow tick makes up for nudges that got lost.
"""

import asyncio
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog
from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from PIL import Image

from studio.accounts.access import session_actor
from studio.accounts.selectors import WORKSPACE_SESSION_KEY, Actor
from studio.catalog.selectors import enhancement_of, photo_of
from studio.catalog.wire import cutout_message, enhancement_json
from studio.core import live
from studio.core.errors import NotFound
from studio.core.work import ENDED, State
from studio.renders.selectors import render_of, waiting_json
from studio.renders.wire import pack_frame, render_json

log = structlog.get_logger(__name__)

TICK_S = 2.0
MAX_SUBJECTS = 500
# For slow links: a quarter of the pixels, harder compression; about 5 KB instead of 30.
LEAN_SIDE_PX = 256
LEAN_QUALITY = 50
UNAUTHENTICATED = 4401


@dataclass(slots=True)
class _Subject:
    """One thing this connection watches, and what the client has of it."""

    kind: str
    public_id: str
    index: int
    state_seq: int = -1
    frame_seq: int = -1
    is_ended: bool = False


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """`/ws/live`: see `studio.renders.wire` for the frames."""

    actor: Actor
    watcher: live.Watcher

    async def connect(self) -> None:
        session = self.scope["session"]
        workspace_id = await sync_to_async(session.get)(WORKSPACE_SESSION_KEY, "")
        actor = await sync_to_async(session_actor)(self.scope["user"], workspace_id)
        await self.accept()
        if actor is None:
            await self.close(code=UNAUTHENTICATED)
            return
        self.actor = actor
        self.subjects: dict[str, _Subject] = {}
        self.is_lean = False
        self.watcher = live.Watcher(live.hub())
        self._sending = asyncio.Lock()
        await live.store().listen()
        self._pump_task = asyncio.create_task(self._pump())

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "watcher"):
            self.watcher.close()
            self._pump_task.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump_task

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        message = _parse(text_data)
        if message is None or not hasattr(self, "watcher"):
            return
        if message.get("type") == "watch":
            await self._watch(message)
        elif message.get("type") == "link":
            self.is_lean = message.get("quality") == "lean"
        elif message.get("type") == "ping":
            await self._send_json({"type": "pong", "t": message.get("t")})

    async def _watch(self, message: Mapping[str, object]) -> None:
        """Replace the watch list; what is already known of a kept subject is not sent again."""
        since = message.get("since")
        since = since if isinstance(since, dict) else {}
        wanted = [("render", public_id) for public_id in _strings(message.get("renders"))]
        wanted += [("photo", public_id) for public_id in _strings(message.get("photos"))]
        tried = _strings(message.get("enhancements"))
        wanted += [("enhancement", public_id) for public_id in tried]
        async with self._sending:
            old, self.subjects = self.subjects, {}
            for index, (kind, public_id) in enumerate(wanted[:MAX_SUBJECTS]):
                name = f"{kind}:{public_id}"
                subject = old.get(name) or _Subject(kind, public_id, index)
                subject.index = index
                if isinstance(seq := since.get(public_id), int):
                    # The last frame and the last state share a seq, and the frame goes first: a
                    # client that has seen this seq may still lack the state.
                    subject.state_seq = max(subject.state_seq, seq - 1)
                    subject.frame_seq = max(subject.frame_seq, seq)
                self.subjects[name] = subject
            indexes = {subject.public_id: subject.index for subject in self.subjects.values()}
            await self._send_json({"type": "watching", "index": indexes})
            self.watcher.watch(self.subjects)
            for name in [name for name in self.subjects if name not in old]:
                await self._send_snapshot(name)

    async def _pump(self) -> None:
        """Send news as it comes; on the slow tick look at the rows as well."""
        while True:
            news = await self.watcher.news(tick_s=TICK_S)
            async with self._sending:
                if news is None:
                    for name in [n for n, s in self.subjects.items() if not s.is_ended]:
                        await self._send_snapshot(name)
                else:
                    for name in news & self.subjects.keys():
                        await self._send_news(name)

    async def _send_news(self, name: str) -> None:
        subject = self.subjects[name]
        latest = await live.store().latest(name)
        await self._send_frame(subject, latest.frame)
        if latest.state is not None:
            await self._send_state(subject, latest.state)

    async def _send_snapshot(self, name: str) -> None:
        """The newest frame, then the newest of what the store and the row say."""
        subject = self.subjects[name]
        try:
            row = await sync_to_async(self._row_state)(subject)
        except NotFound:
            self.subjects.pop(name)
            self.watcher.watch(self.subjects)
            await self._send_json({"type": "gone", "id": subject.public_id})
            return
        latest = await live.store().latest(name)
        await self._send_frame(subject, latest.frame)
        if latest.state is not None and _seq(latest.state) > _seq(row):
            row = dict(latest.state)
        # A queued row says anew how many stand before it; running events have a higher fence.
        if row["state"] == State.QUEUED and subject.state_seq >= _seq(row):
            row["seq"] = subject.state_seq + 1
        await self._send_state(subject, row)

    def _row_state(self, subject: _Subject) -> dict[str, object]:
        if subject.kind == "render":
            render = render_of(self.actor, subject.public_id)
            return {**render_json(render), "waiting": waiting_json(render)}
        if subject.kind == "enhancement":
            return enhancement_json(enhancement_of(self.actor, subject.public_id))
        photo = photo_of(self.actor, subject.public_id)
        cutout = photo.current_cutout  # type: ignore[attr-defined]
        if cutout is None:
            raise NotFound("This photo has no cut-out.")
        return cutout_message(cutout, subject.public_id)

    async def _send_state(self, subject: _Subject, state: Mapping[str, object]) -> None:
        if _seq(state) <= subject.state_seq:
            return
        subject.state_seq = _seq(state)
        subject.is_ended = state["state"] in ENDED
        await self._send_json({**state, "index": subject.index})

    async def _send_frame(self, subject: _Subject, frame: live.Frame | None) -> None:
        if frame is None or frame.seq <= subject.frame_seq:
            return
        subject.frame_seq = frame.seq
        if self.is_lean:
            frame = await asyncio.to_thread(lean_frame, frame)
        await self.send(bytes_data=pack_frame(frame, index=subject.index))

    async def _send_json(self, message: Mapping[str, object]) -> None:
        await self.send(text_data=json.dumps(message))


def lean_frame(frame: live.Frame) -> live.Frame:
    """The same picture for a slow link: at most `LEAN_SIDE_PX`, compressed harder."""
    with Image.open(io.BytesIO(frame.data)) as image:
        image.thumbnail((LEAN_SIDE_PX, LEAN_SIDE_PX))
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=LEAN_QUALITY, method=2)
        width, height = image.size
    data = buffer.getvalue()
    if len(data) >= len(frame.data):
        return frame
    return live.Frame(frame.seq, frame.tier, width, height, "image/webp", data)


def _parse(text: str | None) -> dict[str, object] | None:
    try:
        message = json.loads(text or "")
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _seq(state: Mapping[str, object]) -> int:
    seq = state.get("seq")
    return seq if isinstance(seq, int) else -1
