"""Which way imports point, what the web side must not load, and that every task exists."""

import subprocess
import sys
from pathlib import Path

from studio.celery import app
from studio.core.queue import Task

ROOT = Path(__file__).resolve().parent.parent

_WEB_SIDE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["SOFTBOX_ENGINE"] = "remote"
import studio.asgi
import studio.urls
import studio.core.embedded
heavy = [name for name in ("torch", "onnxruntime") if name in sys.modules]
sys.exit(f"the web side loaded {heavy}" if heavy else 0)
"""


def test_the_web_side_loads_no_network_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WEB_SIDE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_importing_inference_loads_no_network_library() -> None:
    code = "import sys, inference; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_every_task_is_registered() -> None:
    app.loader.import_default_modules()
    app.finalize()
    assert len(Task) >= 3
    assert {task.value for task in Task} <= set(app.tasks)


def test_no_module_is_called_after_nothing() -> None:
    looked_at = [
        path for folder in ("studio", "inference") for path in (ROOT / folder).rglob("*.py")
    ]
    nameless = {"utils.py", "helpers.py", "common.py", "misc.py", "signals.py"}
    assert len(looked_at) > 100
    assert not [path for path in looked_at if path.name in nameless]


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    suffixes = {".py", ".js", ".css", ".html"}
    folders = ("studio", "inference", "templates", "static", "tests")
    looked_at = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes
    ]
    assert len(looked_at) > 150
    too_long = [path.name for path in looked_at if path.read_text().count("\n") > 600]
    assert too_long == []
