"""A whole studio in processes of its own: for benchmarks, and for tests that kill it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# The answers of the API, as JSON has them.
Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
# Loading and warming the networks takes 6 s on two idle cores, and minutes on busy ones.
_START_TIMEOUT_S = 300
_ANSWER_TIMEOUT_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StudioProcess:
    """`manage.py up` on a free port of this machine, with a data folder of its own."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.port = free_port()
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "SOFTBOX_DATA_DIR": str(data_dir),
            "SOFTBOX_DEMO": "0",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.key = ""

    def manage(self, *arguments: str, **environment: str) -> str:
        """Run a management command and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def prepare(self) -> None:
        """Make the database and a seller with an API key."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.manage("seed")
        self.manage(
            "shell",
            "-c",
            "from studio.accounts.models import User\n"
            "from studio.accounts.services import open_workspace\n"
            "user = User.objects.create_user('ann@example.com', 'x')\n"
            "open_workspace(owner=user, name='Test')",
        )
        self.key = self.manage("create_api_key", "ann@example.com")

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(self.port)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: self.ask("/readyz")[0] == 200, timeout_s=_START_TIMEOUT_S)

    def kill(self) -> None:
        """As a power cut: no handler runs."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> float:
        """As Ctrl-C; return how long it took."""
        process = self._running()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        return time.monotonic() - began

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise RuntimeError("This studio was not started.")
        return self.process

    def ask(
        self,
        path: str,
        body: object = None,
        *,
        method: str = "",
        data: bytes | None = None,
        content_type: str = "application/json",
    ) -> tuple[int, Json]:
        """Status and JSON of a request with the API key; status 0 when nobody answers."""
        payload = json.dumps(body).encode() if body is not None else data
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=payload,
            method=method or ("POST" if payload is not None else "GET"),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": content_type},
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_TIMEOUT_S) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0, {}

    def upload(self, data: bytes, name: str = "mug.png") -> Json:
        """A new product from one photo."""
        boundary = "softboxboundary"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
        )
        payload = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        status, answer = self.ask(
            "/api/v1/uploads",
            data=payload,
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        if status != 201:
            raise RuntimeError(f"the upload was refused: {answer}")
        return answer


@contextlib.contextmanager
def running_studio(data_dir: Path, **environment: str) -> Iterator[StudioProcess]:
    """A prepared, started studio; whatever is left of it is killed at the end."""
    studio = StudioProcess(data_dir, **environment)
    studio.prepare()
    studio.start()
    try:
        yield studio
    finally:
        if studio.process is not None and studio.process.poll() is None:
            studio.kill()


def wait_until(is_so: Callable[[], object], *, timeout_s: float) -> None:
    """Ask four times a second until `is_so`; raise `TimeoutError` when it is not so in time."""
    give_up = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited longer than {timeout_s:g} s")
        time.sleep(0.25)


def children_of(pid: int) -> list[int]:
    """Process ids of the direct children, by /proc."""
    task = Path(f"/proc/{pid}/task")
    found: list[int] = []
    for thread in task.iterdir():
        with contextlib.suppress(OSError):
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found
