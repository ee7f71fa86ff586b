"""The page on which a photo is enhanced, with forms alone, and what the studio shows of it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from studio.accounts.models import Membership
from studio.accounts.selectors import actor_of
from studio.catalog.models import Enhancement, Photo
from studio.catalog.services import (
    EnhancementOrder,
    keep_enhancement,
    order_enhancement,
    take_out_version,
)
from tests import factories

RunWork = Callable[[], int]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def photo(ann: Membership, run_work: RunWork) -> Photo:
    made = factories.make_photo(actor_of(ann))
    run_work()
    return made


@pytest.fixture
def version(ann: Membership, photo: Photo, run_work: RunWork) -> Photo:
    actor = actor_of(ann)
    order = EnhancementOrder({"exposure": 0.5})
    made = order_enhancement(actor=actor, photo=photo, order=order)
    run_work()
    made.refresh_from_db()
    kept = keep_enhancement(actor=actor, enhancement=made)
    run_work()
    return kept


def page(photo: Photo) -> str:
    return reverse("catalog:enhance", args=[photo.public_id])


def test_who_may_open_the_page(
    photo: Photo,
    ann: Membership,
    bob: Membership,
    carol: Membership,
    dan: Membership,
    signed_in: SignIn,
) -> None:
    answers = [signed_in(who).get(page(photo)).status_code for who in (ann, bob, carol, dan)]
    assert answers == [200, 200, 200, 404]
    assert Client().get(page(photo)).status_code == 302
    reviewers = signed_in(carol).get(page(photo)).content.decode()
    assert "Sellers of this workspace enhance photos" in reviewers
    assert "Keep as a version" not in reviewers


def test_who_may_try_keep_drop_and_take_out(
    version: Photo, carol: Membership, dan: Membership, signed_in: SignIn
) -> None:
    made = Enhancement.objects.get()
    doors = [
        page(version.version_of),  # type: ignore[arg-type]
        reverse("catalog:keep_enhancement", args=[made.public_id]),
        reverse("catalog:drop_enhancement", args=[made.public_id]),
        reverse("catalog:take_out", args=[version.public_id]),
        reverse("catalog:put_back", args=[version.public_id]),
    ]
    for door in doors:
        before = (Enhancement.objects.count(), Photo.objects.filter(taken_out_at=None).count())
        assert signed_in(dan).post(door, {"exposure": "1"}).status_code == 404
        answer = signed_in(carol).post(door, {"exposure": "1"}, follow=True)
        assert "Only sellers" in answer.content.decode() or answer.status_code == 403
        after = (Enhancement.objects.count(), Photo.objects.filter(taken_out_at=None).count())
        assert before == after


def test_forms_alone_try_keep_and_take_out(
    photo: Photo, bob: Membership, signed_in: SignIn, run_work: RunWork
) -> None:
    client = signed_in(bob)
    tried = client.post(page(photo), {"exposure": "-0.5", "white": "as-shot", "denoise": "0"})
    assert tried.status_code == 302
    waiting = client.get(tried["Location"]).content.decode()
    assert "Load the page again" in waiting
    run_work()
    shown = client.get(tried["Location"]).content.decode()
    assert "Exposure -0.5 EV." in shown
    assert "Tried: exposure -0.5 EV" in shown
    made = Enhancement.objects.get()
    kept = client.post(reverse("catalog:keep_enhancement", args=[made.public_id]), follow=True)
    assert "A version of the photo: exposure -0.5 EV." in kept.content.decode()
    version = Photo.objects.get(version_of=photo)
    out = client.post(reverse("catalog:take_out", args=[version.public_id]), follow=True)
    text = out.content.decode()
    assert "Taken out" in text
    assert "Put it back" in text
    assert f"photo={version.public_id}" not in text
    back = client.post(reverse("catalog:put_back", args=[version.public_id]), follow=True)
    assert "A version of the photo" in back.content.decode()


@pytest.mark.parametrize("form", [{}, {"exposure": "much"}, {"exposure": "7"}, {"white": "snow"}])
def test_what_cannot_be_tried_is_said(
    photo: Photo, ann: Membership, signed_in: SignIn, form: dict[str, str]
) -> None:
    answer = signed_in(ann).post(page(photo), form, follow=True)
    assert "notice--error" in answer.content.decode()
    assert not Enhancement.objects.exists()


def test_a_version_leads_to_its_originals_page_with_its_recipe(
    version: Photo, ann: Membership, signed_in: SignIn
) -> None:
    answer = signed_in(ann).get(page(version))
    assert answer["Location"] == f"{page(version.version_of)}?version={version.public_id}"  # type: ignore[arg-type]
    opened = signed_in(ann).get(answer["Location"])
    assert opened.context["payload"]["recipe"]["exposure"] == 0.5


def test_the_page_offers_only_what_this_studio_can_do(
    photo: Photo,
    ann: Membership,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> None:
    monkeypatch.setenv("SOFTBOX_WEIGHTS_DIR", str(tmp_path))
    answer = signed_in(ann).get(page(photo))
    assert "enlarge" not in answer.context["payload"]["schema"]["properties"]
    text = answer.content.decode()
    assert "python -m inference weights pull enlarge-fast-plan" in text
    assert "Ask your lawyer" in text


def test_the_grid_and_the_strip_show_what_counts(
    version: Photo, ann: Membership, signed_in: SignIn
) -> None:
    studio = reverse("renders:studio", args=[version.product.public_id])
    assert "photo--version" in signed_in(ann).get(studio).content.decode()
    take_out_version(actor=actor_of(ann), photo=version)
    assert "photo--version" not in signed_in(ann).get(studio).content.decode()
