"""Asking for pictures: found, joined, superseded, refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.requests import Tier
from studio.accounts.models import Membership
from studio.accounts.selectors import Actor, actor_of
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.core.work import State
from studio.renders.models import Render
from studio.renders.services import (
    RenderOrder,
    order_render,
    purge_transient,
    request_tiles,
    retry_render,
    submit_batch,
    submit_for_review,
)
from tests import factories

RunWork = Callable[[], int]


@pytest.fixture
def order(seller: Actor, styles: int) -> RenderOrder:
    photo = factories.make_photo(seller)
    return RenderOrder(photo=photo, style="pure-white", longest_side_px=256)


def test_the_same_look_twice_is_one_render(seller: Actor, order: RenderOrder) -> None:
    first, is_new = order_render(actor=seller, order=order)
    second, is_new_again = order_render(actor=seller, order=order)
    assert (is_new, is_new_again) == (True, False)
    assert first.pk == second.pk


def test_a_finished_look_is_given_at_once(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    order_render(actor=seller, order=order)
    run_work()
    again, is_new = order_render(actor=seller, order=order)
    assert (again.state, is_new) == (State.FINISHED, False)


def test_another_copy_of_the_photo_takes_over_the_finished_result(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    first, _ = order_render(actor=seller, order=order)
    run_work()
    copy = factories.make_photo(seller, product=factories.make_product(seller, title="Again"))
    run_work()
    second, is_new = order_render(actor=seller, order=replace(order, photo=copy))
    first.refresh_from_db()
    assert not is_new
    assert second.was_cached
    assert (second.result_sha256, second.pk != first.pk) == (first.result_sha256, True)


def test_nothing_is_taken_over_from_another_workspace(
    seller: Actor, stranger: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    order_render(actor=seller, order=order)
    run_work()
    theirs = factories.make_photo(stranger)
    render, is_new = order_render(actor=stranger, order=replace(order, photo=theirs))
    assert is_new
    assert render.state == State.QUEUED


def test_an_idempotency_key_gives_the_same_render(seller: Actor, order: RenderOrder) -> None:
    keyed = replace(order, idempotency_key="order-1")
    first, _ = order_render(actor=seller, order=keyed)
    second, _ = order_render(actor=seller, order=keyed)
    assert first.pk == second.pk


def test_an_idempotency_key_cannot_be_used_for_something_else(
    seller: Actor, order: RenderOrder
) -> None:
    order_render(actor=seller, order=replace(order, idempotency_key="order-1"))
    other = replace(order, idempotency_key="order-1", longest_side_px=512)
    with pytest.raises(Conflict, match="different request"):
        order_render(actor=seller, order=other)


def test_a_new_preview_cancels_the_one_it_supersedes(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    run_work()
    preview = replace(order, tier=Tier.PREVIEW)
    first, _ = order_render(actor=seller, order=preview)
    changed = replace(preview, params={"scale": 80.0}, supersedes=str(first.public_id))
    order_render(actor=seller, order=changed)
    first.refresh_from_db()
    assert first.state == State.CANCELLED


def test_a_full_quality_render_is_never_superseded(seller: Actor, order: RenderOrder) -> None:
    final, _ = order_render(actor=seller, order=order)
    preview = replace(order, tier=Tier.PREVIEW, supersedes=str(final.public_id))
    order_render(actor=seller, order=preview)
    final.refresh_from_db()
    assert final.state == State.QUEUED


def test_the_preview_of_a_colleague_is_not_superseded(
    seller: Actor, bob: Membership, order: RenderOrder
) -> None:
    mine, _ = order_render(actor=seller, order=replace(order, tier=Tier.PREVIEW))
    theirs = replace(order, tier=Tier.THUMB, supersedes=str(mine.public_id))
    order_render(actor=actor_of(bob), order=theirs)
    mine.refresh_from_db()
    assert mine.state == State.QUEUED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"style": "no-such-style"}, "style"),
        ({"params": {"no_such_parameter": 1.0}}, "params.no_such_parameter"),
        ({"params": {"scale": 9000.0}}, "params.scale"),
        ({"longest_side_px": 5000}, "output.size"),
        ({"longest_side_px": 10}, "output.size"),
        ({"aspect": "7:13"}, "output.aspect"),
    ],
)
def test_what_cannot_be_made_is_refused_and_named(
    seller: Actor, order: RenderOrder, change: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        order_render(actor=seller, order=replace(order, **change))  # type: ignore[arg-type]
    assert caught.value.field == field
    assert str(caught.value).endswith(".")


def test_a_reviewer_cannot_order_a_render(reviewer: Actor, order: RenderOrder) -> None:
    with pytest.raises(NotAllowed):
        order_render(actor=reviewer, order=order)


def test_there_is_a_tile_for_every_style(
    seller: Actor, order: RenderOrder, run_work: RunWork, styles: int
) -> None:
    run_work()
    tiles = request_tiles(actor=seller, photo=order.photo)
    # The one for a seller's own places shows nothing without a place.
    assert len(tiles) == styles - 1 > 2
    run_work()
    assert Render.objects.filter(tier=Tier.THUMB, state=State.FINISHED).count() == styles - 1


def test_a_batch_holds_a_render_for_each_photo(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    photos = [order.photo, factories.make_photo(seller, colour="#2040b0")]
    batch, renders = submit_batch(actor=seller, photos=[*photos, photos[0]], order=order)
    run_work()
    assert len(renders) == batch.renders.filter(state=State.FINISHED).count() == 2


def test_only_a_finished_full_quality_picture_can_be_submitted(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    render, _ = order_render(actor=seller, order=order)
    with pytest.raises(Conflict, match="finished"):
        submit_for_review(actor=seller, render=render)
    run_work()
    render.refresh_from_db()
    submit_for_review(actor=seller, render=render)
    with pytest.raises(Conflict, match="before"):
        submit_for_review(actor=seller, render=render)


def test_a_picture_is_sent_with_a_deadline_and_its_channels(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    render = factories.make_finished_render(seller, run_work, photo=order.photo)
    due = timezone.now() + timedelta(hours=3)
    sent = submit_for_review(
        actor=seller, render=render, due_at=due, channels=["etsy", "amazon", "etsy"]
    )
    assert (sent.due_at, sent.channels) == (due, ["amazon", "etsy"])


def test_a_wrong_deadline_or_channel_sends_nothing(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    render = factories.make_finished_render(seller, run_work, photo=order.photo)
    now = timezone.now()
    for late in (now - timedelta(minutes=1), now + timedelta(days=400)):
        with pytest.raises(Invalid, match="within a year"):
            submit_for_review(actor=seller, render=render, due_at=late)
    with pytest.raises(Invalid, match="no channel called “myspace”"):
        submit_for_review(actor=seller, render=render, channels=["amazon", "myspace"])
    render.refresh_from_db()
    assert render.submitted_at is None


def test_a_cancelled_render_can_be_tried_again(
    seller: Actor, order: RenderOrder, run_work: RunWork
) -> None:
    render, _ = order_render(actor=seller, order=order)
    Render.objects.filter(pk=render.pk).update(state=State.CANCELLED)
    again = retry_render(actor=seller, render=render)
    assert again.state == State.QUEUED
    run_work()
    render.refresh_from_db()
    assert render.state == State.FINISHED
    with pytest.raises(Conflict):
        retry_render(actor=seller, render=render)


def test_old_previews_are_purged_and_results_kept(
    seller: Actor, order: RenderOrder, run_work: RunWork, settings: object
) -> None:
    order_render(actor=seller, order=order)
    order_render(actor=seller, order=replace(order, tier=Tier.PREVIEW))
    run_work()
    assert purge_transient() == 0
    Render.objects.update(finished_at="2020-01-01T00:00:00Z")
    assert purge_transient() == 1
    assert list(Render.objects.values_list("tier", flat=True)) == [Tier.FINAL]
