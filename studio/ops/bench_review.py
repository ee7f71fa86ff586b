"""What a reviewer waits for: the queue's page, a decision, and the next picture on screen."""

import asyncio
import shutil
import time
import urllib.request

from playwright.async_api import Page, async_playwright

from studio.ops.studio_process import StudioProcess

_REVIEWER = """
from studio.accounts.models import Role, User, Workspace
from studio.accounts.services import ensure_membership
carol = User.objects.create_user("carol@example.com", "x")
workspace = Workspace.objects.get(name="Test")
ensure_membership(user=carol, workspace=workspace, role=Role.REVIEWER)
"""
# The usual ones for a browser in a container without a screen.
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# From the key to the frame in which the next picture has been painted, as the page notes it.
_PRESS = """() => new Promise((resolve) => {
  const root = document.querySelector(".review");
  const before = root.dataset.shown;
  const began = performance.now();
  new MutationObserver(() => {
    if (root.dataset.shown !== before) resolve(performance.now() - began);
  }).observe(root, { attributeFilter: ["data-shown"] });
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
})"""
# How long a reviewer looks at least; the next pictures are fetched meanwhile.
_LOOK_MS = 1000


def add_reviewer(studio: StudioProcess) -> str:
    """A reviewer in the seller's workspace; their API key."""
    studio.manage("shell", "-v", "0", "-c", _REVIEWER)
    return studio.manage("create_api_key", "carol@example.com").split()[-1]


async def page_times(studio: StudioProcess, cookie: str, *, repeat: int) -> list[float]:
    """Milliseconds for the queue's page, asked for as a browser does."""

    def load() -> float:
        url = f"http://127.0.0.1:{studio.port}/review/"
        request = urllib.request.Request(url, headers={"Cookie": cookie})
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # our own
            answer.read()
        return (time.perf_counter() - began) * 1000

    return [await asyncio.to_thread(load) for _ in range(repeat)]


async def decision_times(studio: StudioProcess, key: str, renders: list[str]) -> list[float]:
    """Milliseconds from sending a decision to its record, by the API; decides them all."""
    seller, studio.key = studio.key, key
    times = []
    for render in renders:
        sha256 = (await asyncio.to_thread(studio.ask, f"/api/v1/renders/{render}"))[1]["result"][
            "sha256"
        ]
        body = {"verdict": "approve", "seen_sha256": sha256}
        began = time.perf_counter()
        path = f"/api/v1/review/{render}/decision"
        status, answer = await asyncio.to_thread(studio.ask, path, body)
        times.append((time.perf_counter() - began) * 1000)
        if status != 200:
            raise RuntimeError(f"the decision was refused: {answer}")
    studio.key = seller
    return times


async def next_item_times(studio: StudioProcess, cookie: str, *, count: int) -> list[float]:
    """Milliseconds from the key to the next picture on screen, in a real browser; [] without one.

    Decides `count` pictures; one more has to wait, to be the last one shown.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        return []
    name, _, value = cookie.partition("=")
    url = f"http://127.0.0.1:{studio.port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        await context.add_cookies([{"name": name, "value": value, "url": url}])
        page = await context.new_page()
        await page.goto(f"{url}/review/")
        times = [await _decide(page) for _ in range(count)]
        await browser.close()
    return times


async def _decide(page: Page) -> float:
    await page.wait_for_selector('button[value=approve][aria-disabled="false"]')
    await page.wait_for_timeout(_LOOK_MS)
    return float(await page.evaluate(_PRESS))
