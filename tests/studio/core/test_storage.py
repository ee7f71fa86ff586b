"""Stored files: whole or not at all, by signed URL, with ranges."""

import errno
import time
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient, AsyncRequestFactory

from studio.core import storage
from studio.core.errors import NotFound, StorageFull
from studio.core.views import PUBLIC_FOREVER, send_file


async def body_of(answer: HttpResponseBase) -> bytes:
    """Everything a streamed answer sends."""
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join([chunk async for chunk in aiter(answer)])


def test_a_file_is_stored_whole_and_read_back() -> None:
    storage.save_bytes("w/a.bin", b"hello")
    assert storage.read_bytes("w/a.bin") == b"hello"


def test_a_stored_file_is_never_changed_in_place() -> None:
    storage.save_bytes("w/a.bin", b"first")
    storage.save_bytes("w/a.bin", b"second")
    assert storage.read_bytes("w/a.bin") == b"first"


def test_a_full_disk_is_said_plainly_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", no_space)
    with pytest.raises(StorageFull, match="disk is full"):
        storage.save_bytes("w/a.bin", b"x" * 2_000_000)
    folder = Path(default_storage.path("w"))
    assert list(folder.iterdir()) == []


def test_a_missing_file_is_not_found() -> None:
    with pytest.raises(NotFound), storage.local_copy("w/none.bin"):
        pass


async def test_a_signed_url_shows_its_file_and_may_be_cached() -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    answer = await AsyncClient().get(storage.file_url("w/picture.png"))
    assert await body_of(answer) == b"0123456789"
    assert answer["Content-Type"] == "image/png"
    assert "immutable" in answer["Cache-Control"]
    again = await AsyncClient().get(
        storage.file_url("w/picture.png"), headers={"if-none-match": answer["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=4-99", 206, b"456789", "bytes 4-9/10"),
    ],
)
async def test_a_range_is_sent_alone(
    asked: str, status: int, body: bytes, content_range: str
) -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    answer = await AsyncClient().get(storage.file_url("w/picture.png"), headers={"range": asked})
    assert answer.status_code == status
    assert await body_of(answer) == body
    assert answer["Content-Range"] == content_range


async def test_a_range_behind_the_end_is_refused() -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    answer = await AsyncClient().get(
        storage.file_url("w/picture.png"), headers={"range": "bytes=50-60"}
    )
    assert answer.status_code == 416


async def test_a_forged_or_old_url_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    url = storage.file_url("w/picture.png")
    forged = url.replace("/files/", "/files/x")
    assert (await AsyncClient().get(forged)).status_code == 404
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3 * 24 * 3600)
    assert (await AsyncClient().get(url)).status_code == 404


@pytest.fixture
def bucket(settings: object) -> None:
    """Files somewhere else than in a folder of this machine."""
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.files.storage.InMemoryStorage",
            "OPTIONS": {"base_url": "https://files.example/"},
        },
    }


async def test_a_private_file_in_a_bucket_is_a_redirect_that_may_be_kept(bucket: None) -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    answer = await AsyncClient().get(storage.file_url("w/picture.png"))
    assert (answer.status_code, answer["Location"]) == (302, "https://files.example/w/picture.png")
    assert answer["Cache-Control"] == "private, max-age=1200"


async def test_a_published_file_in_a_bucket_passes_through_for_good(bucket: None) -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    request = AsyncRequestFactory().get("/p/x")
    answer = await send_file(request, "w/picture.png", cache_control=PUBLIC_FOREVER)
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"0123456789"
    assert answer["Cache-Control"] == PUBLIC_FOREVER
    again = AsyncRequestFactory().get("/p/x", headers={"if-none-match": answer["ETag"]})
    kept = await send_file(again, "w/picture.png", cache_control=PUBLIC_FOREVER)
    assert kept.status_code == 304


def test_a_file_in_a_bucket_is_brought_here_to_be_worked_on(bucket: None) -> None:
    storage.save_bytes("w/picture.png", b"0123456789")
    with storage.local_copy("w/picture.png") as path:
        assert path.read_bytes() == b"0123456789"
    assert not path.exists()
    with pytest.raises(NotFound), storage.local_copy("w/none.png"):
        pass
