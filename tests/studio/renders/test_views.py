"""The studio page and the batch pages, and what their forms do without script."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.catalog.models import Cutout, Product
from studio.core.work import State
from studio.publishing.services import publish
from studio.renders.models import Render
from studio.renders.services import RenderOrder, submit_batch
from studio.review.models import Decision
from studio.review.services import decide
from studio.styles.models import Style
from studio.styles.selectors import available_style
from studio.styles.services import save_look
from tests.factories import (
    make_approved_render,
    make_finished_render,
    make_photo,
    make_product,
    make_submitted_render,
)

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]


def studio_url(product: Product) -> str:
    return reverse("renders:studio", args=[product.public_id])


def payload_of(page: str) -> dict[str, object]:
    found = re.search(r'<script id="studio-data" type="application/json">(.*?)</script>', page)
    assert found
    payload: dict[str, object] = json.loads(found.group(1))
    return payload


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 200), ("bob", 200), ("carol", 200), ("dan", 404)]
)
def test_a_product_opens_for_its_team_alone(
    styles: int,
    seller: Actor,
    request: pytest.FixtureRequest,
    signed_in: SignIn,
    who: str,
    status: int,
) -> None:
    photo = make_photo(seller)
    member = request.getfixturevalue(who)
    assert signed_in(member).get(studio_url(photo.product)).status_code == status


def test_the_page_shows_photo_styles_and_history_without_script(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_finished_render(seller, run_work)
    page = signed_in(ann).get(studio_url(render.photo.product)).content.decode()
    # The style of a seller's own place is no tile: its places are.
    styles = Style.objects.exclude(slug="own-backdrop")
    shown = [style for style in styles if style.title in page]
    assert len(shown) == styles_installed()
    assert 'alt="The photo as it was uploaded"' in page
    assert 'alt="The cut-out product"' in page
    assert reverse("renders:submit", args=[render.public_id]) in page


def styles_installed() -> int:
    return Style.objects.exclude(slug="own-backdrop").count()


def test_the_payload_carries_what_the_script_needs(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_finished_render(seller, run_work)
    page = signed_in(ann).get(studio_url(render.photo.product)).content.decode()
    payload = payload_of(page)
    assert payload["photo"] == str(render.photo.public_id)
    assert [each["id"] for each in payload["history"]] == [str(render.public_id)]  # type: ignore[attr-defined]
    assert payload["styles"][0]["params_schema"]["properties"]  # type: ignore[index]


def test_a_product_without_a_photo_offers_a_drop_zone(
    styles: int, ann: Membership, carol: Membership, seller: Actor, signed_in: SignIn
) -> None:
    url = studio_url(make_product(seller))
    assert "Drop photos of this product here" in signed_in(ann).get(url).content.decode()
    assert "This product has no photo yet." in signed_in(carol).get(url).content.decode()


def test_the_address_chooses_the_photo(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    first = make_photo(seller)
    second = make_photo(seller, product=first.product, colour="#2a40b0")
    browser, url = signed_in(ann), studio_url(first.product)
    assert browser.get(url).context["photo"] == second
    assert browser.get(url, {"photo": str(first.public_id)}).context["photo"] == first
    assert browser.get(url, {"photo": "nonsense"}).context["photo"] == second


def test_a_doubtful_and_a_failed_cut_out_are_said_plainly(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    photo = make_photo(seller)
    run_work()
    Cutout.objects.update(confidence=0.2, notice="Is this all of the product?")
    browser, url = signed_in(ann), studio_url(photo.product)
    assert "Is this all of the product?" in browser.get(url).content.decode()
    Cutout.objects.update(state=State.FAILED, error_code="x", error_message="No product found.")
    page = browser.get(url).content.decode()
    assert "No product found." in page
    assert reverse("catalog:retry_cutout", args=[photo.public_id]) in page


def test_a_reviewer_looks_but_makes_nothing(
    styles: int, carol: Membership, seller: Actor, signed_in: SignIn
) -> None:
    page = signed_in(carol).get(studio_url(make_photo(seller).product)).content.decode()
    assert "Make full quality" not in page
    assert payload_of(page)["can_sell"] is False


def test_a_workspace_without_styles_says_so(
    ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    photo = make_photo(seller)
    page = signed_in(ann).get(studio_url(photo.product)).content.decode()
    assert "No style is installed" in page


def test_the_form_orders_full_quality_with_default_controls(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    photo = make_photo(seller)
    url = reverse("renders:order", args=[photo.public_id])
    answers = {"style": "studio-sweep", "aspect": "4:5", "size": "1024"}
    page = signed_in(ann).post(url, answers, follow=True).content.decode()
    render = Render.objects.get()
    assert (render.style.slug, render.aspect) == ("studio-sweep", "4:5")
    assert render.longest_side_px == 1024
    assert render.params_changed == {}
    assert "is being made" in page


def test_the_form_orders_a_saved_look(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    style = available_style("solid-colour")
    look = save_look(actor=seller, style=style, name="Autumn", params={"colour": "#aa5522"})
    photo = make_photo(seller)
    page = signed_in(ann).get(studio_url(photo.product)).content.decode()
    assert f'value="look:{look.public_id}"' in page
    url = reverse("renders:order", args=[photo.public_id])
    signed_in(ann).post(url, {"style": f"look:{look.public_id}"})
    assert Render.objects.get().params["colour"] == "#aa5522"


@pytest.mark.parametrize("answers", [{}, {"style": "pure-white", "size": "9"}])
def test_an_incomplete_order_asks_for_a_style(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn, answers: dict[str, str]
) -> None:
    url = reverse("renders:order", args=[make_photo(seller).public_id])
    page = signed_in(ann).post(url, answers, follow=True).content.decode()
    assert "Choose a style first." in page


def test_an_order_that_is_refused_says_why(
    styles: int, ann: Membership, seller: Actor, signed_in: SignIn
) -> None:
    url = reverse("renders:order", args=[make_photo(seller).public_id])
    page = signed_in(ann).post(url, {"style": "no-such-style"}, follow=True).content.decode()
    assert "There is no style called" in page


def test_an_order_that_exists_is_ready_at_once(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_finished_render(seller, run_work)
    url = reverse("renders:order", args=[render.photo.public_id])
    answers = {"style": render.style.slug, "size": str(render.longest_side_px)}
    page = signed_in(ann).post(url, answers, follow=True).content.decode()
    assert "The full-quality picture is ready." in page
    assert Render.objects.count() == 1


def test_a_picture_is_sent_to_review_once(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_finished_render(seller, run_work)
    url = reverse("renders:submit", args=[render.public_id])
    assert "In review" in signed_in(ann).post(url, follow=True).content.decode()
    assert "was sent to review before" in signed_in(ann).post(url, follow=True).content.decode()


def test_a_deadline_and_channels_are_said_without_script(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_finished_render(seller, run_work)
    browser, url = signed_in(ann), reverse("renders:submit", args=[render.public_id])
    page = browser.get(studio_url(render.photo.product)).content.decode()
    assert 'name="due_at"' in page
    assert 'name="channels" value="amazon"' in page
    wrong = browser.post(url, {"due_at": "soon", "channels": ["amazon"]}, follow=True)
    assert "Give the time as day and hour." in wrong.content.decode()
    passed = browser.post(url, {"due_at": "2001-01-01T10:00"}, follow=True)
    assert "within a year" in passed.content.decode()
    later = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    browser.post(url, {"due_at": f"{later:%Y-%m-%dT%H:%M}", "channels": ["amazon", "ebay"]})
    render.refresh_from_db()
    assert (render.due_at, render.channels) == (later, ["amazon", "ebay"])


def test_an_approved_picture_can_be_published(
    ann: Membership, seller: Actor, reviewer: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_approved_render(seller, reviewer, run_work)
    browser, url = signed_in(ann), studio_url(render.photo.product)
    page = browser.get(url).content.decode()
    assert reverse("publishing:publish", args=[render.public_id]) in page
    publication = publish(actor=seller, render=render, channels=["web"])
    page = browser.get(url).content.decode()
    assert reverse("publishing:publication", args=[publication.public_id]) in page
    assert "Published" in page


def test_a_returned_picture_shows_reasons_and_note(
    ann: Membership, seller: Actor, reviewer: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    render = make_submitted_render(seller, run_work)
    decide(
        actor=reviewer,
        render=render,
        verdict=Decision.Verdict.RETURN,
        reasons=["hole-filled"],
        note="The handle is closed.",
        seen_sha256=render.result_sha256,
    )
    page = signed_in(ann).get(studio_url(render.photo.product)).content.decode()
    assert "A hole or handle is filled in" in page
    assert "The handle is closed." in page


def test_an_empty_list_of_batches_says_what_a_batch_is(
    styles: int, ann: Membership, signed_in: SignIn
) -> None:
    assert "No batches yet" in signed_in(ann).get(reverse("renders:batches")).content.decode()


def test_a_batch_fills_in_and_stops(
    ann: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    photos = [make_photo(seller), make_photo(seller, colour="#2a40b0")]
    order = RenderOrder(photo=photos[0], style="pure-white", longest_side_px=128)
    batch, _ = submit_batch(actor=seller, photos=photos, order=order)
    browser, url = signed_in(ann), reverse("renders:batch", args=[batch.public_id])
    page = browser.get(url)
    assert page.content.decode().count("Waiting") == 2
    assert page.context["is_unfinished"]
    stop = reverse("renders:cancel_batch", args=[batch.public_id])
    assert "2 stopped." in browser.post(stop, follow=True).content.decode()
    assert "0 of 2" in browser.get(reverse("renders:batches")).content.decode()


def test_a_finished_batch_shows_its_pictures(
    ann: Membership, dan: Membership, seller: Actor, run_work: RunWork, signed_in: SignIn
) -> None:
    order = RenderOrder(photo=make_photo(seller), style="pure-white", longest_side_px=128)
    batch, renders = submit_batch(actor=seller, photos=[order.photo], order=order)
    run_work()
    url = reverse("renders:batch", args=[batch.public_id])
    page = signed_in(ann).get(url)
    assert page.context["finished"] == 1
    assert f'data-cell="{renders[0].public_id}"' in page.content.decode()
    assert "1 of 1" in signed_in(ann).get(reverse("renders:batches")).content.decode()
    assert signed_in(dan).get(url).status_code == 404
