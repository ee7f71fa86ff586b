"""Publishing over HTTP: verdicts before, replacing, and what a publication says of itself."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.core.channels import CHANNELS
from studio.publishing.models import Publication
from studio.renders.models import Render
from tests.factories import make_approved_render

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]


@pytest.fixture
def approved(seller: Actor, reviewer: Actor, run_work: RunWork) -> Render:
    return make_approved_render(seller, reviewer, run_work)


def url_of(name: str, **kwargs: object) -> str:
    return reverse(f"api:{name}", kwargs=kwargs)


def test_verdicts_are_given_with_their_rules_and_sources(
    approved: Render, ann: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    found = browser.get(url_of("channel_verdicts", render_id=approved.public_id)).json()
    assert [each["channel"] for each in found] == list(CHANNELS)
    by_channel = {each["channel"]: each for each in found}
    assert by_channel["web"]["suits"] == "well"
    walmart = by_channel["walmart"]
    assert walmart["suits"] == "refused"
    assert "at least 1500 × 1500 px" in walmart["sentence"]
    assert walmart["rules"][0]["source"].startswith("marketplacelearn.walmart.com")


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 200), ("bob", 200), ("carol", 200), ("dan", 404)]
)
def test_who_may_ask_for_verdicts(
    who: str, status: int, approved: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    url = url_of("channel_verdicts", render_id=approved.public_id)
    assert browser.get(url).status_code == status


def test_publishing_anew_in_the_place_of_the_old(
    approved: Render, ann: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    url = url_of("publish", render_id=approved.public_id)

    def publish(**payload: object) -> dict[str, object]:
        answer = browser.post(url, payload, content_type="application/json")
        return {"status": answer.status_code, **answer.json()}

    first = publish(channels=["web"])
    assert first["status"] == 201
    assert str(first["digital_source_type"]).endswith("/algorithmicallyEnhanced")
    assert first["presets"] == {"web": CHANNELS["web"].version}
    assert publish(channels=["web"])["status"] == 409
    second = publish(channels=["web"], replaces=first["id"])
    assert second["status"] == 201
    shown = browser.get(url_of("get_publication", publication_id=first["id"])).json()
    assert shown["replaced_by"] == second["id"]
    missing = publish(channels=["web"], replaces=str(approved.public_id))
    assert missing["status"] == 404


def test_a_refused_channel_answers_422_with_its_sentence(
    approved: Render, ann: Membership, signed_in: SignIn
) -> None:
    url = url_of("publish", render_id=approved.public_id)
    chosen = {"channels": ["web", "walmart"]}
    answer = signed_in(ann).post(url, chosen, content_type="application/json")
    assert (answer.status_code, answer.json()["field"]) == (422, "channels")
    assert "Walmart wants at least" in answer.json()["detail"]
    assert not Publication.objects.exists()
