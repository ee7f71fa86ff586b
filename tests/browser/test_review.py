"""Reviewing, as reviewers do it: by keyboard, at once with others, with second thoughts.

The pictures are the fake engine's: what is tried here is the page, not the look.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from studio.ops.studio_process import Json, StudioProcess, running_studio, wait_until
from tests.browser.conftest import PATIENCE_S, SignIn
from tests.factories import photo_bytes

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
TABLET = {"width": 1024, "height": 768}
_INSPECT = """
from studio.renders.models import Render
from studio.review.services import record_inspection
from tests.factories import make_finding
for number, render in enumerate(Render.objects.filter(submitted_at__isnull=False, inspection=None)):
    verdict = ("fail", "pass")[number % 2]
    finding = make_finding(verdict) | ({"region": [40, 60, 120, 140]} if number % 2 == 0 else {})
    record_inspection(render=render, findings=[finding], uncertainty=0.9 - number % 2 / 2)
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """The demo studio with the fake engine, and a key of the demo's seller."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings = {
        "SOFTBOX_ENGINE": "fake",
        "SOFTBOX_DEMO": "1",
        "SOFTBOX_RENDERS_PER_MINUTE": "10000",
    }
    with running_studio(tmp_path_factory.mktemp("review"), **settings) as running:
        running.manage("seed")
        running.key = running.manage("create_api_key", "seller@softbox.demo").split()[-1]
        yield running


def send_to_review(studio: StudioProcess, count: int) -> list[str]:
    """New pictures of new products, sent by the demo's seller; their ids."""
    ids = []
    for number in range(count):
        photo = studio.upload(photo_bytes(colour=f"#{40 + 20 * number:02x}8060"))["photo"]
        order = {"photo": photo["id"], "style": "pure-white", "output": {"size": 512}}
        wait_until(lambda: is_finished(studio, f"photos/{photo['id']}"), timeout_s=PATIENCE_S)  # noqa: B023
        status, render = studio.ask("/api/v1/renders", order)
        assert status in (200, 202), render
        ids.append(str(render["id"]))
    for render_id in ids:
        wait_until(lambda: is_finished(studio, f"renders/{render_id}"), timeout_s=PATIENCE_S)  # noqa: B023
        assert studio.ask(f"/api/v1/renders/{render_id}/submit", {})[0] == 200
    return ids


def is_finished(studio: StudioProcess, path: str) -> bool:
    found = studio.ask(f"/api/v1/{path}")[1]
    return bool(found.get("cutout", found)["state"] == "finished")


@pytest.fixture
def ten(studio: StudioProcess) -> list[str]:
    return send_to_review(studio, 10)


def wait_ready(page: Page) -> str:
    """The id of the picture on screen, once it may be decided."""
    page.wait_for_selector('button[value=approve][aria-disabled="false"]')
    return str(page.locator(".review").get_attribute("data-shown"))


def record_of(page: Page) -> list[Json]:
    """Every decision on record, oldest first."""
    return list(page.request.get("/review/record.json").json()["decisions"])


def wait_for_decisions(page: Page, count: int) -> list[Json]:
    wait_until(lambda: len(record_of(page)) >= count, timeout_s=PATIENCE_S)
    return record_of(page)


def test_ten_pictures_are_reviewed_by_keyboard_alone(
    sign_in: SignIn, ten: list[str], studio: StudioProcess
) -> None:
    studio.manage("shell", "-v", "0", "-c", _INSPECT)
    page = sign_in("reviewer")
    page.goto("/review/")
    before = len(record_of(page))
    skipped = wait_ready(page)
    page.keyboard.press("s")
    expect(page.locator(f'.review[data-shown="{skipped}"]')).to_have_count(0)
    seen = []
    for number in range(10):
        shown = wait_ready(page)
        assert shown not in seen, "no picture is shown again once it was decided"
        seen.append(shown)
        # The keyboard alone: look closely, at the difference and at the cut-out, then decide.
        for key in ("4", "d", "c", "g", "c", "0"):
            page.keyboard.press(key)
        if number in (3, 6):
            page.keyboard.press("r" if number == 3 else "x")
            page.keyboard.press("2")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("a")
    page.get_by_role("heading", name="Nothing waits for you").wait_for()
    made = wait_for_decisions(page, before + 10)[before:]
    assert sorted(each["render"] for each in made) == sorted(seen) == sorted(ten)
    verdicts = [each["verdict"] for each in made]
    assert verdicts.count("approve") == 8
    assert (verdicts[3], verdicts[6]) == ("return", "reject")
    assert all(each["stands"] and each["looked_ms"] >= 250 for each in made)
    results = {each: studio.ask(f"/api/v1/renders/{each}")[1]["result"]["sha256"] for each in ten}
    assert {each["render"]: each["seen_sha256"] for each in made} == results


