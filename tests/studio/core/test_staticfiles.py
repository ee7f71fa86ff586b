"""Static files as they are served: every module under a hashed name."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command


def test_every_file_can_be_hashed(settings: object, tmp_path: Path) -> None:
    """The hasher follows imports, also those in comments, and gives up on a circle of them."""
    settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "studio.core.staticfiles.StudioStaticStorage"},
    }
    # Our own files alone; the admin's are many.
    settings.STATICFILES_FINDERS = [  # type: ignore[attr-defined]
        "django.contrib.staticfiles.finders.FileSystemFinder"
    ]
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    call_command(Command(), interactive=False, verbosity=0)
    page = next(tmp_path.glob("js/pages/studio.*.js")).read_text()
    imported = [part.split('"')[0] for part in page.split('from "')[1:]]
    assert imported, "the page imports its parts"
    for address in imported:
        assert (tmp_path / "js/pages" / address).resolve().exists(), address
        assert len(Path(address).name.split(".")) == 3, "a hashed name"


@pytest.mark.parametrize("folder", ["css", "js"])
def test_pages_stay_light(folder: str) -> None:
    """UI.md: a page's own script under 60 KB and its style under 40 KB, uncompressed."""
    limit = {"css": 40_000, "js": 60_000}[folder]
    pages = Path(django_settings.BASE_DIR) / "static" / folder / "pages"
    looked_at = list(pages.glob(f"*.{folder}"))
    assert len(looked_at) >= 3
    for page in looked_at:
        own = [page, *pages.glob(f"{page.stem}/*.{folder}")]
        assert sum(path.stat().st_size for path in own) < limit, page.name
