"""The page's modules that need no page, in node: each `*.test.mjs` beside this file."""

import shutil
import subprocess
from pathlib import Path

import pytest

NODE = shutil.which("node")
SUITES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.name)
def test_the_suite_passes(suite: Path) -> None:
    assert NODE
    # Browsers know modules by their script tag; node has to be told that `.js` is one.
    command = [NODE, "--experimental-default-type=module", "--test", str(suite)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout


def test_there_are_suites() -> None:
    assert len(SUITES) >= 5
