"""Every other door of review: who may open it, and what it does."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from studio.accounts.models import Membership, Role
from studio.accounts.selectors import Actor
from studio.renders.models import Batch, Render
from studio.review.models import Claim, Decision, Lot, ReviewPolicy, SavedView
from studio.review.selectors import figures_of
from studio.review.services import decide, record_inspection, save_policy
from tests.factories import make_colleague, make_finding, make_product, make_waiting

SignIn = Callable[[Membership], Client]
RunWork = Callable[[], int]
CAST = ("ann", "bob", "carol", "dan")


@pytest.fixture
def waiting(seller: Actor, run_work: RunWork) -> Render:
    return make_waiting(seller, run_work, count=1)[0]


@pytest.fixture
def alex(carol: Membership) -> Membership:
    """An admin of Ann's workspace."""
    return Membership.objects.get(user=make_colleague("alex", Role.ADMIN).user)


def sent_back(actor: Actor, render: Render, **more: object) -> Decision:
    return decide(
        actor=actor,
        render=render,
        verdict="return",
        reasons=["halo", "shadow"],
        seen_sha256=render.result_sha256,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("page", ["queue", "bulk", "record", "figures", "policy"])
@pytest.mark.parametrize("who", CAST)
def test_who_may_open_the_pages(
    who: str,
    page: str,
    waiting: Render,
    reviewer: Actor,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    sent_back(reviewer, waiting)
    response = signed_in(request.getfixturevalue(who)).get(reverse(f"review:{page}"))
    assert response.status_code == (403 if who in ("ann", "bob") else 200)
    assert who == "carol" or "Product 0" not in response.content.decode()


@pytest.mark.parametrize("format", ["csv", "json"])
@pytest.mark.parametrize("who", CAST)
def test_who_may_export_the_record(
    who: str,
    format: str,
    waiting: Render,
    reviewer: Actor,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    sent_back(reviewer, waiting)
    browser = signed_in(request.getfixturevalue(who))
    response = browser.get(reverse("review:export", args=[format]))
    assert response.status_code == (403 if who in ("ann", "bob") else 200)
    assert (waiting.result_sha256 in response.content.decode()) == (who == "carol")


@pytest.mark.parametrize("who", CAST)
def test_who_may_hold_pictures(
    who: str, waiting: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    body = {"keep": [str(waiting.public_id)], "skip": [], "filter": {}}
    response = browser.post(reverse("review:hold"), body, content_type="application/json")
    assert response.status_code == (403 if who in ("ann", "bob") else 200)
    assert Claim.objects.count() == (who == "carol")


@pytest.mark.parametrize("who", CAST)
def test_who_may_give_pictures_back(
    who: str, waiting: Render, reviewer: Actor, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    Claim.objects.create(render=waiting, holder=reviewer.user, lease_until="2999-01-01T00:00Z")
    browser = signed_in(request.getfixturevalue(who))
    assert browser.post(reverse("review:release")).status_code == (
        403 if who in ("ann", "bob") else 204
    )
    assert Claim.objects.count() == (who != "carol")


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("who", CAST)
def test_who_may_undo(
    who: str,
    door: str,
    waiting: Render,
    reviewer: Actor,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    decision = sent_back(reviewer, waiting)
    browser = signed_in(request.getfixturevalue(who))
    if door == "page":
        response = browser.post(reverse("review:undo"), {"decision": decision.public_id})
    else:
        response = browser.post(f"/api/v1/review/decisions/{decision.public_id}/undo")
    refused = {"ann": (302, 403), "bob": (302, 403), "carol": (302, 200), "dan": (404, 404)}
    assert response.status_code in refused[who]
    assert Decision.objects.filter(verdict="undo").count() == (who == "carol")


@pytest.mark.parametrize("who", CAST)
def test_who_may_approve_in_bulk(
    who: str, waiting: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    record_inspection(render=waiting, findings=[make_finding()], uncertainty=0)
    browser = signed_in(request.getfixturevalue(who))
    seen = f"{waiting.public_id} {waiting.result_sha256}"
    browser.post(reverse("review:bulk"), {"seen": [seen]})
    assert Decision.objects.count() == (who == "carol")


def test_bulk_refuses_other_bytes_than_were_seen(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    record_inspection(render=waiting, findings=[make_finding()], uncertainty=0)
    seen = f"{waiting.public_id} {'0' * 64}"
    response = signed_in(carol).post(reverse("review:bulk"), {"seen": [seen]}, follow=True)
    assert "not the picture you were shown" in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("who", [*CAST, "alex"])
def test_who_may_change_the_rules(
    who: str,
    carol: Membership,
    ann: Membership,
    styles: int,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    rules = {
        "approvals_needed": 2,
        "second_opinion_percent": 10,
        "due_hours": 8,
        "aql": "2.5",
        "auto_styles": ["pure-white"],
    }
    member = request.getfixturevalue(who)
    signed_in(member).post(reverse("review:policy"), rules)
    changed = ReviewPolicy.objects.filter(workspace=ann.workspace, approvals_needed=2).count()
    assert changed == (who == "alex")


def test_rules_out_of_range_are_refused_where_they_were_typed(
    alex: Membership, styles: int, signed_in: SignIn
) -> None:
    rules = {"approvals_needed": 1, "second_opinion_percent": 101, "due_hours": 24, "aql": ""}
    page = signed_in(alex).post(reverse("review:policy"), rules).content.decode()
    assert "less than or equal to 100" in page
    assert not ReviewPolicy.objects.exists()


@pytest.mark.parametrize("who", CAST)
def test_who_may_draw_a_sample(
    who: str,
    seller: Actor,
    reviewer: Actor,
    alex: Membership,
    run_work: RunWork,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    ReviewPolicy.objects.create(workspace=seller.workspace, aql="4.0")
    renders = make_waiting(seller, run_work, count=3)
    batch = Batch.objects.create(
        workspace=seller.workspace, style=renders[0].style, created_by=seller.user
    )
    batch.renders.set(renders)
    browser = signed_in(request.getfixturevalue(who))
    response = browser.post(reverse("review:draw_sample", args=[batch.public_id]))
    expected = {"ann": 403, "bob": 403, "carol": 302, "dan": 404}
    assert response.status_code == expected[who]
    assert Lot.objects.count() == (who == "carol")
    if who == "carol":
        assert "letter B" in browser.get(reverse("review:bulk")).content.decode()


@pytest.mark.parametrize("who", CAST)
def test_who_may_keep_views_and_keys(
    who: str, waiting: Render, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    is_reviewer = who in ("carol", "dan")
    browser.post(reverse("review:save_view"), {"name": "Problems", "checks": "problem"})
    assert SavedView.objects.count() == (1 if is_reviewer else 0)
    body = {"keys": {"approve": "j"}, "are_on": True}
    response = browser.post(reverse("review:keys"), body, content_type="application/json")
    assert response.status_code == (200 if is_reviewer else 403)
    view = SavedView.objects.first()
    if view:
        assert "Problems" in browser.get(reverse("review:queue")).content.decode()
        browser.post(reverse("review:delete_view", args=[view.public_id]))
        assert not SavedView.objects.exists()


@pytest.mark.parametrize("body", ["nonsense", "[]", '{"keep": 3}', '{"filter": "x"}'])
def test_nonsense_for_hold_is_refused(body: str, carol: Membership, signed_in: SignIn) -> None:
    url = reverse("review:hold")
    assert signed_in(carol).post(url, body, content_type="application/json").status_code == 422


def test_a_picture_in_another_s_hands_says_whose(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    robin = make_colleague("robin", Role.REVIEWER)
    Claim.objects.create(render=waiting, holder=robin.user, lease_until="2999-01-01T00:00Z")
    page = signed_in(carol).get(reverse("review:item", args=[waiting.public_id])).content.decode()
    assert "Robin has this picture in hand" in page
    assert 'value="approve"' not in page


def test_the_checklist_is_filled_in_from_the_inspection(
    waiting: Render, carol: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(carol)
    url = reverse("review:item", args=[waiting.public_id])
    before = browser.get(url)
    assert "Not inspected yet" in before.content.decode()
    assert not any(point.is_ticked for point in before.context["checklist"])
    findings = [make_finding("fail"), make_finding(item="colour")]
    record_inspection(render=waiting, findings=findings, uncertainty=0.5)
    after = browser.get(url)
    ticked = [point.code for point in after.context["checklist"] if point.is_ticked]
    assert ticked == ["colour"]
    assert "The old background shows" in after.content.decode()


def test_the_seller_gets_reasons_region_and_fixes(
    waiting: Render, reviewer: Actor, ann: Membership, signed_in: SignIn
) -> None:
    sent_back(reviewer, waiting, region=[10, 20, 110, 120], note="At the cap")
    answer = signed_in(ann).get(f"/api/v1/renders/{waiting.public_id}").json()["review"]
    assert answer == {
        "state": "returned",
        "reasons": ["halo", "shadow"],
        "reason_labels": [
            "Halo or rest of the old background",
            "Shadow missing or from the wrong side",
        ],
        "note": "At the cap",
        "region": [10, 20, 110, 120],
        "fixes": ["recut", "shadow"],
        "due_at": None,
        "channels": [],
    }


def test_the_export_cannot_smuggle_a_formula(
    seller: Actor, reviewer: Actor, run_work: RunWork, carol: Membership, signed_in: SignIn
) -> None:
    (render,) = make_waiting(seller, run_work, count=1)
    product = render.photo.product
    product.title = '=HYPERLINK("x")'
    product.save()
    sent_back(reviewer, render, looked_ms=4000)
    browser = signed_in(carol)
    text = browser.get(reverse("review:export", args=["csv"])).content.decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["product"] == """'=HYPERLINK("x")"""
    assert (row["reasons"], row["looked_ms"]) == ("halo shadow", "4000")
    exported = json.loads(browser.get(reverse("review:export", args=["json"])).content)
    assert exported["decisions"][0]["product"] == '=HYPERLINK("x")'


def test_the_figures_count_people_styles_and_agreement(
    seller: Actor, reviewer: Actor, alex: Membership, run_work: RunWork
) -> None:
    first, second = make_waiting(seller, run_work, count=2)
    admin = make_colleague("kim", Role.ADMIN)
    save_policy(
        actor=admin,
        approvals_needed=1,
        second_opinion_percent=100,
        due_hours=24,
        aql="",
        auto_styles=[],
    )
    sent_back(reviewer, first, looked_ms=3000)
    decide(actor=admin, render=first, verdict="approve", seen_sha256=first.result_sha256)
    decide(
        actor=reviewer,
        render=second,
        verdict="approve",
        seen_sha256=second.result_sha256,
        looked_ms=5000,
    )
    figures = figures_of(reviewer)
    carol = next(each for each in figures.reviewers if each.name == "Carol")
    assert (carol.decided, carol.sent_back_percent, carol.median_look_s) == (2, 50, 4)
    (style,) = figures.styles
    assert (style.decided, style.sent_back, style.major, style.minor) == (2, 1, 1, 1)
    assert (figures.agreement.compared, figures.agreement.agreed) == (1, 0)
    other = make_colleague("lee", Role.REVIEWER)
    assert len(figures_of(other).reviewers) == 2


def test_a_stranger_s_figures_are_empty(waiting: Render, reviewer: Actor, stranger: Actor) -> None:
    sent_back(reviewer, waiting)
    make_product(stranger)
    assert figures_of(stranger).styles == []
