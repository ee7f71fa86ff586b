"""What an operator sets becomes what Django gets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from studio.configuration import Configuration


def test_without_anything_set_it_is_sqlite_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database = Configuration().database()
    assert database["ENGINE"] == "django.db.backends.sqlite3"


def test_a_postgresql_url_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:p%40ss@db.example:5433/shop")
    database = Configuration().database()
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("shop", "ann", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db.example", 5433)


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://ann@db.example/shop")
    with pytest.raises(ValidationError, match="postgresql://"):
        Configuration()


@pytest.mark.parametrize(
    ("bucket", "endpoint", "origin"),
    [
        ("", "", ""),
        ("photos", "", "https://*.amazonaws.com"),
        ("photos", "https://files.example:9000/base", "https://files.example:9000"),
    ],
)
def test_pages_may_load_files_from_the_bucket(
    monkeypatch: pytest.MonkeyPatch, bucket: str, endpoint: str, origin: str
) -> None:
    monkeypatch.setenv("S3_BUCKET", bucket)
    monkeypatch.setenv("S3_ENDPOINT_URL", endpoint)
    assert Configuration().files_origin() == origin


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = Configuration(data_dir=tmp_path).signing_key()
    assert len(first) > 40
    assert Configuration(data_dir=tmp_path).signing_key() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_pages_may_show_pictures_from_the_cdn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTBOX_CDN_URL", "https://cdn.example.com/softbox/")
    configuration = Configuration()
    assert configuration.cdn_url == "https://cdn.example.com/softbox"
    assert configuration.picture_origins() == "https://cdn.example.com"


@pytest.mark.parametrize("url", ["cdn.example.com", "ftp://cdn.example.com", "https://"])
def test_a_cdn_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SOFTBOX_CDN_URL", url)
    with pytest.raises(ValidationError, match="SOFTBOX_CDN_URL"):
        Configuration()


def test_a_certificate_comes_with_its_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chain = tmp_path / "chain.pem"
    monkeypatch.setenv("SOFTBOX_C2PA_CERTIFICATES", str(chain))
    with pytest.raises(ValidationError, match="does not point to a file"):
        Configuration()
    chain.write_text("…")
    with pytest.raises(ValidationError, match="are set together"):
        Configuration()
