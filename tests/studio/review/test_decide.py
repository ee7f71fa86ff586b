"""Deciding: four eyes, exact bytes, once."""

from collections.abc import Callable

import pytest

from studio.accounts.models import Membership, Role
from studio.accounts.selectors import Actor, actor_of
from studio.core.errors import Conflict, Invalid, NotAllowed, NotFound
from studio.renders.models import Render
from studio.review.models import Decision
from studio.review.selectors import awaiting_count, results_awaiting_review
from studio.review.services import decide
from tests import factories

RunWork = Callable[[], int]


@pytest.fixture
def submitted(seller: Actor, run_work: RunWork) -> Render:
    return factories.make_submitted_render(seller, run_work)


def approve(actor: Actor, render: Render, **extra: object) -> Decision:
    return decide(
        actor=actor,
        render=render,
        verdict="approve",
        seen_sha256=render.result_sha256,
        **extra,  # type: ignore[arg-type]
    )


def test_a_reviewer_sees_and_approves_what_was_submitted(
    reviewer: Actor, submitted: Render
) -> None:
    assert results_awaiting_review(reviewer) == [submitted]
    decision = approve(reviewer, submitted, checklist={"edges": True})
    assert decision.seen_sha256 == submitted.result_sha256
    assert (results_awaiting_review(reviewer), awaiting_count(reviewer)) == ([], 0)


def test_nobody_decides_about_their_own_picture(
    ann: Membership, submitted: Render, run_work: RunWork
) -> None:
    ann.role = Role.ADMIN
    ann.save()
    owner = actor_of(ann)
    assert results_awaiting_review(owner) == []
    with pytest.raises(NotAllowed, match="Somebody else"):
        approve(owner, submitted)


def test_a_seller_cannot_decide(bob: Membership, submitted: Render) -> None:
    with pytest.raises(NotAllowed):
        approve(actor_of(bob), submitted)


def test_a_stranger_finds_nothing_to_decide(stranger: Actor, submitted: Render) -> None:
    with pytest.raises(NotFound):
        approve(stranger, submitted)


def test_a_picture_is_decided_once(reviewer: Actor, submitted: Render) -> None:
    approve(reviewer, submitted)
    with pytest.raises(Conflict, match="already"):
        approve(reviewer, submitted)
    assert Decision.objects.count() == 1


def test_only_the_bytes_that_were_seen_can_be_approved(reviewer: Actor, submitted: Render) -> None:
    with pytest.raises(Conflict, match="Reload"):
        decide(actor=reviewer, render=submitted, verdict="approve", seen_sha256="0" * 64)


def test_a_picture_that_was_not_submitted_is_not_in_review(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    render = factories.make_finished_render(seller, run_work)
    with pytest.raises(NotFound):
        approve(reviewer, render)


@pytest.mark.parametrize("verdict", ["return", "reject"])
def test_sending_back_needs_a_reason(reviewer: Actor, submitted: Render, verdict: str) -> None:
    sha256 = submitted.result_sha256
    with pytest.raises(Invalid, match="Say why"):
        decide(actor=reviewer, render=submitted, verdict=verdict, seen_sha256=sha256)
    decision = decide(
        actor=reviewer,
        render=submitted,
        verdict=verdict,
        reasons=["halo"],
        note=" at the cap ",
        seen_sha256=sha256,
    )
    assert (decision.reasons, decision.note) == (["halo"], "at the cap")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "return", "reasons": ["no-such-reason"]}, "reasons"),
        ({"verdict": "approve", "checklist": {"no-such-point": True}}, "checklist"),
        ({"verdict": "approve", "note": "x" * 2001}, "note"),
    ],
)
def test_nonsense_is_refused_and_named(
    reviewer: Actor, submitted: Render, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        decide(
            actor=reviewer,
            render=submitted,
            seen_sha256=submitted.result_sha256,
            **wrong,  # type: ignore[arg-type]
        )
    assert caught.value.field == field
    assert not Decision.objects.exists()
