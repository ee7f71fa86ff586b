"""kill -9 in the middle of thirty renders: nothing is lost, nothing is made twice."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.ops.studio_process import (
    StudioProcess,
    children_of,
    running_studio,
    wait_until,
)
from tests.factories import photo_bytes

pytestmark = pytest.mark.enable_socket
RENDERS = 30


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[StudioProcess, list[str], Path]]:
    """A studio in the middle of thirty renders, and their ids."""
    slow = {
        "SOFTBOX_ENGINE": "remote-fake",
        "SOFTBOX_ENGINE_STAGE_DELAY_S": "0.03",
        "SOFTBOX_LEASE_S": "3",
    }
    with running_studio(tmp_path, **slow) as studio:
        photo = studio.upload(photo_bytes())["photo"]
        ids = []
        for number in range(RENDERS):
            status, render = studio.ask(
                "/api/v1/renders",
                {
                    "photo": photo["id"],
                    "style": "pure-white",
                    "params": {"shadow": number},
                    "output": {"size": 256},
                },
            )
            assert status == 202, render
            ids.append(render["id"])
        wait_until(lambda: finished_of(studio, ids) >= 4, timeout_s=60)
        assert finished_of(studio, ids) < RENDERS, "the kill must come in the middle"
        yield studio, ids, tmp_path


def finished_of(studio: StudioProcess, ids: list[str]) -> int:
    _, answer = studio.ask(f"/api/v1/renders?ids={','.join(ids)}")
    return sum(render["state"] == "finished" for render in answer.get("renders", []))


def check_that_each_was_made_once(data_dir: Path, ids: list[str]) -> None:
    """By the database itself: every row finished, with one result file each, and no other rows."""
    database = sqlite3.connect(data_dir / "softbox.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = database.execute(
        "SELECT state, result_key, width FROM renders_render WHERE tier = 2"
    ).fetchall()
    assert len(rows) == RENDERS == len(ids)
    assert {state for state, _, _ in rows} == {"finished"}
    for _, key, width in rows:
        assert (data_dir / "files" / key).stat().st_size > 0
        assert width == 256
    leftovers = [path for path in (data_dir / "files").rglob(".new-*") if path.is_file()]
    assert len(leftovers) <= 3, "a kill may leave a part of a file behind, never more"


def test_thirty_renders_survive_a_kill_of_everything(
    busy: tuple[StudioProcess, list[str], Path],
) -> None:
    studio, ids, data_dir = busy
    studio.kill()
    studio.start()
    wait_until(lambda: finished_of(studio, ids) == RENDERS, timeout_s=90)
    assert studio.stop() < 5
    check_that_each_was_made_once(data_dir, ids)


def test_thirty_renders_survive_a_kill_of_the_engine_while_the_web_answers(
    busy: tuple[StudioProcess, list[str], Path],
) -> None:
    studio, ids, data_dir = busy
    assert studio.process is not None
    engines = children_of(studio.process.pid)
    assert engines, "the engine is a child process"
    for pid in engines:
        os.kill(pid, signal.SIGKILL)
    assert studio.ask("/healthz")[0] == 200
    wait_until(lambda: finished_of(studio, ids) == RENDERS, timeout_s=90)
    health = studio.ask("/healthz")[1]
    assert health["engine"]["restarts"] >= 1
    assert studio.stop() < 5
    check_that_each_was_made_once(data_dir, ids)
    assert children_gone(engines)


def children_gone(pids: list[int]) -> bool:
    return not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
