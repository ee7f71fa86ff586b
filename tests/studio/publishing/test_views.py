"""What is published, publishing and withdrawing."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.publishing.models import Publication
from studio.publishing.services import publish
from studio.renders.models import Render
from tests.factories import make_approved_render, make_submitted_render

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]


@pytest.fixture
def approved(seller: Actor, reviewer: Actor, run_work: RunWork) -> Render:
    return make_approved_render(seller, reviewer, run_work)


@pytest.fixture
def publication(seller: Actor, approved: Render) -> Publication:
    return publish(actor=seller, render=approved, channels=["web"])


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 200), ("bob", 200), ("carol", 200), ("dan", 404)]
)
def test_who_may_look_at_a_publication(
    who: str,
    status: int,
    publication: Publication,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    url = reverse("publishing:publication", args=[publication.public_id])
    assert browser.get(url).status_code == status
    is_listed = "Red mug" in browser.get(reverse("publishing:published")).content.decode()
    assert is_listed == (status == 200)


@pytest.mark.parametrize(("who", "count"), [("ann", 1), ("bob", 1), ("carol", 0), ("dan", 0)])
def test_who_may_publish(
    who: str, count: int, approved: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    url = reverse("publishing:publish", args=[approved.public_id])
    signed_in(request.getfixturevalue(who)).post(url, {"channels": ["web"]})
    assert Publication.objects.count() == count


@pytest.mark.parametrize(
    ("who", "is_withdrawn"), [("ann", True), ("bob", True), ("carol", False), ("dan", False)]
)
def test_who_may_withdraw(
    who: str,
    is_withdrawn: bool,
    publication: Publication,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    url = reverse("publishing:withdraw", args=[publication.public_id])
    signed_in(request.getfixturevalue(who)).post(url)
    publication.refresh_from_db()
    assert bool(publication.withdrawn_at) == is_withdrawn


def test_strangers_sign_in_first(client: Client, db: None) -> None:
    response = client.get(reverse("publishing:published"))
    assert response["Location"].startswith(reverse("account_login"))


def test_publishing_leads_to_the_files(
    approved: Render, ann: Membership, signed_in: SignIn
) -> None:
    url = reverse("publishing:publish", args=[approved.public_id])
    response = signed_in(ann).post(url, {"channels": ["web"]}, follow=True)
    publication = Publication.objects.get()
    assert response.redirect_chain[-1][0] == reverse(
        "publishing:publication", args=[publication.public_id]
    )
    page = response.content.decode()
    for variant in publication.variants.all():
        assert f"{variant.width} × {variant.height}" in page
        assert variant.sha256[:16] in page


def test_an_unapproved_picture_goes_back_to_its_product_with_the_reason(
    seller: Actor, run_work: RunWork, ann: Membership, signed_in: SignIn
) -> None:
    render = make_submitted_render(seller, run_work)
    response = signed_in(ann).post(reverse("publishing:publish", args=[render.public_id]))
    studio = reverse("renders:studio", args=[render.photo.product.public_id])
    assert response["Location"] == f"{studio}?photo={render.photo.public_id}"
    assert not Publication.objects.exists()


def test_a_snippet_names_every_file_by_full_address(
    publication: Publication, ann: Membership, signed_in: SignIn
) -> None:
    url = reverse("publishing:publication", args=[publication.public_id])
    response = signed_in(ann).get(url)
    assert "<picture>" not in response.content.decode()
    assert "&lt;picture&gt;" in response.content.decode()
    snippet = response.context["snippet"]
    assert snippet.count("<source ") == 2
    assert snippet.index("image/avif") < snippet.index("image/webp")
    assert "http://testserver/p/" in snippet
    for variant in publication.variants.all():
        assert f"-{variant.sha256[:16]}.{variant.format} {variant.width}w" in snippet
    assert 'alt="Red mug"' in snippet


def test_a_title_cannot_break_out_of_the_snippet(
    publication: Publication, ann: Membership, signed_in: SignIn
) -> None:
    product = publication.render.photo.product
    product.title = '"><script>alert(1)</script>'
    product.save()
    url = reverse("publishing:publication", args=[publication.public_id])
    response = signed_in(ann).get(url)
    assert "<script>alert" not in response.context["snippet"]
    assert "<script>alert" not in response.content.decode()


def test_a_withdrawn_publication_says_so_and_offers_no_files(
    publication: Publication, ann: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    url = reverse("publishing:withdraw", args=[publication.public_id])
    page = browser.post(url, follow=True).content.decode()
    assert "This publication is withdrawn" in page
    assert "Download" not in page
    again = browser.post(url, follow=True).content.decode()
    assert "withdrawn before" in again


def test_a_reviewer_sees_no_withdraw_button(
    publication: Publication, carol: Membership, signed_in: SignIn
) -> None:
    url = reverse("publishing:publication", args=[publication.public_id])
    assert "Withdraw</button>" not in signed_in(carol).get(url).content.decode()


def test_nothing_published_yet_says_how_to_publish(ann: Membership, signed_in: SignIn) -> None:
    page = signed_in(ann).get(reverse("publishing:published")).content.decode()
    assert "Nothing is published yet" in page


def test_withdrawing_takes_a_post(
    publication: Publication, ann: Membership, signed_in: SignIn
) -> None:
    url = reverse("publishing:withdraw", args=[publication.public_id])
    assert signed_in(ann).get(url).status_code == 405
    publication.refresh_from_db()
    assert publication.withdrawn_at is None