def test_a_fast_double_press_never_decides_an_unseen_picture(
    sign_in: SignIn, studio: StudioProcess
) -> None:
    send_to_review(studio, 3)
    page = sign_in("reviewer")
    page.goto("/review/")
    before = len(record_of(page))
    first = wait_ready(page)
    page.evaluate(
        """() => { for (let n = 0; n < 6; n += 1)
             document.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true})); }"""
    )
    second = wait_ready(page)
    assert second != first
    made = wait_for_decisions(page, before + 1)[before:]
    assert [each["render"] for each in made] == [first]
    # Second thoughts: undo brings it back, and the record keeps both.
    page.keyboard.press("z")
    expect(page.locator(f'.review[data-shown="{first}"]')).to_have_count(1)
    verdicts = [each["verdict"] for each in wait_for_decisions(page, before + 2)[before:]]
    assert verdicts == ["approve", "undo"]
    for _ in range(3):
        shown = wait_ready(page)
        page.keyboard.press("a")
        expect(page.locator(f'.review[data-shown="{shown}"]')).to_have_count(0)
    page.get_by_role("heading", name="Nothing waits for you").wait_for()


def test_two_reviewers_at_once_never_get_the_same_picture(
    sign_in: SignIn, studio: StudioProcess
) -> None:
    sent = send_to_review(studio, 10)
    pages = [sign_in("reviewer"), sign_in("admin")]
    before = len(record_of(pages[0]))
    seen: list[str] = []
    for page in pages:
        page.goto("/review/")
    for _ in range(4):
        shown = [wait_ready(page) for page in pages]
        assert shown[0] != shown[1]
        seen += shown
        for page in pages:
            page.keyboard.press("a")
        for page, last in zip(pages, shown, strict=True):
            page.wait_for_selector(f'.review:not([data-shown="{last}"])')
    made = wait_for_decisions(pages[0], before + 8)[before:]
    assert len(seen) == len(set(seen)) == 8
    assert sorted(each["render"] for each in made) == sorted(seen)
    assert set(seen) <= set(sent)
    assert len({each["reviewer"] for each in made}) == 2


def test_a_reviewer_changes_a_key_and_finds_it_again(
    sign_in: SignIn, studio: StudioProcess
) -> None:
    send_to_review(studio, 2)
    page = sign_in("reviewer", viewport=TABLET)
    page.goto("/review/")
    wait_ready(page)
    page.keyboard.press("?")
    page.locator('[data-remap="approve"]').click()
    page.keyboard.press("r")
    expect(page.locator("[data-remap-refused]")).to_contain_text("cannot be both")
    page.locator('[data-remap="approve"]').click()
    page.keyboard.press("j")
    expect(page.locator('dialog [data-remap="approve"] kbd')).to_have_text("J")
    page.reload()
    first = wait_ready(page)
    page.keyboard.press("a")
    # The list of keys opens after whatever the key before it did.
    page.keyboard.press("?")
    expect(page.locator('dialog [data-remap="approve"] kbd')).to_be_visible()
    assert page.locator(".review").get_attribute("data-shown") == first, "the old key is dead"
    page.keyboard.press("Escape")
    expect(page.locator('dialog [data-remap="approve"] kbd')).to_be_hidden()
    assert wait_ready(page) == first
    page.keyboard.press("j")
    page.wait_for_selector(f'.review:not([data-shown="{first}"])')
    page.keyboard.press("?")
    page.get_by_role("button", name="Use the page’s own keys").click()
    expect(page.locator('dialog [data-remap="approve"] kbd')).to_have_text("A")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= TABLET["width"], "nothing sticks out sideways"
