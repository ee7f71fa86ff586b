"""The same photo and the same network file through rembg's own pipeline, side by side with ours.

rembg lives in a virtual environment of its own, because it brings another build of the runtime.
Its `remove` gives a cut-out, or with `only_mask` the matte alone, which is the nearer comparison:
ours is a matte at the photo's own size, too, but refined.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference.bench.timing import percentile
from inference.errors import InferenceError
from inference.networks.weights import entry, installed_path

# Networks that both register under the same name, with the same file; the quickest first.
REMBG_KNOWS = ("u2netp", "u2net")
_TIMEOUT_S = 600

# Runs inside rembg's environment: one line in (anything), one duration out, so that both sides
# take turns on the same machine at the same time of day.
_SCRIPT = """
import json, sys, time
from pathlib import Path
from rembg import new_session, remove
data, network = Path(sys.argv[1]).read_bytes(), sys.argv[2]
session = new_session(network)
remove(data, session=session, only_mask=True)
print("ready", flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    remove(data, session=session, only_mask=line.strip() == "matte")
    print(json.dumps((time.perf_counter() - started) * 1000), flush=True)
"""


class RembgUnavailable(InferenceError):
    """rembg does not run in the environment that was named."""

    code = "rembg_unavailable"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Medians in milliseconds of the same work in both pipelines, run in turns."""

    network: str
    runs: int
    ours_matte_ms: float
    rembg_matte_ms: float
    rembg_cutout_ms: float


def compare_with_rembg(
    python: Path, photo: Path, network: str, ours: Callable[[int], float], *, runs: int
) -> SideBySide:
    """Time both pipelines in turns.

    Args:
        python: the interpreter of the environment in which rembg is installed.
        photo: the photo's file.
        network: a registered network that rembg knows by the same name.
        ours: makes our cutout of that photo and returns its milliseconds.
        runs: of each.

    Raises:
        RembgUnavailable: that interpreter cannot run it.
        WeightsMissing: the network is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="softbox-rembg-") as folder:
        # rembg looks for its file here; the very one that we load.
        (Path(folder) / f"{network}.onnx").symlink_to(installed_path(network))
        with _started(python, photo, network, Path(folder)) as process:
            times: dict[str, list[float]] = {"ours": [], "matte": [], "cutout": []}
            for number in range(runs):
                times["ours"].append(ours(number))
                for what in ("matte", "cutout"):
                    times[what].append(_ask(process, what))
            assert process.stdin is not None
            process.stdin.close()
            process.wait(_TIMEOUT_S)
    medians = {name: percentile(values, 50) for name, values in times.items()}
    return SideBySide(
        entry(network).name, runs, medians["ours"], medians["matte"], medians["cutout"]
    )


def _started(python: Path, photo: Path, network: str, folder: Path) -> "subprocess.Popen[str]":
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own interpreter and our script
            [str(python), "-c", _SCRIPT, str(photo), network],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "U2NET_HOME": str(folder), "MODEL_CHECKSUM_DISABLED": "1"},
        )
    except OSError as error:
        raise RembgUnavailable(f"{python} cannot be started: {error.strerror}.") from error
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        process.kill()
        process.communicate()  # it also closes the pipes
        raise RembgUnavailable(f"rembg does not run with {python}; its message is above.")
    return process


def _ask(process: "subprocess.Popen[str]", what: str) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{what}\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RembgUnavailable("rembg ended in the middle of the comparison.")
    return float(json.loads(answer))
