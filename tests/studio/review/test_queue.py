"""The queue: what comes first, who has what in hand, filters, views and keys."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from studio.accounts.models import Membership, Role
from studio.accounts.selectors import Actor
from studio.core.errors import Conflict, Invalid, NotAllowed, NotFound
from studio.renders.models import Render
from studio.review.models import Claim, Decision
from studio.review.selectors import QueueFilter, keys_of, results_awaiting_review, saved_views
from studio.review.services import (
    claim,
    decide,
    delete_view,
    hold_items,
    record_inspection,
    save_keys,
    save_view,
)
from tests.factories import make_colleague, make_finding, make_waiting

RunWork = Callable[[], int]


@pytest.fixture
def robin(carol: Membership) -> Actor:
    """A second reviewer on the team."""
    return make_colleague("robin", Role.REVIEWER)


@pytest.fixture
def three(seller: Actor, run_work: RunWork) -> list[Render]:
    return make_waiting(seller, run_work, count=3)


def titles(actor: Actor, wanted: QueueFilter | None = None) -> list[str]:
    return [each.photo.product.title for each in results_awaiting_review(actor, wanted=wanted)]


def test_the_most_uncertain_comes_first_and_the_uninspected_counts_as_uncertain(
    reviewer: Actor, three: list[Render]
) -> None:
    record_inspection(render=three[0], findings=[make_finding()], uncertainty=0.1)
    record_inspection(render=three[1], findings=[make_finding("fail")], uncertainty=0.8)
    assert titles(reviewer) == ["Product 2", "Product 1", "Product 0"]


def test_at_the_same_uncertainty_what_is_due_first_comes_first_then_priority(
    reviewer: Actor, three: list[Render]
) -> None:
    now = timezone.now().replace(minute=30)
    Render.objects.filter(pk=three[0].pk).update(submitted_at=now, priority=2)
    Render.objects.filter(pk=three[1].pk).update(submitted_at=now + timedelta(minutes=5))
    Render.objects.filter(pk=three[2].pk).update(submitted_at=now - timedelta(hours=3), priority=2)
    assert titles(reviewer) == ["Product 2", "Product 1", "Product 0"]


def test_a_seller_s_own_deadline_counts_for_more_than_when_it_was_sent(
    reviewer: Actor, three: list[Render]
) -> None:
    soon = timezone.now() + timedelta(hours=2)
    Render.objects.filter(pk=three[2].pk).update(due_at=soon)
    Render.objects.filter(pk=three[0].pk).update(due_at=soon + timedelta(days=9))
    assert titles(reviewer) == ["Product 2", "Product 1", "Product 0"]
    record_inspection(render=three[0], findings=[make_finding()], uncertainty=0.9)
    for other in three[1:]:
        record_inspection(render=other, findings=[make_finding()], uncertainty=0.2)
    assert titles(reviewer) == ["Product 0", "Product 2", "Product 1"], "doubt comes first"


def test_what_somebody_has_in_hand_is_not_given_to_another(
    reviewer: Actor, robin: Actor, three: list[Render]
) -> None:
    assert claim(actor=reviewer, render=three[0])
    assert not claim(actor=robin, render=three[0])
    assert titles(robin) == ["Product 1", "Product 2"]
    with pytest.raises(Conflict, match="in hand"):
        decide(
            actor=robin,
            render=three[0],
            verdict="approve",
            seen_sha256=three[0].result_sha256,
        )


def test_a_lease_runs_out_and_can_be_renewed_before(
    reviewer: Actor, robin: Actor, three: list[Render]
) -> None:
    claim(actor=reviewer, render=three[0])
    assert claim(actor=reviewer, render=three[0]), "renewed"
    Claim.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claim(actor=robin, render=three[0])
    assert not claim(actor=reviewer, render=three[0])


def test_a_page_holds_its_picture_and_the_next_ones_and_gives_back_the_rest(
    reviewer: Actor, robin: Actor, seller: Actor, run_work: RunWork
) -> None:
    six = make_waiting(seller, run_work, count=6)
    ids = [str(each.public_id) for each in six]
    assert [str(each.public_id) for each in hold_items(actor=reviewer)] == ids[:4]
    assert [str(each.public_id) for each in hold_items(actor=robin)] == ids[4:]
    kept = hold_items(actor=reviewer, keep=[ids[2], ids[5]], skip=ids[:1], count=2)
    # The fifth and sixth are Robin's; a skipped one is not taken again.
    assert [str(each.public_id) for each in kept] == [ids[2], ids[1]]
    free = Claim.objects.filter(holder=reviewer.user).count()
    assert free == 2


def test_a_seller_holds_nothing(seller: Actor) -> None:
    with pytest.raises(NotAllowed):
        hold_items(actor=seller)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"style": "pure-white"}, 3),
        ({"style": "no-such-style"}, 0),
        ({"seller": "ann@example.com"}, 3),
        ({"seller": "bob@example.com"}, 0),
        ({"batch": "not a batch"}, 0),
        ({"checks": "problem"}, 1),
        ({"checks": "pass"}, 1),
        ({"checks": "none"}, 1),
        ({"returned": "1"}, 0),
        ({"nonsense": "x"}, 3),
    ],
)
def test_the_queue_can_be_filtered(
    reviewer: Actor, three: list[Render], wanted: dict[str, str], found: int
) -> None:
    record_inspection(render=three[0], findings=[make_finding("warn")], uncertainty=0.5)
    record_inspection(render=three[1], findings=[make_finding()], uncertainty=0.0)
    assert len(titles(reviewer, QueueFilter.from_query(wanted))) == found


def test_views_are_kept_for_their_owner(reviewer: Actor, robin: Actor, three: list[Render]) -> None:
    view = save_view(actor=reviewer, name=" Problems ", wanted=QueueFilter(checks="problem"))
    assert (saved_views(reviewer), saved_views(robin)) == ([view], [])
    with pytest.raises(NotFound):
        delete_view(actor=robin, public_id=view.public_id)
    delete_view(actor=reviewer, public_id=view.public_id)
    assert saved_views(reviewer) == []
    with pytest.raises(Invalid, match="Choose a filter"):
        save_view(actor=reviewer, name="Everything", wanted=QueueFilter())


def test_keys_are_changed_for_their_owner(reviewer: Actor, robin: Actor) -> None:
    save_keys(actor=reviewer, keys={"approve": "J"}, are_on=True)
    assert (keys_of(reviewer.user).keys["approve"], keys_of(robin.user).keys["approve"]) == (
        "j",
        "a",
    )


@pytest.mark.parametrize(
    "keys", [{"approve": "r"}, {"approve": "?"}, {"approve": ""}, {"fly": "f"}]
)
def test_keys_that_would_confuse_are_refused(reviewer: Actor, keys: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        save_keys(actor=reviewer, keys=keys, are_on=True)
    assert keys_of(reviewer.user).keys["approve"] == "a"


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_working_at_once_never_decide_the_same_picture(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    waiting = make_waiting(seller, run_work, count=12)
    people = [reviewer, make_colleague("robin", Role.REVIEWER)]
    decided = decide_at_once(people)
    assert sorted(decided) == sorted(each.pk for each in waiting), "each of them once"
    by = {each.render_id: each.reviewer_id for each in Decision.objects.all()}
    assert len(by) == Decision.objects.count() == len(waiting)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_about_one_picture_at_once_only_one_does(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    (render,) = make_waiting(seller, run_work, count=1)
    people = [reviewer, make_colleague("robin", Role.REVIEWER)]
    assert decide_one_at_once(people, render) == ["approved", "too late"]
    assert Decision.objects.count() == 1


def decide_one_at_once(people: list[Actor], render: Render) -> list[str]:
    """Everybody approves the same picture at the same moment; what came of it, sorted."""
    outcomes: list[str] = []
    start = threading.Barrier(len(people))

    def approve(actor: Actor) -> None:
        start.wait()
        try:
            sha256 = render.result_sha256
            decide(actor=actor, render=render, verdict="approve", seen_sha256=sha256)
            outcomes.append("approved")
        except Conflict:
            outcomes.append("too late")
        finally:
            connection.close()

    in_threads(approve, people)
    return sorted(outcomes)


def decide_at_once(people: list[Actor]) -> list[int]:
    """Everybody works through the queue at the same time, one held picture after another."""
    decided: list[int] = []
    start = threading.Barrier(len(people))

    def work(actor: Actor) -> None:
        start.wait()
        try:
            while held := hold_items(actor=actor, count=1):
                sha256 = held[0].result_sha256
                decide(actor=actor, render=held[0], verdict="approve", seen_sha256=sha256)
                decided.append(held[0].pk)
        finally:
            connection.close()

    in_threads(work, people)
    return decided


def in_threads(work: Callable[[Actor], None], people: list[Actor]) -> None:
    threads = [threading.Thread(target=work, args=[actor]) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
