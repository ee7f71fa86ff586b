"""What `manage.py up` asks for before it serves."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from studio.core.management.commands.up import Command


def test_serving_without_static_files_is_refused_with_what_to_do(
    settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"

    with pytest.raises(CommandError, match="collectstatic"):
        call_command("up")


def test_preparing_collects_static_files_once_in_a_new_data_folder(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "studio.core.staticfiles.StudioStaticStorage"}
    }
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "page.css").write_text("a{color:red}")
    # The admin's own files take half a minute and prove nothing here.
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    command = Command()

    command._require_static_files(may_collect=True)
    command._require_static_files(may_collect=True)

    assert (tmp_path / "static" / "staticfiles.json").exists()
    assert list((tmp_path / "static").glob("page.*.css"))
    assert capsys.readouterr().out.count("Collecting") == 1
