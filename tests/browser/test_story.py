"""The main job, as people do it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.catalog.selectors import SAMPLES_DIR
from tests.browser.conftest import PATIENCE_MS, PHONE, SignIn

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
# The other tabs hold what may not suit this product: no mannequin wears a flask.
TILES = "#tiles-background [data-tile]"
LOADED_TILES = "#tiles-background .tile img"


def open_product(page: Page, title: str) -> None:
    page.goto("/products/")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_url("**/products/*-*/**")
    page.wait_for_selector(".stage__result img")


def choose_style(page: Page, slug: str) -> None:
    # A page opens at the tab of the look that was chosen last, perhaps by another story.
    page.get_by_role("tab", name="Background").click()
    page.locator(f"input[name=style][value='{slug}']").check(force=True)


def shown_picture(page: Page) -> str:
    """The address of the picture on the stage: a blob or a stored file."""
    pictures = page.locator(".stage__result img")
    return str(pictures.last.get_attribute("src"))


def make_full_quality(page: Page) -> None:
    page.get_by_role("button", name="Make full quality").click()
    page.get_by_role("button", name="Send to review").wait_for()


def test_from_a_photo_to_a_published_avif(sign_in: SignIn, tmp_path: Path) -> None:
    seller = sign_in("seller")
    photo = tmp_path / "harbour-blue-flask.jpg"
    photo.write_bytes((SAMPLES_DIR / "steel-flask.jpg").read_bytes() + b"\0")
    seller.set_input_files("[data-picker]", str(photo))
    seller.get_by_role("link", name="Harbour blue flask").first.wait_for()
    open_product(seller, "Harbour blue flask")

    # Every available tile shows this product.
    tiles = seller.locator(TILES).count()
    assert tiles >= 10
    expect(seller.locator(LOADED_TILES)).to_have_count(tiles, timeout=PATIENCE_MS)

    choose_style(seller, "studio-sweep")
    # The style's own picture is there, and nothing more is on its way.
    seller.wait_for_selector(".stage__result img[alt$='Warm grey sweep']")
    expect(seller.locator("[data-pill]")).to_be_hidden()
    before = shown_picture(seller)
    slider = seller.locator("input[type=range]").first
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    seller.wait_for_function(
        "old => [...document.querySelectorAll('.stage__result img')].at(-1)?.src !== old",
        arg=before,
    )

    make_full_quality(seller)
    seller.get_by_role("button", name="Send to review").click()
    expect(seller.get_by_text("In review").first).to_be_visible(timeout=PATIENCE_MS)

    reviewer = sign_in("reviewer")
    expect(reviewer.get_by_role("heading", name="Harbour blue flask")).to_be_visible()
    # The keys work only once the result has been on screen.
    reviewer.wait_for_selector('button[value=approve][aria-disabled="false"]')
    reviewer.keyboard.press("a")
    expect(reviewer.get_by_role("heading", name="Harbour blue flask")).to_be_hidden(
        timeout=PATIENCE_MS
    )

    seller.reload()
    seller.get_by_role("button", name="Publish").first.click()
    seller.wait_for_url("**/renders/*/publish/**")
    expect(seller.get_by_role("heading", name="Where should it go?")).to_be_visible()
    seller.get_by_role("button", name="Publish").click()
    seller.wait_for_url("**/published/*-*/**")
    links = seller.locator("a[href*='/p/'][href$='.avif']")
    addresses = {str(link.get_attribute("href")) for link in links.all()}
    assert len(addresses) == 3
    answer = seller.request.get(sorted(addresses)[0])
    assert answer.headers["content-type"] == "image/avif"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.body()[4:12] == b"ftypavif"


def test_many_files_at_once_each_with_its_own_end(sign_in: SignIn, tmp_path: Path) -> None:
    seller = sign_in("seller")
    (tmp_path / "notes.jpg").write_text("these are only my notes")
    good = tmp_path / "tall green carton.jpg"
    good.write_bytes((SAMPLES_DIR / "green-tea.jpg").read_bytes() + b"\0\0")
    seller.set_input_files("[data-picker]", [str(tmp_path / "notes.jpg"), str(good)])
    expect(seller.get_by_text("not a photo we can read")).to_be_visible(timeout=PATIENCE_MS)
    expect(seller.get_by_role("link", name="Tall green carton").first).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_the_page_ends_right_without_a_socket(sign_in: SignIn) -> None:
    def block(page: Page) -> None:
        page.route_web_socket("**/ws/live", lambda socket: socket.close())

    seller = sign_in("seller", prepare=block)
    open_product(seller, "Loose leaf green tea")
    tiles = seller.locator(TILES).count()
    expect(seller.locator(LOADED_TILES)).to_have_count(tiles, timeout=PATIENCE_MS)
    choose_style(seller, "sweep-sage")
    make_full_quality(seller)
    expect(seller.get_by_text("2048 × 2048").first).to_be_visible()


def test_the_studio_works_on_a_phone(sign_in: SignIn) -> None:
    seller = sign_in("seller", viewport=PHONE)
    open_product(seller, "Cobalt glazed vase")
    width = seller.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing sticks out sideways"
    choose_style(seller, "sweep-terracotta")
    seller.get_by_role("button", name="Adjust").click()
    expect(seller.locator("input[type=range]").first).to_be_visible()
    seller.get_by_role("button", name="Close the controls").click()
    make_full_quality(seller)


def test_a_reload_keeps_the_chosen_style_and_its_values(sign_in: SignIn) -> None:
    seller = sign_in("seller")
    open_product(seller, "Speckled stoneware mug")
    choose_style(seller, "glossy-black")
    slider = seller.locator("input[type=range]").first
    slider.focus()
    slider.press("ArrowRight")
    value = slider.input_value()
    seller.reload()
    seller.wait_for_selector(".stage__result img")
    expect(seller.locator("input[name=style][value='glossy-black']")).to_be_checked()
    assert seller.locator("input[type=range]").first.input_value() == value


def test_the_page_is_right_before_any_script_runs(sign_in: SignIn) -> None:
    seller = sign_in("seller")
    state = seller.context.storage_state()
    browser = seller.context.browser
    assert browser is not None
    plain = browser.new_context(
        java_script_enabled=False, storage_state=state, base_url=seller.url.split("/products")[0]
    )
    page = plain.new_page()
    page.goto("/products/")
    page.get_by_role("link", name="Velvet lounge chair").first.click()
    expect(page.get_by_role("heading", name="Velvet lounge chair")).to_be_visible()
    expect(page.get_by_role("button", name="Make full quality")).to_be_visible()
    page.get_by_role("button", name="Make full quality").click()
    expect(page.get_by_role("heading", name="Velvet lounge chair")).to_be_visible()
    plain.close()
