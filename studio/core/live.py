"""The newest state and picture of everything that is being watched; latest wins, never a backlog.

Two stores share one door: in this process's memory, or in Redis. Whoever publishes stores first
and nudges after; a watcher reads the store on every nudge and on a slow tick, so a lost nudge
delays the last event and never loses it.
"""

import asyncio
import json
import struct
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

import redis
import redis.asyncio
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

KEEP_S = 600.0
_NUDGE_CHANNEL = "softbox:nudge"
_FRAME_HEAD = struct.Struct(">IBHH16s")


@dataclass(frozen=True, slots=True)
class Frame:
    """An encoded preview; `seq` orders the frames of one subject, `tier` is `inference`'s."""

    seq: int
    tier: int
    width: int
    height: int
    media_type: str
    data: bytes

    def to_bytes(self) -> bytes:
        head = _FRAME_HEAD.pack(
            self.seq, self.tier, self.width, self.height, self.media_type.encode()
        )
        return head + self.data

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Frame":
        seq, tier, width, height, media = _FRAME_HEAD.unpack_from(raw)
        media_type = media.rstrip(b"\0").decode()
        return cls(seq, tier, width, height, media_type, raw[_FRAME_HEAD.size :])


@dataclass(frozen=True, slots=True)
class Latest:
    """What is newest of one subject. `state` is JSON-ready and carries its own `seq`."""

    state: Mapping[str, object] | None = None
    frame: Frame | None = None


class LiveStore(Protocol):
    """Keeps the newest state and frame of each subject for `KEEP_S`."""

    def put_state(self, subject: str, state: Mapping[str, object]) -> None: ...
    def put_frame(self, subject: str, frame: Frame) -> None: ...
    async def latest(self, subject: str) -> Latest: ...
    async def listen(self) -> None: ...


class Hub:
    """Who in this process watches which subject; nudges are safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: dict[str, set[Watcher]] = {}

    def add(self, subject: str, watcher: "Watcher") -> None:
        with self._lock:
            self._watchers.setdefault(subject, set()).add(watcher)

    def remove(self, subject: str, watcher: "Watcher") -> None:
        with self._lock:
            watchers = self._watchers.get(subject, set())
            watchers.discard(watcher)
            if not watchers:
                self._watchers.pop(subject, None)

    def nudge(self, subject: str) -> None:
        """Tell every watcher of `subject` that there is news."""
        with self._lock:
            watchers = tuple(self._watchers.get(subject, ()))
        for watcher in watchers:
            watcher.nudge(subject)


class Watcher:
    """One connection's view: the subjects it follows and those with news not yet sent."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._dirty: set[str] = set()
        self._news = asyncio.Event()
        self.subjects: set[str] = set()

    def watch(self, subjects: Iterable[str]) -> None:
        """Follow exactly these from now on."""
        wanted = set(subjects)
        for subject in self.subjects - wanted:
            self._hub.remove(subject, self)
        for subject in wanted - self.subjects:
            self._hub.add(subject, self)
        self.subjects = wanted

    def close(self) -> None:
        self.watch(())

    def nudge(self, subject: str) -> None:
        """Mark a subject as having news. `call_soon_threadsafe`: publishers are other threads."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._mark, subject)

    def _mark(self, subject: str) -> None:
        self._dirty.add(subject)
        self._news.set()

    async def news(self, *, tick_s: float) -> set[str] | None:
        """Wait for nudges and return the subjects that got one; None when the tick came first."""
        try:
            async with asyncio.timeout(tick_s):
                await self._news.wait()
        except TimeoutError:
            return None
        self._news.clear()
        dirty, self._dirty = self._dirty & self.subjects, set()
        return dirty


class MemoryStore:
    """The store of the embedded profile."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._latest: dict[str, tuple[float, Latest]] = {}

    def put_state(self, subject: str, state: Mapping[str, object]) -> None:
        self._put(subject, state=state)

    def put_frame(self, subject: str, frame: Frame) -> None:
        self._put(subject, frame=frame)

    async def latest(self, subject: str) -> Latest:
        with self._lock:
            return self._latest.get(subject, (0.0, Latest()))[1]

    async def listen(self) -> None:
        """Nudges are direct calls here; there is nothing to listen to."""

    def _put(
        self,
        subject: str,
        *,
        state: Mapping[str, object] | None = None,
        frame: Frame | None = None,
    ) -> None:
        now = time.monotonic()
        with self._lock:
            old = self._latest.pop(subject, (0.0, Latest()))[1]
            # Re-inserting keeps the dict in order of age, so the oldest are dropped from its front.
            self._latest[subject] = (now, Latest(state or old.state, frame or old.frame))
            while self._latest:
                oldest = next(iter(self._latest))
                if now - self._latest[oldest][0] < KEEP_S:
                    break
                del self._latest[oldest]
        self._hub.nudge(subject)


class RedisStore:
    """The store of a cluster: `SET` with expiry, then `PUBLISH` (0.23 ms together, measured)."""

    def __init__(self, hub: Hub, url: str) -> None:
        self._hub = hub
        self._url = url
        self._sync = redis.Redis.from_url(url)
        self._listening: dict[int, asyncio.Task[None]] = {}
        self._async: dict[int, redis.asyncio.Redis] = {}

    def put_state(self, subject: str, state: Mapping[str, object]) -> None:
        self._put(f"softbox:state:{subject}", json.dumps(state).encode(), subject)

    def put_frame(self, subject: str, frame: Frame) -> None:
        self._put(f"softbox:frame:{subject}", frame.to_bytes(), subject)

    async def latest(self, subject: str) -> Latest:
        client = self._client()
        state, frame = await client.mget(f"softbox:state:{subject}", f"softbox:frame:{subject}")
        return Latest(
            json.loads(state) if state else None,
            Frame.from_bytes(cast("bytes", frame)) if frame else None,
        )

    async def listen(self) -> None:
        """Pass Redis' nudges on to this loop's watchers; one task per loop, however often asked."""
        loop = asyncio.get_running_loop()
        task = self._listening.get(id(loop))
        if task is None or task.done():
            self._listening[id(loop)] = loop.create_task(self._pass_on())

    async def _pass_on(self) -> None:
        while True:
            try:
                async with self._client().pubsub() as channel:
                    await channel.subscribe(_NUDGE_CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            self._hub.nudge(message["data"].decode())
            except redis.ConnectionError:
                # The slow tick carries the watchers until Redis is back.
                await asyncio.sleep(1.0)

    def _client(self) -> redis.asyncio.Redis:
        key = id(asyncio.get_running_loop())
        if key not in self._async:
            self._async[key] = redis.asyncio.Redis.from_url(self._url)
        return self._async[key]

    def _put(self, key: str, value: bytes, subject: str) -> None:
        pipeline = self._sync.pipeline(transaction=False)
        pipeline.set(key, value, ex=int(KEEP_S))
        pipeline.publish(_NUDGE_CHANNEL, subject)
        try:
            pipeline.execute()
        except redis.ConnectionError as error:
            # Watching is a courtesy: the render goes on, and pages fall back to asking.
            log.warning("live_publish_failed", subject=subject, reason=str(error))


@cache
def hub() -> Hub:
    """This process's hub."""
    return Hub()


@cache
def store() -> LiveStore:
    """The store that settings choose."""
    url = settings.CONFIGURATION.redis_url
    return RedisStore(hub(), url) if url else MemoryStore(hub())
