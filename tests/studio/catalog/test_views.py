"""The products page and what its forms do without script."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.catalog.models import Cutout, Photo, Product
from studio.catalog.selectors import sample_products
from studio.core.work import State
from tests.factories import (
    make_approved_render,
    make_photo,
    make_product,
    make_submitted_render,
    photo_bytes,
)

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]
PRODUCTS = "/products/"


def picked(name: str = "red_mug.png", colour: str = "#b0402a") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_bytes(colour=colour), content_type="image/png")


def test_a_signed_out_visitor_is_sent_to_the_sign_in_page(db: None, client: Client) -> None:
    response = client.get(PRODUCTS)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_the_empty_page_offers_a_drop_zone_and_three_samples(
    styles: int, ann: Membership, signed_in: SignIn
) -> None:
    page = signed_in(ann).get(PRODUCTS).content.decode()
    assert "Drop product photos here" in page
    shown = [sample for sample in sample_products() if f'value="{sample.file}"' in page]
    assert len(shown) == 3


def test_an_empty_page_offers_a_reviewer_nothing_to_upload(
    styles: int, carol: Membership, signed_in: SignIn
) -> None:
    page = signed_in(carol).get(PRODUCTS).content.decode()
    assert "No products yet" in page
    assert 'type="file"' not in page


def test_a_sample_has_a_small_picture(styles: int, ann: Membership, signed_in: SignIn) -> None:
    url = reverse("catalog:sample_picture", args=[sample_products()[0].file])
    response = signed_in(ann).get(url)
    assert response["Content-Type"].startswith("image/")
    assert signed_in(ann).get(reverse("catalog:sample_picture", args=["x.jpg"])).status_code == 404


def test_a_sample_becomes_a_product_and_opens_in_the_studio(
    styles: int, ann: Membership, signed_in: SignIn
) -> None:
    sample = sample_products()[0]
    response = signed_in(ann).post(reverse("catalog:add_sample"), {"sample": sample.file})
    product = Product.objects.get(sku=sample.sku)
    assert response["Location"] == reverse("renders:studio", args=[product.public_id])


def test_one_photo_sent_by_the_form_opens_in_the_studio(
    styles: int, ann: Membership, signed_in: SignIn
) -> None:
    response = signed_in(ann).post(PRODUCTS, {"files": picked(), "title": ""})
    product = Product.objects.get()
    assert product.title == "Red mug"
    assert response["Location"] == reverse("renders:studio", args=[product.public_id])


def test_many_photos_become_many_products_and_a_bad_one_stops_none(
    styles: int, ann: Membership, signed_in: SignIn
) -> None:
    files = [
        picked("one.png"),
        SimpleUploadedFile("notes.txt", b"not a photo", content_type="image/png"),
        picked("two.png", colour="#2a40b0"),
    ]
    response = signed_in(ann).post(PRODUCTS, {"files": files}, follow=True)
    page = response.content.decode()
    assert sorted(Product.objects.values_list("title", flat=True)) == ["One", "Two"]
    assert "notes.txt: " in page
    assert "2 products added." in page


def test_a_form_without_a_file_says_so(styles: int, ann: Membership, signed_in: SignIn) -> None:
    page = signed_in(ann).post(PRODUCTS, {}, follow=True).content.decode()
    assert "Choose a photo first." in page


def test_a_file_over_the_limit_is_refused_in_a_sentence(
    styles: int, ann: Membership, signed_in: SignIn, settings: object
) -> None:
    settings.MAX_UPLOAD_BYTES = 100  # type: ignore[attr-defined]
    page = signed_in(ann).post(PRODUCTS, {"files": picked()}, follow=True).content.decode()
    assert "This file is too large" in page
    assert not Product.objects.exists()


def test_a_reviewer_cannot_upload(styles: int, carol: Membership, signed_in: SignIn) -> None:
    signed_in(carol).post(PRODUCTS, {"files": picked()})
    assert not Product.objects.exists()


def test_the_grid_shows_the_cut_out_cropped_to_the_product(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    photo = make_photo(seller)
    page = signed_in(ann).get(PRODUCTS).content.decode()
    assert "Cutting out" in page
    run_work()
    box = Cutout.objects.get(photo=photo).measured.subject
    page = signed_in(ann).get(PRODUCTS).content.decode()
    assert f'viewBox="{box.left} {box.top} {box.width} {box.height}"' in page
    assert "Ready" in page


def test_a_product_without_a_photo_says_so(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    make_product(seller, title="Blue bowl")
    page = signed_in(ann).get(PRODUCTS).content.decode()
    assert "Blue bowl" in page
    assert "No photo yet" in page


def test_a_failed_cut_out_is_told_in_the_grid(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    make_photo(seller)
    Cutout.objects.update(state=State.FAILED, error_code="x", error_message="No product found.")
    assert "Not cut out" in signed_in(ann).get(PRODUCTS).content.decode()


def test_the_grid_counts_what_is_in_review_and_approved(
    ann: Membership, seller: Actor, reviewer: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    make_submitted_render(seller, run_work)
    assert "1 in review" in signed_in(ann).get(PRODUCTS).content.decode()
    Product.objects.update(sku="first")
    make_approved_render(seller, reviewer, run_work)
    assert "1 approved" in signed_in(ann).get(PRODUCTS).content.decode()


@pytest.mark.parametrize(("query", "is_found"), [("mug", True), ("RM-1", True), ("chair", False)])
def test_search_finds_titles_and_skus(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn, query: str, is_found: bool
) -> None:
    make_product(seller, title="Red mug", sku="RM-1")
    page = signed_in(ann).get(PRODUCTS, {"q": query}).content.decode()
    assert ("Red mug" in page) is is_found
    assert ("Nothing found for" in page) is not is_found


def test_a_long_grid_goes_on_on_the_next_page(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    for number in range(49):
        make_product(seller, title=f"Mug {number:02}")
    browser = signed_in(ann)
    page = browser.get(PRODUCTS)
    assert len(page.context["cards"]) == 48
    older = browser.get(PRODUCTS, {"cursor": page.context["next_cursor"]})
    assert [card.product.title for card in older.context["cards"]] == ["Mug 00"]


def test_a_cursor_that_is_not_ours_leads_back_to_the_first_page(
    styles: int, ann: Membership, signed_in: SignIn
) -> None:
    response = signed_in(ann).get(PRODUCTS, {"cursor": "nonsense"})
    assert response["Location"] == PRODUCTS


def test_a_stranger_sees_nothing_of_it(
    styles: int, dan: Membership, seller: Actor, signed_in: SignIn
) -> None:
    product = make_product(seller, title="Secret mug")
    browser = signed_in(dan)
    assert "Secret mug" not in browser.get(PRODUCTS).content.decode()
    url = reverse("catalog:add_photos", args=[product.public_id])
    assert browser.post(url, {"files": picked()}).status_code == 404


def test_more_photos_of_a_product_open_the_newest(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    product = make_product(seller)
    url = reverse("catalog:add_photos", args=[product.public_id])
    files = [picked("a.png"), picked("b.png", colour="#2a40b0")]
    response = signed_in(ann).post(url, {"files": files})
    newest = Photo.objects.get(file_name="b.png")
    assert response["Location"].endswith(f"?photo={newest.public_id}")


def test_adding_no_photo_or_a_broken_one_says_so(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    url = reverse("catalog:add_photos", args=[make_product(seller).public_id])
    assert "Choose a photo first." in signed_in(ann).post(url, follow=True).content.decode()
    broken = SimpleUploadedFile("broken.jpg", b"\xff\xd8\xff no more")
    page = signed_in(ann).post(url, {"files": broken}, follow=True).content.decode()
    assert "broken.jpg: " in page


def test_a_failed_cut_out_is_tried_again_and_a_good_one_is_not(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    photo = make_photo(seller)
    url = reverse("catalog:retry_cutout", args=[photo.public_id])
    Cutout.objects.update(state=State.FAILED, error_code="x", error_message="No product found.")
    signed_in(ann).post(url)
    assert Cutout.objects.get().state == State.QUEUED
    run_work()
    page = signed_in(ann).post(url, follow=True).content.decode()
    assert "not one that failed" in page


def test_a_product_is_renamed_on_its_page(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    product = make_product(seller, title="IMG 0001")
    make_product(seller, title="Other", sku="TAKEN")
    url = reverse("catalog:rename", args=[product.public_id])
    page = signed_in(ann).post(url, {"title": "Red mug", "sku": "M-1"}, follow=True)
    assert "Red mug" in page.content.decode()
    refused = signed_in(ann).post(url, {"title": "Red mug", "sku": "TAKEN"}, follow=True)
    assert "There is a product with the SKU “TAKEN” already." in refused.content.decode()
    product.refresh_from_db()
    assert (product.title, product.sku) == ("Red mug", "M-1")


def test_a_stranger_cannot_rename(
    dan: Membership, carol: Membership, seller: Actor, signed_in: SignIn
) -> None:
    url = reverse("catalog:rename", args=[make_product(seller).public_id])
    assert signed_in(dan).post(url, {"title": "Mine"}).status_code == 404
    assert signed_in(carol).post(url, {"title": "Mine"}).status_code == 403
