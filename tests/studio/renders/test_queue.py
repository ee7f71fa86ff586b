"""The row is the queue: claims, leases, fences, retries."""

import errno
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.errors import EngineDied, PhotoUnreadable
from inference.requests import Tier
from inference.testing import FakeEngine
from studio.accounts.selectors import Actor
from studio.core import storage
from studio.core.work import MAX_ATTEMPTS, Priority, State
from studio.renders.models import Render
from studio.renders.services import (
    RenderOrder,
    cancel_render,
    order_render,
    recover_work,
    run_waiting_work,
)
from studio.renders.services import run as run_module
from tests import factories

RunWork = Callable[[], int]


@pytest.fixture
def queued(seller: Actor, run_work: RunWork) -> Render:
    """A queued full-quality render whose photo is cut out."""
    photo = factories.make_photo(seller)
    run_work()
    order = RenderOrder(photo=photo, style="pure-white", longest_side_px=256)
    return order_render(actor=seller, order=order)[0]


def use_engine(monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> None:
    monkeypatch.setattr(run_module, "engine", lambda: engine)


def test_two_workers_cannot_claim_the_same_row(queued: Render) -> None:
    rival = Render.objects.get(pk=queued.pk)
    assert queued.claim(lease_s=30)
    assert not rival.claim(lease_s=30)


def test_a_row_whose_lease_ran_out_can_be_claimed_again(queued: Render) -> None:
    assert queued.claim(lease_s=30)
    Render.objects.filter(pk=queued.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    successor = Render.objects.get(pk=queued.pk)
    assert successor.claim(lease_s=30)
    assert successor.attempt == 2


def test_a_late_writer_is_rejected_by_the_fence(queued: Render) -> None:
    queued.claim(lease_s=-1)
    successor = Render.objects.get(pk=queued.pk)
    successor.claim(lease_s=30)
    assert not queued.end(State.FAILED, error_message="late")
    assert successor.end(State.FINISHED)
    assert Render.objects.get(pk=queued.pk).state == State.FINISHED


def test_urgent_work_is_done_first(seller: Actor, run_work: RunWork) -> None:
    photo = factories.make_photo(seller)
    run_work()
    bulk = RenderOrder(photo=photo, style="pure-white", tier=Tier.THUMB, priority=Priority.BULK)
    urgent = RenderOrder(
        photo=photo, style="pure-white", tier=Tier.PREVIEW, priority=Priority.INTERACTIVE
    )
    first, _ = order_render(actor=seller, order=bulk)
    second, _ = order_render(actor=seller, order=urgent)
    run_waiting_work()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.started_at
    assert second.started_at
    assert second.started_at < first.started_at


def test_a_render_waits_for_its_cutout(seller: Actor, styles: int) -> None:
    photo = factories.make_photo(seller)
    order = RenderOrder(photo=photo, style="pure-white", longest_side_px=256)
    render, _ = order_render(actor=seller, order=order)
    assert run_waiting_work() == 2
    render.refresh_from_db()
    assert render.state == State.FINISHED
    assert render.cutout.finished_at
    assert render.finished_at
    assert render.cutout.finished_at < render.finished_at


def test_an_engine_that_dies_costs_one_attempt(
    queued: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = FakeEngine(fail_with={"save": EngineDied("gone")})
    real = FakeEngine()
    engines = iter([dying, real])
    monkeypatch.setattr(run_module, "engine", lambda: next(engines))
    run_waiting_work()
    queued.refresh_from_db()
    assert queued.state == State.FINISHED
    assert queued.attempt == 2


def test_an_engine_that_always_dies_fails_the_render_with_a_sentence(
    queued: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_engine(monkeypatch, FakeEngine(fail_with={"save": EngineDied("gone")}))
    run_waiting_work()
    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.attempt == MAX_ATTEMPTS
    assert queued.error_message == "The engine stopped several times while working on this."


def test_an_error_of_the_photo_is_not_tried_again(
    queued: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_engine(monkeypatch, FakeEngine(fail_with={"save": PhotoUnreadable("It is torn.")}))
    run_waiting_work()
    queued.refresh_from_db()
    assert (queued.state, queued.attempt, queued.error_message) == (
        State.FAILED,
        1,
        "It is torn.",
    )


def test_an_unexpected_error_fails_the_render_without_telling_its_details(
    queued: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode() -> FakeEngine:
        raise RuntimeError("secret path /etc/shadow")

    monkeypatch.setattr(run_module, "engine", explode)
    run_waiting_work()
    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert "secret" not in queued.error_message


def test_a_waiting_render_is_cancelled_at_once(seller: Actor, queued: Render) -> None:
    cancelled = cancel_render(actor=seller, render=queued)
    assert cancelled.state == State.CANCELLED
    assert run_waiting_work() == 0


def test_a_cancel_request_stops_a_running_render(
    seller: Actor, queued: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CancellingEngine(FakeEngine):
        def render(self, request, *, on_event, is_cancelled):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            cancel_render(actor=seller, render=queued)
            return super().render(request, on_event=on_event, is_cancelled=is_cancelled)

    use_engine(monkeypatch, CancellingEngine())
    run_waiting_work()
    queued.refresh_from_db()
    assert queued.state == State.CANCELLED
    assert queued.result_key == ""


def test_the_reaper_rings_for_work_that_waits_too_long(
    queued: Render, sent_tasks: list[str]
) -> None:
    sent_tasks.clear()
    assert recover_work() == 0
    Render.objects.filter(pk=queued.pk).update(queued_at=timezone.now() - timedelta(seconds=30))
    assert recover_work() == 1
    assert sent_tasks == ["renders.run_waiting_work"]


def test_a_failed_cutout_fails_what_waits_for_it(
    seller: Actor, styles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.catalog.services import cutouts

    photo = factories.make_photo(seller)
    order = RenderOrder(photo=photo, style="pure-white", longest_side_px=256)
    render, _ = order_render(actor=seller, order=order)
    broken = FakeEngine(fail_with={"segment": PhotoUnreadable("It is torn.")})
    monkeypatch.setattr(cutouts, "engine", lambda: broken)
    run_waiting_work()
    render.refresh_from_db()
    assert render.state == State.FAILED
    assert render.error_message == "The photo could not be cut out: It is torn."


def test_a_full_disk_fails_the_render_with_its_reason_and_loses_nothing(
    queued: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", no_space)
    run_waiting_work()
    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.error_message.startswith("The disk is full")
    assert storage.read_bytes(queued.photo.original_key)
