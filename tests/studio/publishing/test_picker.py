"""Choosing channels, replacing what is public, and what becomes of replaced files."""

import re
from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client
from django.urls import reverse

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.core.channels import CHANNELS
from studio.core.errors import Conflict, Invalid
from studio.publishing.addresses import variant_address, variant_path
from studio.publishing.models import Publication
from studio.publishing.services import publish, withdraw
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render, submit_for_review
from studio.review.services import decide
from tests import factories

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]
Approve = Callable[..., Render]


@pytest.fixture
def approve(seller: Actor, reviewer: Actor, run_work: RunWork) -> Approve:
    """Approved pictures of one photo, in different looks."""
    photo = factories.make_photo(seller)

    def made(style: str = "pure-white", *, size: int = 640) -> Render:
        order = RenderOrder(photo=photo, style=style, longest_side_px=size)
        render, _ = order_render(actor=seller, order=order)
        run_work()
        render = submit_for_review(actor=seller, render=Render.objects.get(pk=render.pk))
        sha256 = render.result_sha256
        decide(actor=reviewer, render=render, verdict="approve", seen_sha256=sha256)
        return Render.objects.get(pk=render.pk)

    return made


def picker_of(render: Render) -> str:
    return reverse("publishing:publish", args=[render.public_id])


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 200), ("bob", 200), ("carol", 403), ("dan", 404)]
)
def test_who_may_choose_channels(
    who: str, status: int, approve: Approve, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    assert browser.get(picker_of(approve())).status_code == status


def test_every_channel_says_what_it_makes_of_the_picture(
    approve: Approve, ann: Membership, signed_in: SignIn
) -> None:
    page = signed_in(ann).get(picker_of(approve("sweep-sage"))).content.decode()
    for channel in CHANNELS.values():
        assert channel.label in page
    assert page.count("wants pure white all round") == 4
    assert page.count(" disabled>") == 5  # and Shopify wants 800 px
    assert "development key" in page
    assert "sellercentral.amazon.com.au" in page


def test_the_channels_it_was_sent_to_review_for_are_ticked(
    approve: Approve, ann: Membership, signed_in: SignIn
) -> None:
    render = approve()
    Render.objects.filter(pk=render.pk).update(channels=["ebay", "walmart"])
    page = signed_in(ann).get(picker_of(render)).content.decode()
    ticked = re.findall(r'name="channels" value="(\w+)"[^>]* checked', page)
    # Walmart wants more pixels: what does not suit is not ticked.
    assert ticked == ["ebay"]


def test_a_refused_channel_publishes_nothing_and_says_why(
    approve: Approve, ann: Membership, signed_in: SignIn
) -> None:
    url = picker_of(approve("sweep-sage"))
    answer = signed_in(ann).post(url, {"channels": ["web", "walmart"]})
    assert answer.status_code == 422
    assert "Walmart wants pure white all round" in answer.content.decode()
    assert not Publication.objects.exists()


def test_no_channel_is_a_mistake_that_is_named(
    approve: Approve, ann: Membership, signed_in: SignIn
) -> None:
    answer = signed_in(ann).post(picker_of(approve()), {})
    assert "Name at least one channel." in answer.content.decode()


def test_several_channels_are_published_at_once(
    approve: Approve, ann: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    page = browser.post(picker_of(approve()), {"channels": ["web", "amazon", "ebay"]}, follow=True)
    publication = Publication.objects.get()
    assert publication.channels == ["web", "amazon", "ebay"]
    assert publication.presets == dict.fromkeys(["web", "amazon", "ebay"], "2026-11")
    text = page.content.decode()
    for expected in ("Amazon, main image", "red-mug.MAIN.jpg", "algorithmicallyEnhanced"):
        assert expected in text


def test_a_picture_that_is_public_is_published_anew_in_its_place(
    approve: Approve, ann: Membership, signed_in: SignIn, seller: Actor
) -> None:
    render = approve()
    old = publish(actor=seller, render=render, channels=["web"])
    browser = signed_in(ann)
    page = browser.get(picker_of(render)).content.decode()
    assert "Its files are replaced" in page
    chosen = {"channels": ["web", "ebay"], "replaces": str(old.public_id)}
    browser.post(picker_of(render), chosen)
    old.refresh_from_db()
    new = Publication.objects.get(withdrawn_at=None)
    assert old.replaced_by == new
    shown = browser.get(reverse("publishing:publication", args=[old.public_id])).content.decode()
    assert "This publication was replaced" in shown
    assert reverse("publishing:publication", args=[new.public_id]) in shown
    shown = browser.get(reverse("publishing:publication", args=[new.public_id])).content.decode()
    assert "<dt>Replaces</dt>" in shown


def test_another_look_replaces_one_of_the_same_product(seller: Actor, approve: Approve) -> None:
    old = publish(actor=seller, render=approve(), channels=["web"])
    new = publish(actor=seller, render=approve("sweep-sage"), channels=["web"], replaces=old)
    old.refresh_from_db()
    assert old.withdrawn_at is not None
    assert old.replaced_by == new
    with pytest.raises(Conflict, match="withdrawn before"):
        publish(actor=seller, render=approve("sweep-sky"), channels=["web"], replaces=old)


def test_another_products_publication_is_not_replaced(
    seller: Actor, reviewer: Actor, approve: Approve, run_work: RunWork
) -> None:
    product = factories.make_product(seller, title="Blue bowl")
    photo = factories.make_photo(seller, product=product, colour="#2040a0")
    other = factories.make_finished_render(seller, run_work, photo=photo)
    other = submit_for_review(actor=seller, render=other)
    sha256 = other.result_sha256
    decide(actor=reviewer, render=other, verdict="approve", seen_sha256=sha256)
    foreign = publish(actor=seller, render=Render.objects.get(pk=other.pk))
    with pytest.raises(Invalid, match="same product"):
        publish(actor=seller, render=approve(), replaces=foreign)
    foreign.refresh_from_db()
    assert foreign.withdrawn_at is None


def test_a_publication_that_cannot_be_made_leaves_the_old_one_public(
    seller: Actor, approve: Approve
) -> None:
    old = publish(actor=seller, render=approve(), channels=["web"])
    with pytest.raises(Invalid):
        publish(actor=seller, render=approve("sweep-sage"), channels=["amazon"], replaces=old)
    old.refresh_from_db()
    assert old.withdrawn_at is None


async def _get(url: str) -> tuple[int, dict[str, str]]:
    answer = await AsyncClient().get(url)
    return answer.status_code, dict(answer.items())


@pytest.mark.django_db(transaction=True)
def test_replaced_files_are_gone_and_name_the_newest_in_their_place(
    seller: Actor, approve: Approve
) -> None:
    first = publish(actor=seller, render=approve(), channels=["web"])
    second = publish(actor=seller, render=approve("sweep-sage"), replaces=first)
    third = publish(actor=seller, render=approve("sweep-sky"), replaces=second)
    old = first.variants.get(format="avif", width=640)
    status, headers = async_to_sync(_get)(variant_path(old))
    assert status == 410
    newest = third.variants.get(format="avif", width=640)
    assert headers["Link"] == f'<http://testserver{variant_path(newest)}>; rel="successor-version"'
    assert headers["Cache-Control"] == "no-cache"
    withdraw(actor=seller, publication=third)
    assert async_to_sync(_get)(variant_path(old))[0] == 404


def test_files_have_the_cdns_address_where_there_is_one(
    seller: Actor, approve: Approve, settings: object
) -> None:
    variant = publish(actor=seller, render=approve()).variants.all()[0]
    path = variant_path(variant)
    assert variant_address(variant) == path
    configuration = settings.CONFIGURATION  # type: ignore[attr-defined]
    with_cdn = configuration.model_copy(update={"cdn_url": "https://cdn.example.com"})
    settings.CONFIGURATION = with_cdn  # type: ignore[attr-defined]
    assert variant_address(variant) == f"https://cdn.example.com{path}"
