"""`python -m studio.ops.bench`: what a seller waits for, measured through a whole studio.

Starts the studio in a temporary folder with the real engine, uploads a 12-megapixel phone photo,
moves a slider, asks again, and makes the full-quality picture: over HTTP and the live socket, as a
page does. Machines are shared, so read the ratios between rows rather than a single figure.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import websockets

from inference.synthetic import synthetic_jpeg
from studio.ops.bench_review import (
    add_reviewer,
    decision_times,
    next_item_times,
    page_times,
)
from studio.ops.studio_process import Json, StudioProcess, children_of, running_studio, wait_until

_SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from studio.accounts.models import User
user = User.objects.get(email="{email}")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""


@dataclass
class Row:
    """One thing measured: its goal and every reading."""

    name: str
    unit: str
    goal: float
    readings: list[float] = field(default_factory=list)

    def text(self) -> str:
        if not self.readings:
            return f"{self.name:44} not measured here"
        p50 = median(self.readings)
        p95 = quantiles(self.readings, n=20)[-1] if len(self.readings) > 1 else p50
        verdict = "ok" if p50 <= self.goal else "MISSED"
        return f"{self.name:44} {p50:9.1f} {p95:9.1f} {self.goal:9.0f} {self.unit:4} {verdict}"


class Bench:
    """The measurements, in the order a seller meets them."""

    def __init__(self, studio: StudioProcess, *, repeat: int) -> None:
        self.studio = studio
        self.repeat = repeat
        self.cookie = self._sign_in("ann@example.com")
        self.rows: list[Row] = []
        self.stages: dict[str, list[float]] = {}
        self.finals: list[str] = []

    async def run(self) -> None:
        await self._uploads()
        photo = await self._photo()
        await self._previews(photo)
        await self._cached(photo)
        await self._finals(photo)
        await self._review()
        self._memory()
        await self._idle()

    def _sign_in(self, email: str) -> str:
        script = _SESSION.format(email=email)
        return "sessionid=" + self.studio.manage("shell", "-v", "0", "-c", script)

    def _row(self, name: str, unit: str, goal: float) -> Row:
        self.rows.append(Row(name, unit, goal))
        return self.rows[-1]

    def _socket(self) -> websockets.connect:
        return websockets.connect(
            f"ws://127.0.0.1:{self.studio.port}/ws/live",
            origin=websockets.Origin(f"http://127.0.0.1:{self.studio.port}"),
            additional_headers={"Cookie": self.cookie},
            max_size=None,
        )

    async def _uploads(self) -> None:
        row = self._row("upload's last byte → cutout preview", "ms", 1200)
        whole = self._row("upload's last byte → cutout at native size", "ms", 3000)
        async with self._socket() as live:
            for number in range(self.repeat):
                data = synthetic_jpeg(seed=number)
                began = time.perf_counter()
                answer = await asyncio.to_thread(self.studio.upload, data, f"photo{number}.jpg")
                photo = answer["photo"]
                await live.send(json.dumps({"type": "watch", "photos": [photo["id"]]}))
                row.readings.append(await self._until_frame(live, began))
                whole.readings.append(await self._until_finished(live, began))

    async def _photo(self) -> str:
        answer = await asyncio.to_thread(self.studio.upload, synthetic_jpeg(seed=99), "photo.jpg")
        photo_id = str(answer["photo"]["id"])

        def is_cut_out() -> bool:
            photo = self.studio.ask(f"/api/v1/photos/{photo_id}")[1]
            return bool(photo["cutout"]["state"] == "finished")

        await asyncio.to_thread(wait_until, is_cut_out, timeout_s=60)
        return photo_id

    async def _order(self, photo: str, **order: object) -> Json:
        body = {"photo": photo, **order}
        _, render = await asyncio.to_thread(self.studio.ask, "/api/v1/renders", body)
        return render

    async def _previews(self, photo: str) -> None:
        for style, params in (("pure-white", "shadow"), ("studio-sweep", "shadow_softness")):
            row = self._row(f"slider change → new preview ({style})", "ms", 400)
            async with self._socket() as live:
                for number in range(self.repeat * 3):
                    began = time.perf_counter()
                    render = await self._order(
                        photo, style=style, params={params: 20 + number}, tier="preview"
                    )
                    await live.send(json.dumps({"type": "watch", "renders": [render["id"]]}))
                    row.readings.append(await self._until_frame(live, began))
                    await self._keep_stages(render)

    async def _cached(self, photo: str) -> None:
        row = self._row("the same look again (cached)", "ms", 50)
        for number in range(self.repeat * 3):
            began = time.perf_counter()
            await self._order(
                photo, style="pure-white", params={"shadow": 20 + number}, tier="preview"
            )
            row.readings.append((time.perf_counter() - began) * 1000)

    async def _finals(self, photo: str) -> None:
        row = self._row("full quality at 2048 px", "ms", 6000)
        async with self._socket() as live:
            for number in range(self.repeat):
                began = time.perf_counter()
                render = await self._order(
                    photo, style="studio-sweep", params={"shadow": 30 + number}
                )
                await live.send(json.dumps({"type": "watch", "renders": [render["id"]]}))
                row.readings.append(await self._until_finished(live, began))
                await self._keep_stages(render)
                self.finals.append(str(render["id"]))

    async def _review(self) -> None:
        """As a reviewer meets it: the finals just made, half by the API, half in a browser."""
        key = await asyncio.to_thread(add_reviewer, self.studio)
        cookie = await asyncio.to_thread(self._sign_in, "carol@example.com")
        for render in self.finals:
            await asyncio.to_thread(self.studio.ask, f"/api/v1/renders/{render}/submit", {})
        row = self._row("review queue's page", "ms", 200)
        row.readings += await page_times(self.studio, cookie, repeat=self.repeat)
        in_browser = len(self.finals) // 2
        row = self._row("key pressed → next picture on screen", "ms", 100)
        row.readings += await next_item_times(self.studio, cookie, count=in_browser)
        waiting = [each for each in self.finals if not await self._is_decided(each)]
        row = self._row("decision sent → on record", "ms", 100)
        row.readings += await decision_times(self.studio, key, waiting)

    async def _is_decided(self, render: str) -> bool:
        _, found = await asyncio.to_thread(self.studio.ask, f"/api/v1/renders/{render}")
        return bool(found["review"]["state"] != "submitted")

    def _memory(self) -> None:
        row = self._row("web process, resident", "MB", 250)
        assert self.studio.process is not None
        pid = self.studio.process.pid
        row.readings.append(_resident_mb(pid))
        engine = self._row("engine process, resident", "MB", 4000)
        engine.readings.append(sum(_resident_mb(child) for child in children_of(pid)))

    async def _idle(self) -> None:
        row = self._row("idle CPU of both processes", "%", 3)
        assert self.studio.process is not None
        pids = [self.studio.process.pid, *children_of(self.studio.process.pid)]
        await asyncio.sleep(2)
        before, began = sum(map(_cpu_s, pids)), time.perf_counter()
        await asyncio.sleep(10)
        used = sum(map(_cpu_s, pids)) - before
        row.readings.append(100 * used / (time.perf_counter() - began))

    async def _until_frame(self, live: websockets.ClientConnection, began: float) -> float:
        while not isinstance(await asyncio.wait_for(live.recv(), 60), bytes):
            pass
        return (time.perf_counter() - began) * 1000

    async def _until_finished(self, live: websockets.ClientConnection, began: float) -> float:
        while True:
            message = await asyncio.wait_for(live.recv(), 60)
            if isinstance(message, str):
                text = json.loads(message)
                if text.get("state") == "failed":
                    raise RuntimeError(text["error"]["message"])
                if text.get("state") == "finished":
                    return (time.perf_counter() - began) * 1000

    async def _keep_stages(self, render: Json) -> None:
        path = f"/api/v1/renders/{render['id']}"
        done: Json = {}

        def is_finished() -> bool:
            done.update(self.studio.ask(path)[1])
            return bool(done["state"] == "finished")

        await asyncio.to_thread(wait_until, is_finished, timeout_s=60)
        for name, ms in done["timings_ms"].items():
            self.stages.setdefault(name, []).append(ms)


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark and print its table; 0 even when a goal is missed: it only measures."""
    parser = argparse.ArgumentParser(prog="python -m studio.ops.bench", description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="Also write every reading to this file.")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="softbox-bench-") as folder,
        running_studio(Path(folder), SOFTBOX_RENDERS_PER_MINUTE="100000") as studio,
    ):
        bench = Bench(studio, repeat=options.repeat)
        asyncio.run(bench.run())
    write = sys.stdout.write
    write(f"{'':44} {'p50':>9} {'p95':>9} {'goal':>9}\n")
    for row in bench.rows:
        write(row.text() + "\n")
    write("\nStages (median ms):\n")
    for name, readings in bench.stages.items():
        write(f"  {name:30} {median(readings):9.1f}\n")
    if options.json:
        rows = {row.name: {"unit": row.unit, "readings": row.readings} for row in bench.rows}
        options.json.write_text(json.dumps({"rows": rows, "stages_ms": bench.stages}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
