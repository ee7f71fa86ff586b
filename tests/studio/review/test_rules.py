"""Two approvals, second opinions, undo, samples, auto-approval, changes after approval."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from studio.accounts.models import Membership, Role
from studio.accounts.selectors import Actor, actor_of
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.publishing.services import publish
from studio.renders.models import Batch, Render
from studio.review.acceptance import AQLS, sampling_plan
from studio.review.models import Decision, Lot
from studio.review.selectors import results_awaiting_review
from studio.review.services import (
    approve_by_rule,
    approve_in_bulk,
    decide,
    draw_lot,
    record_inspection,
    require_approval,
    save_policy,
    undo_decision,
)
from tests.factories import make_colleague, make_finding, make_waiting

RunWork = Callable[[], int]
RULES: dict[str, object] = {
    "approvals_needed": 1,
    "second_opinion_percent": 0,
    "due_hours": 24,
    "aql": "",
    "auto_styles": [],
}


@pytest.fixture
def robin(carol: Membership) -> Actor:
    return make_colleague("robin", Role.REVIEWER)


@pytest.fixture
def admin(carol: Membership) -> Actor:
    return make_colleague("alex", Role.ADMIN)


@pytest.fixture
def waiting(seller: Actor, run_work: RunWork) -> Render:
    return make_waiting(seller, run_work, count=1)[0]


def set_rules(admin: Actor, **changed: object) -> None:
    save_policy(actor=admin, **{**RULES, **changed})  # type: ignore[arg-type]


def say(actor: Actor, render: Render, verdict: str = "approve", *reasons: str) -> Decision:
    sha256 = render.result_sha256
    return decide(actor=actor, render=render, verdict=verdict, reasons=reasons, seen_sha256=sha256)


def standing(render: Render) -> str:
    found = Decision.objects.filter(standing_for=render).first()
    return found.verdict if found else ""


# --- two approvals -------------------------------------------------------------------------


def test_where_two_approvals_are_needed_one_does_not_stand(
    admin: Actor, reviewer: Actor, robin: Actor, waiting: Render
) -> None:
    set_rules(admin, approvals_needed=2)
    say(reviewer, waiting)
    assert standing(waiting) == ""
    assert results_awaiting_review(reviewer) == []
    with pytest.raises(Conflict, match="already"):
        say(reviewer, waiting)
    say(robin, waiting)
    assert standing(waiting) == "approve"


def test_one_return_is_enough_where_two_approvals_are_needed(
    admin: Actor, reviewer: Actor, robin: Actor, waiting: Render
) -> None:
    set_rules(admin, approvals_needed=2)
    say(reviewer, waiting)
    say(robin, waiting, "return", "halo")
    assert standing(waiting) == "return"


# --- undo ----------------------------------------------------------------------------------


def test_undo_is_a_new_decision_and_the_picture_waits_again(
    reviewer: Actor, waiting: Render
) -> None:
    first = say(reviewer, waiting)
    undo = undo_decision(actor=reviewer, decision=first)
    assert (undo.verdict, undo.voids, standing(waiting)) == ("undo", first, "")
    assert results_awaiting_review(reviewer) == [waiting]
    say(reviewer, waiting, "return", "shadow")
    assert (Decision.objects.count(), standing(waiting)) == (3, "return")


def test_a_decision_is_undone_once_by_its_reviewer_or_an_admin(
    reviewer: Actor, robin: Actor, admin: Actor, seller: Actor, waiting: Render
) -> None:
    decision = say(reviewer, waiting)
    for stranger_to_it in (robin, seller):
        with pytest.raises(NotAllowed):
            undo_decision(actor=stranger_to_it, decision=decision)
    undo_decision(actor=admin, decision=decision)
    with pytest.raises(Conflict, match="before"):
        undo_decision(actor=reviewer, decision=decision)


def test_the_approval_of_a_published_picture_cannot_be_undone(
    reviewer: Actor, seller: Actor, waiting: Render
) -> None:
    decision = say(reviewer, waiting)
    publish(actor=seller, render=Render.objects.get(pk=waiting.pk))
    with pytest.raises(Conflict, match="Withdraw"):
        undo_decision(actor=reviewer, decision=decision)


def test_decisions_cannot_be_rewritten(reviewer: Actor, waiting: Render) -> None:
    say(reviewer, waiting)
    with pytest.raises(TypeError, match="append-only"):
        Decision.objects.update(verdict="reject")
    with pytest.raises(TypeError, match="append-only"):
        Decision.objects.all().delete()


# --- second opinions -----------------------------------------------------------------------


def test_a_share_of_pictures_is_given_to_a_second_reviewer(
    admin: Actor, reviewer: Actor, robin: Actor, waiting: Render
) -> None:
    set_rules(admin, second_opinion_percent=100)
    say(reviewer, waiting)
    assert standing(waiting) == "approve", "the first stands"
    assert results_awaiting_review(reviewer) == []
    assert results_awaiting_review(robin) == [waiting]
    second = say(robin, waiting, "return", "halo")
    assert (second.is_second_opinion, standing(waiting)) == (True, "approve")
    assert results_awaiting_review(admin) == []
    with pytest.raises(Conflict, match="already"):
        say(admin, waiting)


# --- changes after approval ----------------------------------------------------------------


def test_bytes_that_change_after_approval_cancel_it(reviewer: Actor, waiting: Render) -> None:
    say(reviewer, waiting)
    approved = Render.objects.get(pk=waiting.pk)
    assert require_approval(actor=reviewer, render=approved).verdict == "approve"
    Path(default_storage.path(waiting.result_key)).unlink()
    default_storage.save(waiting.result_key, ContentFile(b"other bytes"))
    with pytest.raises(Conflict, match="unapproved"):
        require_approval(actor=reviewer, render=approved)
    assert standing(waiting) == ""
    assert Decision.objects.get(verdict="undo").basis == "bytes"


# --- bulk and auto-approval ----------------------------------------------------------------


def test_only_pictures_whose_every_check_passed_are_approved_in_bulk(
    reviewer: Actor, seller: Actor, run_work: RunWork
) -> None:
    clean, warned, _unchecked = make_waiting(seller, run_work, count=3)
    record_inspection(render=clean, findings=[make_finding()], uncertainty=0.1)
    findings = [make_finding(), make_finding("warn", item="light")]
    record_inspection(render=warned, findings=findings, uncertainty=0.1)
    seen = [(each, each.result_sha256) for each in results_awaiting_review(reviewer)]
    done, refused = approve_in_bulk(actor=reviewer, seen=seen)
    assert ([each.render for each in done], len(refused)) == ([clean], 2)
    assert done[0].basis == "bulk"


def test_auto_approval_is_off_until_an_admin_names_a_style(admin: Actor, waiting: Render) -> None:
    record_inspection(render=waiting, findings=[make_finding()], uncertainty=0.0)
    assert approve_by_rule() == []
    set_rules(admin, auto_styles=["studio-sweep"])
    assert approve_by_rule() == []
    set_rules(admin, auto_styles=["pure-white"])
    (decision,) = approve_by_rule()
    assert (decision.basis, decision.reviewer) == ("rule", admin.user)


@pytest.mark.parametrize("verdict", ["warn", "fail", "hold", "unchecked", "missing"])
def test_auto_approval_needs_every_check_to_have_passed(
    admin: Actor, waiting: Render, verdict: str
) -> None:
    set_rules(admin, auto_styles=["pure-white"])
    findings = [make_finding(), make_finding(verdict, item="policy")]
    findings = [] if verdict == "missing" else findings
    record_inspection(render=waiting, findings=findings, uncertainty=0.0)
    assert approve_by_rule() == []


def test_nobody_approves_their_own_picture_by_rule(
    ann: Membership, waiting: Render, seller: Actor
) -> None:
    ann.role = Role.ADMIN
    ann.save()
    set_rules(actor_of(ann), auto_styles=["pure-white"])
    record_inspection(render=waiting, findings=[make_finding()], uncertainty=0.0)
    assert approve_by_rule() == []


def test_only_admins_change_the_rules(reviewer: Actor, seller: Actor, admin: Actor) -> None:
    for other in (reviewer, seller):
        with pytest.raises(NotAllowed):
            set_rules(other)
    for wrong in ({"approvals_needed": 3}, {"aql": "9"}, {"auto_styles": ["x"]}, {"due_hours": 0}):
        with pytest.raises(Invalid):
            set_rules(admin, **wrong)


# --- samples -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lot_size", "aql", "plan"),
    [
        (5_000, "2.5", ("L", 200, 10, 11)),
        (5_000, "4.0", ("L", 200, 14, 15)),
        (500, "1.0", ("H", 50, 1, 2)),
        (1_200, "0.65", ("J", 80, 1, 2)),
        # An arrow up: letter D at 2.5 takes C's plan; an arrow down: E takes F's.
        (50, "2.5", ("C", 5, 0, 1)),
        (90, "2.5", ("F", 20, 1, 2)),
        (2, "6.5", ("A", 2, 0, 1)),
        # The plan's sample is larger than the lot: all of it.
        (20, "0.25", ("H", 20, 0, 1)),
        (1_000_000, "6.5", ("L", 200, 21, 22)),
    ],
)
def test_the_plan_is_the_standard_s(
    lot_size: int, aql: str, plan: tuple[str, int, int, int]
) -> None:
    found = sampling_plan(lot_size=lot_size, aql=aql)
    assert (found.letter, found.sample_size, found.accept, found.reject) == plan


def test_a_larger_lot_never_has_a_looser_plan() -> None:
    sizes = (2, 8, 9, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_001)
    looked_at = 0
    for aql in AQLS:
        plans = [sampling_plan(lot_size=size, aql=aql) for size in sizes]
        for smaller, larger in itertools.pairwise(plans):
            looked_at += 1
            assert larger.accept >= smaller.accept
    assert looked_at == len(AQLS) * (len(sizes) - 1)


@pytest.fixture
def batch(seller: Actor, run_work: RunWork) -> Batch:
    """Nine pictures, all waiting: letter B; at AQL 4.0 three are drawn and none may be bad."""
    renders = make_waiting(seller, run_work, count=9)
    made = Batch.objects.create(
        workspace=seller.workspace, style=renders[0].style, created_by=seller.user
    )
    made.renders.set(renders)
    return made


def test_a_good_sample_accepts_the_batch(admin: Actor, reviewer: Actor, batch: Batch) -> None:
    with pytest.raises(Conflict, match="Sampling is off"):
        draw_lot(actor=reviewer, batch=batch)
    set_rules(admin, aql="4.0")
    lot = draw_lot(actor=reviewer, batch=batch, seed=7)
    drawn = results_awaiting_review(reviewer)
    assert (lot.letter, len(drawn), lot.items.count()) == ("B", 3, 9)
    with pytest.raises(Conflict, match="already"):
        draw_lot(actor=reviewer, batch=batch)
    for render in drawn:
        say(reviewer, render)
    lot.refresh_from_db()
    assert lot.state == Lot.State.ACCEPTED
    assert Decision.objects.filter(basis="sample", standing_for__isnull=False).count() == 6


def test_the_same_seed_draws_the_same_sample(admin: Actor, reviewer: Actor, batch: Batch) -> None:
    set_rules(admin, aql="4.0")

    def draw(seed: int) -> set[int]:
        lot = draw_lot(actor=reviewer, batch=batch, seed=seed)
        drawn = set(lot.items.filter(is_drawn=True).values_list("render", flat=True))
        lot.items.all().delete()
        lot.delete()
        return drawn

    first = draw(7)
    assert draw(7) == first
    assert any(draw(seed) != first for seed in range(8, 12))


def test_a_bad_sample_sends_the_rest_to_be_looked_at(
    admin: Actor, reviewer: Actor, batch: Batch
) -> None:
    set_rules(admin, aql="4.0")
    lot = draw_lot(actor=reviewer, batch=batch, seed=7)
    say(reviewer, results_awaiting_review(reviewer)[0], "return", "halo")
    lot.refresh_from_db()
    assert lot.state == Lot.State.REJECTED
    assert len(results_awaiting_review(reviewer)) == 8
    assert not Decision.objects.filter(basis="sample").exists()


def test_an_accepted_sample_does_not_approve_what_a_check_failed(
    admin: Actor, reviewer: Actor, batch: Batch
) -> None:
    set_rules(admin, aql="4.0")
    lot = draw_lot(actor=reviewer, batch=batch, seed=7)
    failed = lot.items.filter(is_drawn=False)[0].render
    record_inspection(render=failed, findings=[make_finding("fail")], uncertainty=0.9)
    for render in results_awaiting_review(reviewer):
        say(reviewer, render)
    assert results_awaiting_review(reviewer) == [failed]


# --- inspections ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"item": "smell"},
        {"verdict": "maybe"},
        {"score": 1.5},
        {"score": float("nan")},
        {"region": [1, 2, 3]},
        {"region": [50, 0, 10, 10]},
        {"region": [0, 0, 99999, 10]},
    ],
)
def test_a_finding_of_another_form_is_refused(waiting: Render, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        record_inspection(render=waiting, findings=[make_finding() | wrong], uncertainty=0.5)


def test_the_worst_finding_is_the_outcome(waiting: Render) -> None:
    region = {"left": 1, "top": 2, "right": 30, "bottom": 40}
    findings = [make_finding(), make_finding("hold", item="policy") | {"region": region}]
    inspection = record_inspection(render=waiting, findings=findings, uncertainty=1.0)
    assert inspection.outcome == "hold"
    assert inspection.findings[1]["region"] == [1, 2, 30, 40]
