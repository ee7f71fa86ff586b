"""A seller's own photo of a place, from the upload to a product in it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, SignIn

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
PREVIEW = ".place__preview img"
IS_ANOTHER = "old => [...document.querySelectorAll('.place__preview img')].at(-1)?.src !== old"


def make_place(path: Path) -> Path:
    """A bright wall over a darker floor, without anything that tells where the light stands."""
    rows = np.where(np.arange(600)[:, None] < 330, 205, 120)
    grey = np.broadcast_to(rows, (600, 800)).astype(np.uint8)
    Image.fromarray(np.repeat(grey[..., None], 3, axis=2)).save(path)
    return path


def test_a_place_is_added_set_up_by_dragging_and_used(sign_in: SignIn, tmp_path: Path) -> None:
    seller = sign_in("seller")
    seller.goto("/products/")
    seller.get_by_role("link", name="Speckled stoneware mug").first.click()
    seller.wait_for_selector(".stage__result img")
    seller.get_by_role("tab", name="Yours").click()
    seller.get_by_role("link", name="Add a photo of a place").click()
    seller.set_input_files("input[type=file]", str(make_place(tmp_path / "grey corner.png")))

    # What the photo does not show is asked, and the product stands in the place already.
    seller.wait_for_selector(PREVIEW)
    asked = seller.get_by_text("The photo does not show surely")
    expect(asked).to_contain_text("the eye level")
    before = str(seller.locator(PREVIEW).last.get_attribute("src"))
    knob = seller.locator(".place__line--eye .place__knob").bounding_box()
    assert knob is not None
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    seller.mouse.move(x, y)
    seller.mouse.down()
    seller.mouse.move(x, y + 25, steps=3)
    seller.mouse.up()
    expect(asked).not_to_contain_text("the eye level", timeout=PATIENCE_MS)
    seller.wait_for_function(IS_ANOTHER, arg=before)
    line = seller.get_by_role("slider", name="Eye level")
    moved = line.get_attribute("aria-valuenow")
    seller.get_by_role("button", name="Undo").click()
    expect(line).not_to_have_attribute("aria-valuenow", str(moved))

    # Back in the studio it is the chosen tile, under its own tab.
    seller.get_by_role("link", name="Back", exact=True).click()
    tile = seller.locator(".tile", has_text="Grey corner")
    expect(tile.locator("input")).to_be_checked(timeout=PATIENCE_MS)
    expect(tile.locator("img")).to_be_visible(timeout=PATIENCE_MS)
    seller.get_by_role("button", name="Make full quality").click()
    seller.get_by_role("button", name="Send to review").wait_for()
