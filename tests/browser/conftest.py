"""A whole studio with the real engine, and a real browser to drive it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from studio.ops.studio_process import StudioProcess, running_studio

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A picture may have to wait long for its turn on two cores that others keep busy. What is right is
# seen at once; only what is wrong takes this long to fail.
PATIENCE_MS = 300_000
PATIENCE_S = PATIENCE_MS / 1000
LAPTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """The demo studio: samples, one-click sign-ins, the default network."""
    # Sync Playwright keeps an event loop in this thread; pytest-django must not mind.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    folder: Path = tmp_path_factory.mktemp("studio")
    settings = {"SOFTBOX_ENGINE": "remote", "SOFTBOX_DEMO": "1", "SOFTBOX_LEASE_S": "120"}
    with running_studio(folder, **settings) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("There is no chromium here; as root, `make test` installs Debian's.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(studio: StudioProcess, chromium: Browser) -> Iterator[SignIn]:
    """Open a browser of one's own and sign in with the demo's one click."""
    contexts = []
    complaints: list[str] = []

    def open_for(
        role: str,
        *,
        viewport: dict[str, int] = LAPTOP,
        prepare: Callable[[Page], None] | None = None,
    ) -> Page:
        context = chromium.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            base_url=f"http://127.0.0.1:{studio.port}",
            has_touch=viewport is PHONE,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if prepare:
            prepare(page)
        page.goto("/accounts/login/")
        page.click(f"button[value={role}]")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page

    yield open_for
    for context in contexts:
        context.close()
    assert complaints == [], "a page's script failed"
