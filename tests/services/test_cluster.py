"""The main job on the cluster profile: PostgreSQL and Redis on loopback, worker apart from web."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import websockets

from studio.ops.studio_process import ROOT, StudioProcess, wait_until
from tests.factories import photo_bytes

pytestmark = pytest.mark.enable_socket
ADMIN_DSN = os.environ.get("TEST_POSTGRES_DSN", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of its own, dropped at the end."""
    if not is_listening(5432):
        pytest.skip("PostgreSQL does not listen on 127.0.0.1:5432.")
    name = f"softbox_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(ADMIN_DSN, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield ADMIN_DSN.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(ADMIN_DSN, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Redis' last database, which must be empty before and is emptied after."""
    if not is_listening(6379):
        pytest.skip("Redis does not listen on 127.0.0.1:6379.")
    client = redis.Redis.from_url(REDIS_URL)
    if client.dbsize():
        pytest.skip(f"{REDIS_URL} is not empty.")
    yield REDIS_URL
    client.flushdb()


@pytest.fixture
def cluster(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[StudioProcess]:
    """A web process without an engine and one worker with the fake engine."""
    studio = StudioProcess(
        tmp_path, DATABASE_URL=database_url, REDIS_URL=redis_url, SOFTBOX_ENGINE="none"
    )
    studio.prepare()
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**studio.environment, "SOFTBOX_ENGINE": "fake"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    studio.start()
    yield studio
    worker.kill()
    worker.wait()
    if studio.process and studio.process.poll() is None:
        studio.kill()


async def watch_until_finished(studio: StudioProcess, render_id: str, cookie: str) -> list[str]:
    """The states the socket told, up to the last."""
    url = f"ws://127.0.0.1:{studio.port}/ws/live"
    origin = f"http://127.0.0.1:{studio.port}"
    states: list[str] = []
    async with websockets.connect(
        url, origin=websockets.Origin(origin), additional_headers={"Cookie": cookie}
    ) as live:
        await live.send(json.dumps({"type": "watch", "renders": [render_id]}))
        while not states or states[-1] not in ("finished", "failed"):
            message = await asyncio.wait_for(live.recv(), timeout=20)
            if isinstance(message, str):
                text = json.loads(message)
                states += [text["state"]] if text["type"] == "render" else []
    return states


SIGN_IN = """
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from studio.accounts.models import User
user = User.objects.get(email="ann@example.com")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""

ADD_REVIEWER = """
from studio.accounts.models import User, Workspace
from studio.accounts.services import create_api_key, ensure_membership
user = User.objects.create_user("carol@example.com", "x")
member = ensure_membership(user=user, workspace=Workspace.objects.get(), role="reviewer")
print(create_api_key(membership=member, name="review")[1])
"""


def test_the_main_job_runs_on_postgresql_and_redis(cluster: StudioProcess) -> None:
    assert cluster.ask("/healthz")[1]["profile"] == "cluster"
    photo = cluster.upload(photo_bytes())["photo"]
    photo_path = f"/api/v1/photos/{photo['id']}"
    wait_until(
        lambda: cluster.ask(photo_path)[1]["cutout"]["state"] == "finished",
        timeout_s=60,
    )
    order = {"photo": photo["id"], "style": "pure-white", "output": {"size": 512}}
    status, render = cluster.ask("/api/v1/renders", order)
    assert status == 202
    cookie = "sessionid=" + cluster.manage("shell", "-v", "0", "-c", SIGN_IN)
    states = asyncio.run(watch_until_finished(cluster, str(render["id"]), cookie))
    assert states[-1] == "finished"
    render_path = f"/api/v1/renders/{render['id']}"
    result = cluster.ask(render_path)[1]["result"]
    assert cluster.ask(f"{render_path}/submit", {})[0] == 200
    seller_key = cluster.key
    cluster.key = cluster.manage("shell", "-v", "0", "-c", ADD_REVIEWER)
    decision = {"verdict": "approve", "seen_sha256": result["sha256"]}
    assert cluster.ask(f"/api/v1/review/{render['id']}/decision", decision)[0] == 200
    cluster.key = seller_key
    status, publication = cluster.ask(f"{render_path}/publish", {"channels": ["web"]})
    assert status == 201
    assert len(publication["variants"]) == 3
