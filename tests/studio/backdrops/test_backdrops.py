"""Sellers' own backdrops: through the API and the pages, who may, and the pictures made of them."""

import io
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.backdrops.models import Backdrop
from studio.backdrops.services import (
    add_backdrop,
    change_backdrop,
    delete_backdrop,
    purge_backdrops,
    restore_backdrop,
)
from studio.core.errors import Conflict, Invalid, NotFound
from studio.core.storage import read_bytes
from studio.core.work import State
from studio.publishing.services.publish import publish
from studio.renders.models import Render
from studio.renders.services import RenderOrder, order_render, submit_for_review
from studio.review.models import Decision
from studio.review.services import decide
from studio.styles.models import Style
from studio.styles.services import save_look
from tests import factories

RunWork = Callable[[], int]
SignIn = Callable[[Membership], Client]
API = "/api/v1/backdrops"


def place_bytes(*, shade: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """A wall over a paler ground, brighter on the right; `shade` makes it another photo."""
    width, height = size
    rows = np.where(np.arange(height)[:, None] < 0.55 * height, 90 + shade, 170)
    across = np.linspace(0.75, 1.25, width)[None, :]
    grey = np.clip(rows * across, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.repeat(grey[..., None], 3, axis=2)).save(buffer, "PNG")
    return buffer.getvalue()


def make_backdrop(actor: Actor, *, shade: int = 0) -> Backdrop:
    file = factories.upload_of(place_bytes(shade=shade), "back_yard.png")
    return add_backdrop(actor=actor, file=file)


def test_a_photo_of_a_place_is_read_and_says_what_is_unsure(seller: Actor) -> None:
    backdrop = make_backdrop(seller)
    assert backdrop.name == "Back yard"
    assert backdrop.arranged.ground_line == pytest.approx(0.55, abs=0.04)
    assert backdrop.arranged.light_from_deg > 0
    assert backdrop.unsure == ["eye_level", "width_cm"]
    assert make_backdrop(seller).pk == backdrop.pk, "the same file is the same backdrop"


def test_what_a_person_sets_is_unsure_no_more(seller: Actor) -> None:
    backdrop = make_backdrop(seller)
    before = backdrop.content_key
    changed = change_backdrop(actor=seller, backdrop=backdrop, setup={"eye_level": 0.2})
    assert changed.unsure == ["width_cm"]
    assert changed.content_key != before
    with pytest.raises(Invalid) as refused:
        change_backdrop(actor=seller, backdrop=backdrop, setup={"ground_line": 0.1})
    assert refused.value.field == "setup.ground_line"
    assert Backdrop.objects.get(pk=backdrop.pk).arranged.ground_line > 0.5


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"no picture", "not a photo"), (place_bytes(size=(640, 300)), "at least 480 px")],
)
def test_what_is_no_place_is_refused_with_a_sentence(
    seller: Actor, data: bytes, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        add_backdrop(actor=seller, file=factories.upload_of(data, "x.png"))
    assert not Backdrop.objects.exists()


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [("ann", 200, 200), ("bob", 200, 200), ("carol", 200, 403), ("dan", 404, 404), ("", 401, 401)],
)
def test_who_may_see_and_change_a_backdrop(
    request: pytest.FixtureRequest,
    seller: Actor,
    signed_in: SignIn,
    who: str,
    reads: int,
    writes: int,
) -> None:
    backdrop = make_backdrop(seller)
    client = signed_in(request.getfixturevalue(who)) if who else Client()
    path = f"{API}/{backdrop.public_id}"
    assert client.get(path).status_code == reads
    change = client.patch(path, {"name": "Yard"}, content_type="application/json")
    assert change.status_code == writes
    page = client.get(reverse("backdrops:backdrop", args=[backdrop.public_id]))
    assert page.status_code == (302 if reads == 401 else reads)
    gone = client.delete(path)
    assert gone.status_code == (204 if writes == 200 else writes)
    restored = client.post(f"{path}/restore")
    assert restored.status_code == (writes if writes != 404 else 404)
    listed = client.get(API)
    expected = {200: 1, 404: 0}.get(reads)
    if expected is not None:
        assert len(listed.json()) == expected


def test_a_backdrop_is_added_by_api_and_by_a_form(
    ann: Membership, carol: Membership, signed_in: SignIn
) -> None:
    browser = signed_in(ann)
    file = SimpleUploadedFile("yard.png", place_bytes())
    added = browser.post(API, {"file": file, "name": "Yard"})
    assert added.status_code == 201
    assert added.json()["unsure"] == ["eye_level", "width_cm"]
    page = reverse("backdrops:backdrops")
    form = browser.post(page, {"file": SimpleUploadedFile("b.png", place_bytes(shade=20))})
    assert form.status_code == 302
    assert "/backdrops/" in form.headers["location"]
    assert "Yard" in browser.get(page).content.decode()
    refused = signed_in(carol).post(
        page, {"file": SimpleUploadedFile("c.png", place_bytes(shade=9))}
    )
    assert refused.status_code == 403
    assert Backdrop.objects.count() == 2


