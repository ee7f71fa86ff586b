"""Correcting a cut-out, by mouse and by keyboard, as a seller does it."""

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from studio.ops.studio_process import wait_until
from tests.browser.conftest import PATIENCE_MS, PATIENCE_S, PHONE, SignIn
from tests.browser.test_story import open_product

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def open_editor(page: Page) -> None:
    page.get_by_role("button", name="Correct the cut-out").click()
    # A correction that ends while the editor opens says so instead of how to begin.
    is_open = re.compile("Paint|Saved")
    expect(page.locator("[data-editor-status]")).to_have_text(is_open, timeout=PATIENCE_MS)


def expect_saved(page: Page) -> None:
    expect(page.locator("[data-editor-status]")).to_have_text("Saved.", timeout=PATIENCE_MS)


def wait_for_canvas(page: Page) -> None:
    """Until the cut-out is drawn: something of the canvas is covered, and not all of it."""
    wait_until(lambda: 0.02 < opaque_share(page) < 0.98, timeout_s=PATIENCE_S)


def opaque_share(page: Page) -> float:
    """How much of the canvas the cut-out covers."""
    return float(
        page.evaluate("""() => {
            const canvas = document.querySelector('[data-editor-canvas]');
            const data = canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height).data;
            let count = 0;
            for (let at = 3; at < data.length; at += 4) count += data[at] > 127;
            return count / (data.length / 4);
        }""")
    )


def test_a_stroke_is_kept_undone_and_shown_in_the_pictures(sign_in: SignIn) -> None:
    seller = sign_in("seller")
    open_product(seller, "Cobalt glazed vase")
    open_editor(seller)
    seller.get_by_role("button", name="White").click()
    wait_for_canvas(seller)
    before = opaque_share(seller)
    canvas = seller.locator("[data-editor-canvas]")
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    seller.keyboard.press("e")
    for _ in range(4):
        seller.keyboard.press("]")
    seller.mouse.move(x - 60, y)
    seller.mouse.down()
    seller.mouse.move(x + 60, y, steps=10)
    seller.mouse.up()
    expect_saved(seller)
    erased = opaque_share(seller)
    assert erased < before - 0.005

    seller.keyboard.press("Control+z")
    expect(seller.get_by_role("button", name="Undo").last).to_be_disabled(timeout=PATIENCE_MS)
    expect_saved(seller)
    assert abs(opaque_share(seller) - before) < 0.002

    seller.keyboard.press("Control+Shift+z")
    expect(seller.get_by_role("button", name="Undo").last).to_be_enabled(timeout=PATIENCE_MS)
    expect_saved(seller)
    seller.get_by_role("button", name="Done").click()
    expect(canvas).to_be_hidden()
    seller.reload()
    seller.wait_for_selector(".stage__result img")
    open_editor(seller)
    expect(seller.get_by_role("button", name="Undo").last).to_be_enabled()
    seller.get_by_role("button", name="Start over").click()
    expect_saved(seller)


def test_a_stroke_made_while_the_editor_opens_can_be_undone(sign_in: SignIn) -> None:
    seller = sign_in("seller")
    open_product(seller, "Cobalt glazed vase")
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            held.append((route, route.fetch()))
        else:
            route.continue_()

    seller.route("**/corrections", hold)
    seller.get_by_role("button", name="Correct the cut-out").click()
    wait_until(lambda: bool(seller.evaluate("1")) and bool(held), timeout_s=PATIENCE_S)
    box = seller.locator("[data-editor-canvas]").bounding_box()
    assert box is not None
    seller.keyboard.press("e")
    seller.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    undo = seller.get_by_role("button", name="Undo").last
    expect(undo).to_be_enabled(timeout=PATIENCE_MS)
    for route, answer in held:  # what was true before the stroke arrives after it
        route.fulfill(response=answer)
    wait_for_canvas(seller)
    expect(undo).to_be_enabled(timeout=PATIENCE_MS)
    seller.get_by_role("button", name="Start over").click()
    expect_saved(seller)


def test_the_keyboard_alone_paints_on_a_phone_sized_page(sign_in: SignIn) -> None:
    seller = sign_in("seller", viewport=PHONE)
    open_product(seller, "Speckled stoneware mug")
    width = seller.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing sticks out sideways"
    open_editor(seller)
    seller.locator("[data-editor-canvas]").focus()
    seller.keyboard.press("e")
    seller.keyboard.down(" ")
    for _ in range(5):
        seller.keyboard.press("ArrowRight")
    seller.keyboard.up(" ")
    expect(seller.get_by_role("button", name="Undo").last).to_be_enabled(timeout=PATIENCE_MS)
    expect_saved(seller)
    seller.get_by_role("button", name="Start over").click()
    expect_saved(seller)
    seller.keyboard.press("Escape")
    expect(seller.locator("[data-editor-canvas]")).to_be_hidden()
