"""Thumbs before anybody asks: which, when, and who goes first when there is much to do."""

from collections.abc import Callable

import pytest

from inference.requests import Tier
from studio.accounts.selectors import Actor
from studio.catalog.services import add_strokes
from studio.core.work import Priority, State
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render, recover_work, request_tiles
from studio.renders.services.prefetch import most_used_styles
from studio.styles.selectors import available_styles
from tests import factories
from tests.studio.catalog.test_corrections import ERASE

RunWork = Callable[[], int]


@pytest.fixture(autouse=True)
def prefetching(settings: object, _own_files: None) -> None:
    configuration = settings.CONFIGURATION  # type: ignore[attr-defined]
    settings.CONFIGURATION = configuration.model_copy(update={"prefetch_styles": 3})  # type: ignore[attr-defined]


def guessed() -> list[Render]:
    return list(Render.objects.filter(is_speculative=True).order_by("pk"))


def test_a_new_photo_has_thumbs_before_its_page_is_opened(seller: Actor, run_work: RunWork) -> None:
    photo = factories.make_photo(seller)
    run_work()
    thumbs = guessed()
    assert [thumb.style.slug for thumb in thumbs] == [s.slug for s in available_styles()][:3]
    assert {(t.tier, t.priority, t.state) for t in thumbs} == {
        (Tier.THUMB, Priority.BULK, State.FINISHED)
    }
    tiles = request_tiles(actor=seller, photo=photo)
    assert [tile.pk for tile in tiles[:3]] == [thumb.pk for thumb in thumbs]
    assert all(tile.state == State.FINISHED for tile in tiles[:3]), "they are there at once"


def test_the_styles_that_the_workspace_uses_most_come_first(
    seller: Actor, stranger: Actor, run_work: RunWork
) -> None:
    slugs = [style.slug for style in available_styles()]
    photo = factories.make_photo(seller)
    for slug, size in ((slugs[5], 128), (slugs[5], 256), (slugs[4], 128)):
        order_render(actor=seller, order=RenderOrder(photo=photo, style=slug, longest_side_px=size))
    assert most_used_styles(seller.workspace) == [slugs[5], slugs[4], slugs[0]]
    assert most_used_styles(stranger.workspace) == slugs[:3]


def test_nothing_is_guessed_while_the_queue_is_busy(seller: Actor, run_work: RunWork) -> None:
    photo = factories.make_photo(seller)
    for size in (128, 160, 192, 224):
        order = RenderOrder(photo=photo, style="pure-white", longest_side_px=size)
        order_render(actor=seller, order=order)
    run_work()
    assert guessed() == []


@pytest.mark.parametrize("by", ["a worker", "the reaper"])
def test_guesses_are_dropped_first_when_the_queue_gets_busy(
    by: str, seller: Actor, run_work: RunWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = factories.make_photo(seller)
    run_work()
    slug = available_styles()[6].slug
    guess, _ = order_render(
        actor=seller,
        order=RenderOrder(
            photo=photo,
            style=slug,
            tier=Tier.THUMB,
            priority=Priority.BULK,
            is_speculative=True,
        ),
    )
    wanted = [
        order_render(
            actor=seller,
            order=RenderOrder(photo=photo, style="pure-white", longest_side_px=size),
        )[0]
        for size in (128, 160, 192, 224)
    ]
    if by == "a worker":
        run_work()
    else:
        recover_work()
    guess.refresh_from_db()
    assert guess.state == State.CANCELLED
    run_work()
    states = Render.objects.filter(pk__in=[each.pk for each in wanted]).values_list("state")
    assert set(states) == {(State.FINISHED,)}
    assert order_render(actor=seller, order=RenderOrder(photo=photo, style=slug, tier=Tier.THUMB))[
        1
    ], "whoever asks now gets it"


def test_a_guess_that_somebody_asks_for_is_as_urgent_as_they_are(
    seller: Actor, run_work: RunWork
) -> None:
    photo = factories.make_photo(seller)
    run_work()
    order = RenderOrder(photo=photo, style=available_styles()[6].slug, tier=Tier.THUMB)
    guess, _ = order_render(
        actor=seller,
        order=RenderOrder(
            photo=photo,
            style=order.style,
            tier=Tier.THUMB,
            priority=Priority.BULK,
            is_speculative=True,
        ),
    )
    asked, is_new = order_render(actor=seller, order=order)
    assert (asked.pk, is_new) == (guess.pk, False)
    guess.refresh_from_db()
    assert (guess.priority, guess.is_speculative) == (Priority.INTERACTIVE, False)


def test_no_thumbs_are_guessed_of_an_outline_that_is_being_corrected(
    seller: Actor, run_work: RunWork
) -> None:
    photo = factories.make_photo(seller)
    run_work()
    before = len(guessed())
    add_strokes(actor=seller, photo=photo, strokes=[ERASE])
    run_work()
    assert len(guessed()) == before == 3