def test_a_backdrop_is_set_up_without_script(
    seller: Actor, ann: Membership, signed_in: SignIn
) -> None:
    backdrop = make_backdrop(seller)
    page = reverse("backdrops:backdrop", args=[backdrop.public_id])
    shown = signed_in(ann).get(page).content.decode()
    assert "the eye level" in shown
    values = {**backdrop.arranged.to_json(), "name": "Yard", "width_cm": "140"}
    assert signed_in(ann).post(page, values).status_code == 302
    saved = Backdrop.objects.get(pk=backdrop.pk)
    assert (saved.name, saved.arranged.width_cm, saved.unsure) == ("Yard", 140.0, [])


def test_a_picture_in_a_backdrop_changes_with_it(seller: Actor, run_work: RunWork) -> None:
    photo = factories.make_photo(seller)
    backdrop = make_backdrop(seller)
    order = RenderOrder(
        photo=photo,
        style="own-backdrop",
        params={"place_id": str(backdrop.public_id)},
        longest_side_px=256,
    )
    first, _ = order_render(actor=seller, order=order)
    run_work()
    first.refresh_from_db()
    assert first.state == State.FINISHED
    assert "place_id" not in first.params_changed
    again, is_new = order_render(actor=seller, order=order)
    assert (again.pk, is_new) == (first.pk, False)
    change_backdrop(actor=seller, backdrop=backdrop, setup={"light_from_deg": -70})
    other, is_new = order_render(actor=seller, order=order)
    run_work()
    other.refresh_from_db()
    assert is_new
    assert other.result_sha256 != first.result_sha256


def test_no_picture_is_made_of_a_backdrop_that_is_not_there(
    seller: Actor, stranger: Actor, run_work: RunWork
) -> None:
    photo = factories.make_photo(seller)
    mine, theirs = make_backdrop(seller), make_backdrop(stranger, shade=30)
    for named, words in [
        ("", "Choose one"),
        (str(theirs.public_id), "not there"),
        ("abc", "by its id"),
    ]:
        order = RenderOrder(photo=photo, style="own-backdrop", params={"place_id": named})
        with pytest.raises(Invalid, match=words) as refused:
            order_render(actor=seller, order=order)
        assert refused.value.field == "params.place_id"
    waiting, _ = order_render(
        actor=seller,
        order=RenderOrder(
            photo=photo, style="own-backdrop", params={"place_id": str(mine.public_id)}
        ),
    )
    delete_backdrop(actor=seller, backdrop=mine)
    run_work()
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert "not there any more" in waiting.error_message


def test_a_deleted_backdrop_comes_back_for_a_day(seller: Actor) -> None:
    backdrop = make_backdrop(seller)
    delete_backdrop(actor=seller, backdrop=backdrop)
    assert purge_backdrops() == 0
    restore_backdrop(actor=seller, public_id=backdrop.public_id)
    assert Backdrop.objects.get().deleted_at is None
    delete_backdrop(actor=seller, backdrop=backdrop)
    again = make_backdrop(seller)
    with pytest.raises(Conflict):
        restore_backdrop(actor=seller, public_id=backdrop.public_id)
    gone = Backdrop.objects.get(pk=backdrop.pk)
    Backdrop.objects.filter(pk=gone.pk).update(deleted_at=timezone.now() - timedelta(days=2))
    assert purge_backdrops() == 1
    assert list(Backdrop.objects.all()) == [again]
    with pytest.raises(NotFound):
        read_bytes(gone.original_key)
    assert read_bytes(again.original_key) == place_bytes()


def test_the_studio_shows_backdrops_as_tiles_and_looks_keep_them(
    seller: Actor, ann: Membership, signed_in: SignIn, run_work: RunWork
) -> None:
    photo = factories.make_photo(seller)
    run_work()
    backdrop = make_backdrop(seller)
    page = reverse("renders:studio", args=[photo.product.public_id])
    shown = signed_in(ann).get(page).content.decode()
    assert f'data-tile="place:{backdrop.public_id}"' in shown
    assert 'data-tile="own-backdrop"' not in shown
    form = {"style": f"place:{backdrop.public_id}", "size": 256, "aspect": "1:1"}
    signed_in(ann).post(reverse("renders:order", args=[photo.public_id]), form)
    ordered = Render.objects.get(tier=2)
    assert ordered.params["place_id"] == str(backdrop.public_id)
    style = Style.objects.get(slug="own-backdrop")
    look = save_look(actor=seller, style=style, name="Yard", params=ordered.params)
    assert look.params["place_id"] == str(backdrop.public_id)


def test_a_published_picture_says_that_it_is_a_composite(
    seller: Actor, reviewer: Actor, run_work: RunWork
) -> None:
    photo, backdrop = factories.make_photo(seller), make_backdrop(seller)
    params: dict[str, object] = {"place_id": str(backdrop.public_id)}
    order = RenderOrder(photo=photo, style="own-backdrop", params=params, longest_side_px=256)
    render, _ = order_render(actor=seller, order=order)
    run_work()
    render.refresh_from_db()
    submit_for_review(actor=seller, render=render)
    decide(
        actor=reviewer,
        render=render,
        verdict=Decision.Verdict.APPROVE,
        seen_sha256=render.result_sha256,
    )
    publication = publish(actor=seller, render=Render.objects.get(pk=render.pk))
    webp = publication.variants.filter(format="webp").first()
    assert webp is not None
    assert b"compositeSynthetic" in read_bytes(webp.key)
