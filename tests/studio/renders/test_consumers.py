"""The live socket: snapshot, news, latest wins, resume, strangers."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from inference.requests import Tier
from studio.accounts.models import Membership
from studio.accounts.selectors import actor_of
from studio.core import live
from studio.renders import consumers
from studio.renders.consumers import UNAUTHENTICATED, LiveConsumer, lean_frame
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render, run_waiting_work
from studio.renders.wire import subject_of_render
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


class FakeSession(dict):  # type: ignore[type-arg]
    """A session that is a dict, as the consumer uses it."""


@asynccontextmanager
async def socket_of(who: Membership | None) -> AsyncIterator[WebsocketCommunicator]:
    communicator = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live")
    communicator.scope["user"] = who.user if who else None
    communicator.scope["session"] = FakeSession()
    await communicator.connect()
    yield communicator
    await communicator.disconnect()


async def watch(socket: WebsocketCommunicator, **what: object) -> dict[str, object]:
    await socket.send_json_to({"type": "watch", **what})
    answer = await socket.receive_json_from(timeout=5)
    assert answer["type"] == "watching"
    return dict(answer)


async def read_until(
    socket: WebsocketCommunicator, is_last: Callable[[dict[str, object]], bool]
) -> tuple[list[dict[str, object]], list[bytes]]:
    """Everything up to a text frame that `is_last`: text frames and binary frames."""
    texts: list[dict[str, object]] = []
    frames: list[bytes] = []
    while True:
        message = await socket.receive_output(timeout=8)
        if message.get("bytes"):
            frames.append(message["bytes"])
            continue
        texts.append(json.loads(message["text"]))
        if is_last(texts[-1]):
            return texts, frames


def queued_render(ann: Membership, tier: Tier = Tier.PREVIEW) -> Render:
    actor = actor_of(ann)
    photo = factories.make_photo(actor)
    order = RenderOrder(photo=photo, style="pure-white", tier=tier, longest_side_px=256)
    return order_render(actor=actor, order=order)[0]


async def test_a_watcher_sees_a_render_from_queue_to_picture(ann: Membership, styles: int) -> None:
    render = await sync_to_async(queued_render)(ann)
    async with socket_of(ann) as socket:
        answer = await watch(socket, renders=[str(render.public_id)])
        assert answer["index"] == {str(render.public_id): 0}
        first = await socket.receive_json_from(timeout=5)
        assert (first["state"], first["id"]) == ("queued", str(render.public_id))
        assert first["waiting"]["ahead"] == 0
        await sync_to_async(run_waiting_work)()
        texts, frames = await read_until(socket, lambda text: text["state"] == "finished")
    assert texts[-1]["result"]["width"] == 512  # type: ignore[index]
    version, tier, index, seq = struct.unpack(">BBHI", frames[-1][:8])
    assert (version, tier, index) == (1, Tier.PREVIEW, 0)
    assert seq == texts[-1]["seq"]


async def test_the_snapshot_of_a_finished_render_comes_on_connect(
    ann: Membership, styles: int
) -> None:
    render = await sync_to_async(queued_render)(ann)
    await sync_to_async(run_waiting_work)()
    live.store.cache_clear()  # as after a restart of the web process
    async with socket_of(ann) as socket:
        await watch(socket, renders=[str(render.public_id)])
        snapshot = await socket.receive_json_from(timeout=5)
    assert snapshot["state"] == "finished"
    assert snapshot["result"]["url"].startswith("/files/")


async def test_after_a_reconnect_only_what_is_newer_is_sent(ann: Membership, styles: int) -> None:
    render = await sync_to_async(queued_render)(ann)
    await sync_to_async(run_waiting_work)()
    public_id = str(render.public_id)
    async with socket_of(ann) as socket:
        await watch(socket, renders=[public_id])
        _, frames = await read_until(socket, lambda text: text["state"] == "finished")
        assert len(frames) == 1
    since = {public_id: struct.unpack(">I", frames[0][4:8])[0]}
    async with socket_of(ann) as socket:
        await watch(socket, renders=[public_id], since=since)
        # The frame was seen; the last state, which shares its seq, may have been lost.
        state = await socket.receive_json_from(timeout=5)
        assert state["state"] == "finished"
        assert await socket.receive_nothing(timeout=0.3)


async def test_a_lost_nudge_is_made_up_for_by_the_tick(
    ann: Membership, styles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "TICK_S", 0.2)
    monkeypatch.setattr(live.Hub, "nudge", lambda self, subject: None)
    render = await sync_to_async(queued_render)(ann)
    async with socket_of(ann) as socket:
        await watch(socket, renders=[str(render.public_id)])
        await sync_to_async(run_waiting_work)()
        texts, _ = await read_until(socket, lambda text: text["state"] == "finished")
    assert texts[-1]["state"] == "finished"


async def test_a_slow_client_gets_the_latest_and_not_the_backlog(
    ann: Membership, styles: int
) -> None:
    render = await sync_to_async(queued_render)(ann)
    subject = subject_of_render(render.public_id)
    async with socket_of(ann) as socket:
        await watch(socket, renders=[str(render.public_id)])
        await socket.receive_json_from(timeout=5)
        # All of these are published before the consumer's loop gets to run.
        for seq in range(1, 200):
            frame = live.Frame(seq << 16, 1, 8, 8, "image/jpeg", bytes([seq]))
            live.store().put_frame(subject, frame)
        message = await socket.receive_output(timeout=5)
    assert message["bytes"][16:] == bytes([199])


async def test_a_stranger_cannot_watch_a_render(
    ann: Membership, dan: Membership, styles: int
) -> None:
    render = await sync_to_async(queued_render)(ann)
    async with socket_of(dan) as socket:
        await watch(socket, renders=[str(render.public_id)], photos=[str(render.photo.public_id)])
        answers = [await socket.receive_json_from(timeout=5) for _ in range(2)]
        await sync_to_async(run_waiting_work)()
        assert await socket.receive_nothing(timeout=0.3)
    assert [answer["type"] for answer in answers] == ["gone", "gone"]


async def test_nobody_is_let_in_without_signing_in(db: None) -> None:
    communicator = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live")
    communicator.scope["user"], communicator.scope["session"] = None, FakeSession()
    await communicator.connect()
    closed = await communicator.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", UNAUTHENTICATED)


async def test_a_cutout_is_watched_by_its_photo(ann: Membership, styles: int) -> None:
    photo = await sync_to_async(lambda: factories.make_photo(actor_of(ann)))()
    async with socket_of(ann) as socket:
        await watch(socket, photos=[str(photo.public_id)])
        await sync_to_async(run_waiting_work)()
        texts, frames = await read_until(socket, lambda text: text["state"] == "finished")
    assert texts[-1]["type"] == "cutout"
    assert texts[-1]["result"]["preview_url"]  # type: ignore[index]
    assert frames, "the matte's preview is pushed as soon as it exists"


async def test_a_ping_is_answered_and_nonsense_is_ignored(ann: Membership) -> None:
    async with socket_of(ann) as socket:
        for nonsense in ("[]", "{", '{"type":"watch","renders":7,"since":"x"}'):
            await socket.send_to(text_data=nonsense)
        await socket.send_json_to({"type": "ping", "t": 12})
        texts, _ = await read_until(socket, lambda text: text["type"] == "pong")
    assert texts[-1] == {"type": "pong", "t": 12}


async def test_a_lean_link_gets_smaller_frames(ann: Membership, styles: int) -> None:
    render = await sync_to_async(queued_render)(ann)
    async with socket_of(ann) as socket:
        await socket.send_json_to({"type": "link", "quality": "lean"})
        await watch(socket, renders=[str(render.public_id)])
        await sync_to_async(run_waiting_work)()
        _, frames = await read_until(socket, lambda text: text["state"] == "finished")
    width = struct.unpack(">H", frames[-1][8:10])[0]
    full = await live.store().latest(subject_of_render(render.public_id))
    assert full.frame is not None
    assert len(frames[-1]) - 16 <= len(full.frame.data)
    assert width <= consumers.LEAN_SIDE_PX or len(frames[-1]) - 16 == len(full.frame.data)


def test_a_lean_frame_is_smaller_than_a_photograph() -> None:
    noise = factories.noisy_jpeg(side=512)
    lean = lean_frame(live.Frame(5, 1, 512, 512, "image/jpeg", noise))
    assert len(lean.data) < len(noise) / 4
    assert (lean.seq, lean.width) == (5, 256)


async def test_a_closed_watcher_hears_nothing_more() -> None:
    hub = live.Hub()
    watcher = live.Watcher(hub)
    watcher.watch(["render:1"])
    watcher.close()
    hub.nudge("render:1")
    await asyncio.sleep(0.01)
    assert await watcher.news(tick_s=0.02) is None
