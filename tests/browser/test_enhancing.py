"""Enhancing a photo: compared, kept as a version, and taken out again, as a seller does it."""

import pytest
from playwright.sync_api import Page, expect

from studio.ops.studio_process import wait_until
from tests.browser.conftest import PATIENCE_S, PHONE, SignIn
from tests.browser.test_story import open_product

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def open_enhancing(page: Page, title: str) -> None:
    open_product(page, title)
    page.get_by_role("link", name="Enhance the photo").click()
    # The photo was measured: the first preview is there.
    expect(page.locator("[data-fact=noise]")).not_to_be_empty()


def picture_of(page: Page, layer: str) -> str:
    return str(page.locator(f"[data-layer={layer}] img").last.get_attribute("src"))


def test_a_version_is_compared_kept_and_taken_out_again(sign_in: SignIn) -> None:
    seller = sign_in("seller")
    open_enhancing(seller, "Cobalt glazed vase")
    make = seller.get_by_role("button", name="Make the whole photo")
    expect(make).to_be_disabled()
    before = picture_of(seller, "result")

    # Typing is enough: the preview does not wait until the field is left.
    seller.get_by_role("spinbutton", name="Exposure, in EV").fill("-0.6")
    expect(seller.locator("[data-notes]")).to_contain_text("Exposure -0.6 EV.")
    wait_until(lambda: picture_of(seller, "result") != before, timeout_s=PATIENCE_S)
    seller.get_by_role("slider", name="Take noise out").fill("60")
    expect(seller.locator("[data-notes] li")).to_have_count(2)

    divider = seller.get_by_role("slider", name="Before and after")
    divider.focus()
    divider.press("End")
    expect(divider).to_have_attribute("aria-valuenow", "100")
    seller.get_by_role("button", name="Part, every pixel").click()
    expect(seller.locator("[data-layer=source] img").last).to_have_attribute("alt", "Before")

    make.click()
    seller.get_by_role("button", name="Keep as a version").click()
    expect(seller.get_by_text("A version of the photo: exposure -0.6 EV")).to_be_visible()
    expect(seller.locator(".photo--version")).to_have_count(1)

    seller.get_by_role("button", name="Take it out").click()
    expect(seller.get_by_text("The pictures made of it stay.")).to_be_visible()
    expect(seller.locator(".photo--version")).to_have_count(0)
    seller.get_by_role("button", name="Put it back").click()
    expect(seller.locator(".photo--version")).to_have_count(1)
    # As it was for the stories that follow.
    seller.get_by_role("button", name="Take it out").click()
    expect(seller.locator(".photo--version")).to_have_count(0)


def test_what_would_not_help_says_so_on_a_phone(sign_in: SignIn) -> None:
    seller = sign_in("seller", viewport=PHONE)
    open_enhancing(seller, "Speckled stoneware mug")
    width = seller.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing sticks out sideways"
    seller.get_by_role("slider", name="Take noise out").fill("50")
    expect(seller.locator("[data-notes]")).to_contain_text("no noise worth taking out")
    seller.get_by_role("button", name="Undo").click()
    expect(seller.locator("[data-notes] li")).to_have_count(0)
