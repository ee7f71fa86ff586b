"""The review page, with and without scripts."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.accounts.models import Membership, Role
from studio.accounts.selectors import Actor, actor_of
from studio.accounts.services import ensure_membership
from studio.renders.models import Render
from studio.renders.services import submit_for_review
from studio.review.models import Decision
from tests.factories import (
    make_finished_render,
    make_photo,
    make_product,
    make_submitted_render,
    make_waiting,
)

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]


@pytest.fixture
def waiting(seller: Actor, run_work: RunWork) -> Render:
    return make_submitted_render(seller, run_work)


def make_another(seller: Actor, run_work: RunWork) -> Render:
    product = make_product(seller, title="Blue bowl")
    photo = make_photo(seller, product=product, colour="#2a40b0")
    return submit_for_review(
        actor=seller, render=make_finished_render(seller, run_work, photo=photo)
    )


def decide_url(render: Render) -> str:
    return reverse("review:decide", args=[render.public_id])


def approval(render: Render) -> dict[str, object]:
    return {"verdict": "approve", "seen_sha256": render.result_sha256}


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 403), ("bob", 403), ("carol", 200), ("dan", 404)]
)
def test_who_may_open_a_picture_in_review(
    who: str, status: int, waiting: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    assert browser.get(reverse("review:item", args=[waiting.public_id])).status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 403), ("bob", 403), ("carol", 200), ("dan", 200)]
)
def test_who_may_open_the_queue(
    who: str, status: int, waiting: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    response = signed_in(request.getfixturevalue(who)).get(reverse("review:queue"))
    assert response.status_code == status
    assert ("Red mug" in response.content.decode()) == (who == "carol")


@pytest.mark.parametrize(("who", "is_decided"), [("ann", 0), ("bob", 0), ("carol", 1), ("dan", 0)])
def test_who_may_decide(
    who: str, is_decided: int, waiting: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    signed_in(request.getfixturevalue(who)).post(decide_url(waiting), approval(waiting))
    assert Decision.objects.count() == is_decided


def test_strangers_sign_in_first(client: Client, waiting: Render) -> None:
    response = client.get(reverse("review:queue"))
    assert response["Location"].startswith(reverse("account_login"))


def test_a_seller_is_told_who_reviews(ann: Membership, signed_in: SignIn) -> None:
    page = signed_in(ann).get(reverse("review:queue")).content.decode()
    assert "Only reviewers and admins" in page


def test_the_queue_shows_the_longest_waiting_with_all_that_waits(
    waiting: Render, seller: Actor, run_work: RunWork, carol: Membership, signed_in: SignIn
) -> None:
    later = make_another(seller, run_work)
    response = signed_in(carol).get(reverse("review:queue"))
    payload = response.context["payload"]
    assert payload["current"] == str(waiting.public_id)
    ids = [item["id"] for item in payload["items"]]
    assert ids == [str(waiting.public_id), str(later.public_id)]
    page = response.content.decode()
    assert json.dumps(payload["current"]) in page
    assert f'name="seen_sha256" value="{waiting.result_sha256}"' in page


def test_the_page_works_under_the_strict_content_policy(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    response = signed_in(carol).get(reverse("review:queue"))
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert " style=" not in response.content.decode()


def test_approving_leads_to_the_next_picture(
    waiting: Render, seller: Actor, run_work: RunWork, carol: Membership, signed_in: SignIn
) -> None:
    later = make_another(seller, run_work)
    ticks = {**approval(waiting), "checklist": ["colour", "edges"]}
    response = signed_in(carol).post(decide_url(waiting), ticks)
    assert response["Location"] == reverse("review:item", args=[later.public_id])
    decision = Decision.objects.get(render=waiting)
    assert decision.verdict == "approve"
    assert decision.checklist["colour"]
    assert not decision.checklist["text"]


def test_after_the_last_picture_the_queue_is_empty_and_lists_decisions(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(carol)
    page = browser.post(decide_url(waiting), approval(waiting), follow=True).content.decode()
    assert "Nothing waits for you" in page
    assert "Approved: Red mug." in page
    assert reverse("review:item", args=[waiting.public_id]) in page


def test_skipping_leads_on_and_round(
    waiting: Render, seller: Actor, run_work: RunWork, carol: Membership, signed_in: SignIn
) -> None:
    later = make_another(seller, run_work)
    browser = signed_in(carol)
    first = browser.get(reverse("review:item", args=[waiting.public_id]))
    assert first.context["next_url"] == reverse("review:item", args=[later.public_id])
    last = browser.get(reverse("review:item", args=[later.public_id]))
    assert last.context["next_url"] == reverse("review:item", args=[waiting.public_id])


@pytest.mark.parametrize("verdict", ["return", "reject"])
def test_sending_back_needs_a_reason_and_keeps_what_was_typed(
    verdict: str, waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(carol)
    form = {"verdict": verdict, "seen_sha256": waiting.result_sha256, "note": "Look at the rim."}
    refused = browser.post(decide_url(waiting), form)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Say why, so that the seller knows what to change." in page
    assert "Look at the rim." in page
    assert not Decision.objects.exists()
    browser.post(decide_url(waiting), {**form, "reasons": ["halo", "edge-cut"]})
    decision = Decision.objects.get()
    assert decision.verdict == verdict
    assert decision.reasons == ["halo", "edge-cut"]
    assert decision.note == "Look at the rim."


def test_a_picture_that_was_not_seen_cannot_be_decided(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    form = {"verdict": "approve", "seen_sha256": "0" * 64}
    response = signed_in(carol).post(decide_url(waiting), form)
    assert response.status_code == 409
    assert "not the picture you were shown" in response.content.decode()
    assert not Decision.objects.exists()


def test_a_second_decision_is_refused_in_a_sentence(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(carol)
    browser.post(decide_url(waiting), approval(waiting))
    response = browser.post(decide_url(waiting), approval(waiting))
    assert response.status_code == 409
    assert "decided already" in response.content.decode()
    assert Decision.objects.count() == 1


def test_four_eyes_hold_for_an_admin_too(
    ann: Membership, waiting: Render, signed_in: SignIn
) -> None:
    ensure_membership(user=ann.user, workspace=ann.workspace, role=Role.ADMIN)
    browser = signed_in(ann)
    page = browser.get(reverse("review:item", args=[waiting.public_id])).content.decode()
    assert "Four eyes" in page
    assert 'value="approve"' not in page
    response = browser.post(decide_url(waiting), approval(waiting))
    assert response.status_code == 403
    assert "Somebody else has to decide" in response.content.decode()
    assert not Decision.objects.exists()


def test_a_decided_picture_shows_its_verdict_and_no_buttons(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(carol)
    browser.post(decide_url(waiting), approval(waiting))
    page = browser.get(reverse("review:item", args=[waiting.public_id])).content.decode()
    assert "Approved by Carol" in page
    assert 'name="verdict"' not in page


def test_the_seller_s_changes_are_told_in_words(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    Render.objects.filter(pk=waiting.pk).update(params={**waiting.params, "shadow": 40.0})
    page = signed_in(carol).get(reverse("review:queue")).content.decode()
    assert "<dt>Shadow</dt><dd>40%</dd>" in page


def test_a_photo_that_browsers_cannot_show_is_shown_as_its_thumbnail(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    waiting.photo.format = "HEIF"
    waiting.photo.save()
    item = signed_in(carol).get(reverse("review:queue")).context["current"]
    assert item["source"]["url"].endswith("thumb.webp")


def test_deciding_takes_a_post(waiting: Render, carol: Membership, signed_in: SignIn) -> None:
    assert signed_in(carol).get(decide_url(waiting)).status_code == 405


def test_an_admin_of_another_workspace_sees_nothing_of_it(
    waiting: Render, dan: Membership, signed_in: SignIn
) -> None:
    assert actor_of(dan).can_review
    page = signed_in(dan).get(reverse("review:queue")).content.decode()
    assert "Nothing waits for you" in page


def test_a_longer_queue_asks_the_database_no_more_often(
    seller: Actor, carol: Membership, run_work: RunWork, signed_in: SignIn
) -> None:
    browser, url = signed_in(carol), reverse("review:queue")
    asked = []
    for count in (2, 6):
        make_waiting(seller, run_work, count=count)
        browser.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        asked.append(len(queries))
    assert asked[1] <= asked[0] + 1, "one more: the last claims are made, not renewed"
    assert asked[1] <= 23
