"""The operator's page of the networks' files."""

import dataclasses
import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from inference.networks import weights as registry
from studio.accounts.models import Membership, User
from tests.factories import PASSWORD

SignIn = Callable[[Membership | User], Client]
URL = "/admin/weights/"


@pytest.fixture
def operator(db: None, signed_in: SignIn) -> Client:
    return signed_in(User.objects.create_superuser("operator@example.com", PASSWORD))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOFTBOX_WEIGHTS_DIR", str(tmp_path))
    return tmp_path


def install(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a small file in the place of U²-Net-p's, registered by its own hash."""
    digest = hashlib.sha256(data).hexdigest()
    shipped = [
        dataclasses.replace(each, sha256=digest) if each.name == "u2netp" else each
        for each in registry._SHIPPED
    ]
    monkeypatch.setattr(registry, "_SHIPPED", tuple(shipped))
    (folder / registry.entry("u2netp").filename).write_bytes(data)


def test_every_network_is_listed_with_its_licence(operator: Client, folder: Path) -> None:
    page = operator.get(URL).content.decode()
    known = registry.registry().values()
    assert len(known) >= 2
    for each in known:
        for fact in (each.name, each.sha256, each.source, each.code_licence):
            assert fact in page
    packaged = [each for each in known if each.source.startswith("packaged:")]
    assert len(packaged) == page.count("Verify now") == 1
    assert page.count("Not installed") == len(known) - len(packaged)


def test_an_installed_file_can_be_verified(
    operator: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(folder, b"weights", monkeypatch)
    assert "Not yet since the studio was started" in operator.get(URL).content.decode()
    page = operator.post(URL, {"name": "u2netp"}, follow=True).content.decode()
    assert "u2netp is exactly the registered file." in page
    assert " ms</dd>" in page


def test_a_corrupt_file_is_named_as_such(
    operator: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(folder, b"weights", monkeypatch)
    (folder / registry.entry("u2netp").filename).write_bytes(b"something else")
    page = operator.post(URL, {"name": "u2netp"}, follow=True).content.decode()
    assert page.count("The weights file of u2netp is not") == 2, (
        "said at once, and kept in the list"
    )


def test_an_unknown_network_is_refused_in_a_sentence(operator: Client, folder: Path) -> None:
    page = operator.post(URL, {"name": "resnet-9000"}, follow=True).content.decode()
    assert "There is no network called “resnet-9000”" in page


def test_only_operators_see_it(
    ann: Membership, carol: Membership, dan: Membership, signed_in: SignIn
) -> None:
    for who in (ann, carol, dan):
        assert signed_in(who).get(URL).status_code == 302
    assert Client().get(URL).status_code == 302


def test_the_list_loads_no_network_library() -> None:
    code = (
        "import sys, inference.networks.weights; "
        "assert not {'torch', 'onnxruntime'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
