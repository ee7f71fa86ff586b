"""Archives, tables for shops, and the public preview of a product."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from django.urls import reverse

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.publishing.exports import (
    by_product,
    google_feed,
    shopify_csv,
    woocommerce_csv,
    write_archive,
)
from studio.publishing.models import Publication
from studio.publishing.selectors import publications_of
from studio.publishing.services import publish, withdraw
from studio.renders.models import Render
from studio.renders.services import submit_for_review
from studio.review.services import decide
from tests import factories

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]


def make_publication(
    seller: Actor,
    reviewer: Actor,
    run_work: RunWork,
    *,
    title: str,
    sku: str = "",
    channels: tuple[str, ...] = ("web",),
) -> Publication:
    product = factories.make_product(seller, title=title, sku=sku)
    photo = factories.make_photo(seller, product=product)
    render = factories.make_finished_render(seller, run_work, photo=photo, size=600)
    render = submit_for_review(actor=seller, render=render)
    sha256 = render.result_sha256
    decide(actor=reviewer, render=render, verdict="approve", seen_sha256=sha256)
    return publish(actor=seller, render=Render.objects.get(pk=render.pk), channels=channels)


@pytest.fixture
def mug(seller: Actor, reviewer: Actor, run_work: RunWork) -> Publication:
    return make_publication(
        seller, reviewer, run_work, title="Red mug", sku="MUG-1", channels=("web", "amazon")
    )


@pytest.fixture
def bowl(seller: Actor, reviewer: Actor, run_work: RunWork) -> Publication:
    return make_publication(seller, reviewer, run_work, title="=Blue bowl")


def rows_of(text: str, *, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_an_archive_holds_every_file_and_a_manifest_that_is_true(
    seller: Actor, mug: Publication, bowl: Publication
) -> None:
    target = io.BytesIO()
    write_archive(target, by_product(publications_of(seller)), None)
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
        assert {"red-mug-mug-1/amazon/MUG-1.MAIN.jpg", "red-mug-mug-1/web/MUG-1-600.webp"} <= names
        # Two sizes in three formats for each, and Amazon's.
        assert len(manifest["files"]) == 13 == len(names) - 1
        for entry in manifest["files"]:
            data = archive.read(entry["file"])
            assert hashlib.sha256(data).hexdigest() == entry["sha256"]
            assert len(data) == entry["bytes"]
            assert entry["digital_source_type"].endswith("algorithmicallyEnhanced")
            assert entry["preset_version"] == "2026-11"


def test_shopify_gets_one_row_for_each_picture(
    seller: Actor, mug: Publication, bowl: Publication
) -> None:
    rows = rows_of(shopify_csv(by_product(publications_of(seller)), None))
    assert [row["URL handle"] for row in rows] == ["blue-bowl", "red-mug-mug-1"]
    assert list(rows[1]) == [
        "Title", "URL handle", "Product image URL", "Image position", "Image alt text"
    ]  # fmt: skip
    assert rows[1]["Title"] == rows[1]["Image alt text"] == "Red mug"
    assert rows[1]["Image position"] == "1"
    assert rows[1]["Product image URL"].endswith(".jpeg")
    # A title that a spreadsheet would take for a formula is text.
    assert rows[0]["Title"] == "'=Blue bowl"


def test_woocommerce_gets_one_row_for_each_product(seller: Actor, mug: Publication) -> None:
    (row,) = rows_of(woocommerce_csv(by_product(publications_of(seller)), None))
    assert (row["Type"], row["SKU"], row["Name"]) == ("simple", "MUG-1", "Red mug")
    assert f"/p/{mug.public_id}/600x600-" in row["Images"]


def test_google_gets_pictures_for_ids_that_it_knows(seller: Actor, mug: Publication) -> None:
    text = google_feed(by_product(publications_of(seller)), None)
    (row,) = rows_of(text, delimiter="\t")
    assert list(row) == ["id", "image_link", "additional_image_link"]
    assert row["id"] == "MUG-1"
    assert row["image_link"].endswith(".jpeg")
    assert row["additional_image_link"] == ""


def test_what_is_withdrawn_is_not_exported(
    seller: Actor, mug: Publication, bowl: Publication
) -> None:
    withdraw(actor=seller, publication=mug)
    groups = by_product(publications_of(seller))
    assert [group.product.title for group in groups] == ["=Blue bowl"]


@pytest.mark.parametrize(
    ("who", "is_in"), [("ann", True), ("bob", True), ("carol", True), ("dan", False)]
)
def test_who_exports_what(
    who: str,
    is_in: bool,
    mug: Publication,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    # Naming somebody else's publication does not help.
    asked = {"kind": "google", "publication": str(mug.public_id)}
    answer = browser.get(reverse("publishing:export"), asked, follow=True)
    assert ("MUG-1" in answer.content.decode()) == is_in
    if not is_in:
        assert "there is nothing to export" in answer.content.decode()


def test_only_the_ticked_pictures_are_exported(
    mug: Publication, bowl: Publication, ann: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    url = reverse("publishing:export")
    ticked = browser.get(url, {"kind": "shopify", "publication": [str(mug.public_id), "nonsense"]})
    assert ticked["Content-Disposition"] == 'attachment; filename="shopify-products.csv"'
    assert [row["Title"] for row in rows_of(ticked.content.decode())] == ["Red mug"]
    everything = browser.get(url, {"kind": "woocommerce"}).content.decode()
    assert len(rows_of(everything)) == 2
    assert "http://testserver/p/" in everything
    odd = browser.get(url, {"kind": "fax"}, follow=True).content.decode()
    assert "no export of that kind" in odd


async def _download(user: object) -> tuple[dict[str, str], bytes]:
    client = AsyncClient()
    await client.aforce_login(user)  # type: ignore[arg-type]
    answer = await client.get(reverse("publishing:export"), {"kind": "zip"})
    streamed = getattr(answer, "streaming_content")  # noqa: B009  # the stubs do not know it
    body = b"".join([part async for part in streamed])
    return dict(answer.items()), body


@pytest.mark.django_db(transaction=True)
def test_an_archive_is_downloaded_whole(ann: Membership, mug: Publication) -> None:
    headers, body = async_to_sync(_download)(ann.user)
    assert headers["Content-Type"] == "application/zip"
    assert int(headers["Content-Length"]) == len(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["files"][0]["url"].startswith("http://testserver/p/")


# --- the public preview ------------------------------------------------------------------------
def test_anybody_sees_a_products_published_pictures(client: Client, mug: Publication) -> None:
    product = mug.render.photo.product
    answer = client.get(reverse("publishing:shop", args=[product.public_id]))
    page = answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex"
    assert page.count("<source ") == 2
    assert 'alt="Red mug"' in page
    data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert (data["@type"], data["name"], data["sku"]) == ("Product", "Red mug", "MUG-1")
    (image,) = data["image"]
    assert image["digitalSourceType"] == ("https://schema.org/AlgorithmicallyEnhancedDigitalSource")
    assert image["contentUrl"].startswith("http://testserver/p/")


def test_a_product_with_nothing_public_has_no_page(
    client: Client, seller: Actor, mug: Publication
) -> None:
    url = reverse("publishing:shop", args=[mug.render.photo.product.public_id])
    withdraw(actor=seller, publication=mug)
    assert client.get(url).status_code == 404


def test_a_title_cannot_break_out_of_the_structured_data(client: Client, mug: Publication) -> None:
    product = mug.render.photo.product
    product.title = "</script><script>alert(1)</script>"
    product.save()
    page = client.get(reverse("publishing:shop", args=[product.public_id])).content.decode()
    assert "<script>alert" not in page
    assert "\\u003c/script\\u003e" in page
