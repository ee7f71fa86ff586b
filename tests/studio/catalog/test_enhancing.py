"""Enhancing a photo: tried, compared, kept as a version, taken out; over HTTP, and to whom."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from inference.errors import NothingHelps
from inference.requests import Box, Stroke, StrokeKind, Tier
from inference.testing import FakeEngine
from studio.accounts.models import Membership
from studio.accounts.selectors import Actor, actor_of
from studio.catalog.hints import hints_of
from studio.catalog.models import Enhancement, Photo
from studio.catalog.selectors import enhancement_of, photo_of, photos_of, products_of
from studio.catalog.services import (
    EnhancementOrder,
    add_strokes,
    drop_enhancement,
    enhancing,
    keep_enhancement,
    order_enhancement,
    purge_enhancements,
    put_back_version,
    set_box,
    take_out_version,
)
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.core.storage import read_bytes
from studio.core.work import State
from studio.renders.services import RenderOrder, order_render
from tests import factories

RunWork = Callable[[], int]
SignIn = Callable[[Membership], Client]
DARKER: dict[str, object] = {"exposure": -1.0}


@pytest.fixture
def photo(seller: Actor, run_work: RunWork) -> Photo:
    made = factories.make_photo(seller)
    run_work()
    return made


def tried(
    actor: Actor, photo: Photo, run_work: RunWork, recipe: dict[str, object] | None = None
) -> Enhancement:
    """A finished enhancement of the whole photo."""
    order = EnhancementOrder(recipe or DARKER)
    made = order_enhancement(actor=actor, photo=photo, order=order)
    run_work()
    return enhancement_of(actor, made.public_id)


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def test_trying_changes_nothing(seller: Actor, photo: Photo, run_work: RunWork) -> None:
    before = read_bytes(photo.original_key)
    made = tried(seller, photo, run_work)
    assert made.state == State.FINISHED
    assert made.notes[0]["sentence"] == "Exposure -1.0 EV."
    assert size_of(read_bytes(made.result_key)) == (240, 180)
    assert read_bytes(photo.original_key) == before
    assert photos_of(seller, photo.product) == [photo]


def test_a_kept_version_is_another_photo_with_its_own_cutout(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    made = tried(seller, photo, run_work, {"exposure": -1.0, "enlarge": "2"})
    version = keep_enhancement(actor=seller, enhancement=made)
    assert version.version_of == photo
    assert (version.width, version.height) == (480, 360)
    assert version.enhancements == ("exposure -1.0 EV", "enlarged × 2 by a trained network")
    assert version.sha256 != photo.sha256
    assert version.file_name == "mug (enhanced).png"
    run_work()
    cutout = photo_of(seller, version.public_id).current_cutout  # type: ignore[attr-defined]
    assert cutout.state == State.FINISHED
    assert cutout.content_key != photo.cutouts.get().content_key
    again = keep_enhancement(actor=seller, enhancement=made)
    assert again == version


def test_a_version_claims_only_what_was_done(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    made = tried(seller, photo, run_work, {"exposure": -1.0, "denoise": 50})
    version = keep_enhancement(actor=seller, enhancement=made)
    assert version.enhancements == ("exposure -1.0 EV",), "the fake engine refuses denoising"


def test_renders_of_the_version_are_other_pictures(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    version = keep_enhancement(actor=seller, enhancement=tried(seller, photo, run_work))
    orders = [RenderOrder(photo=each, style="pure-white") for each in (photo, version)]
    keys = {order_render(actor=seller, order=order)[0].cache_key for order in orders}
    assert len(keys) == 2


def test_what_was_corrected_by_hand_lies_over_the_version_in_its_own_pixels(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    stroke = Stroke(StrokeKind.ERASE, 20, ((70.0, 60.0), (70.0, 150.0)), is_exact=True)
    add_strokes(actor=seller, photo=photo, strokes=[stroke])
    set_box(actor=seller, photo=photo, box=Box(50, 40, 190, 170))
    run_work()
    made = tried(seller, photo, run_work, {"enlarge": "2"})
    version = keep_enhancement(actor=seller, enhancement=made)
    hints = hints_of(version)
    assert hints.strokes == (
        Stroke(StrokeKind.ERASE, 40, ((140.0, 120.0), (140.0, 300.0)), is_exact=True),
    )
    assert hints.box == Box(100, 80, 380, 340)
    run_work()
    cutout = version.cutouts.get()
    assert cutout.state == State.FINISHED
    assert cutout.measured.subject.left > 120


def test_a_version_is_taken_out_and_put_back(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    version = keep_enhancement(actor=seller, enhancement=tried(seller, photo, run_work))
    run_work()
    assert photos_of(seller, photo.product) == [photo, version]
    take_out_version(actor=seller, photo=version)
    assert photos_of(seller, photo.product) == [photo]
    (product,) = products_of(seller).items
    assert product.newest_photo == photo  # type: ignore[attr-defined]
    assert product.photo_count == 1  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match="before"):
        take_out_version(actor=seller, photo=photo_of(seller, version.public_id))
    put_back_version(actor=seller, photo=photo_of(seller, version.public_id))
    assert photos_of(seller, photo.product) == [photo, version]
    with pytest.raises(Conflict):
        take_out_version(actor=seller, photo=photo)


def test_keeping_again_brings_back_what_was_taken_out(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    made = tried(seller, photo, run_work)
    version = keep_enhancement(actor=seller, enhancement=made)
    take_out_version(actor=seller, photo=version)
    made = enhancement_of(seller, made.public_id)
    assert keep_enhancement(actor=seller, enhancement=made) == version
    assert photos_of(seller, photo.product) == [photo, version]


def test_the_same_recipe_is_made_once(seller: Actor, photo: Photo, run_work: RunWork) -> None:
    first = tried(seller, photo, run_work)
    order = EnhancementOrder({"exposure": -1, "white_x": 12})
    assert order_enhancement(actor=seller, photo=photo, order=order) == first


def test_a_dropped_one_is_gone_and_made_anew_when_asked_again(
    seller: Actor, photo: Photo, run_work: RunWork, django_capture_on_commit_callbacks: Any
) -> None:
    made = tried(seller, photo, run_work)
    with django_capture_on_commit_callbacks(execute=True):
        dropped = drop_enhancement(actor=seller, enhancement=made)
    with pytest.raises(Conflict, match="dropped"):
        keep_enhancement(actor=seller, enhancement=dropped)
    assert tried(seller, photo, run_work) != made


def test_a_kept_one_is_not_dropped(seller: Actor, photo: Photo, run_work: RunWork) -> None:
    made = tried(seller, photo, run_work)
    keep_enhancement(actor=seller, enhancement=made)
    with pytest.raises(Conflict, match="take that out"):
        drop_enhancement(actor=seller, enhancement=enhancement_of(seller, made.public_id))


def test_what_helps_nothing_fails_with_its_reason(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    made = tried(seller, photo, run_work, {"denoise": 50})
    assert (made.state, made.error_code) == (State.FAILED, NothingHelps.code)
    assert "leaves this alone" in made.error_message
    with pytest.raises(Conflict):
        keep_enhancement(actor=seller, enhancement=made)


@pytest.mark.parametrize(
    ("recipe", "field"),
    [({}, "recipe"), ({"exposure": 9}, "recipe.exposure"), ({"glow": 1}, "recipe.glow")],
)
def test_what_cannot_be_done_is_refused(
    seller: Actor, photo: Photo, recipe: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        order_enhancement(actor=seller, photo=photo, order=EnhancementOrder(recipe))
    assert refused.value.field == field
    assert not Enhancement.objects.exists()


def test_a_newer_preview_takes_the_place_of_the_older(seller: Actor, photo: Photo) -> None:
    first = order_enhancement(
        actor=seller, photo=photo, order=EnhancementOrder(DARKER, tier=Tier.PREVIEW)
    )
    order = EnhancementOrder({"exposure": -0.5}, tier=Tier.PREVIEW, supersedes=str(first.public_id))
    order_enhancement(actor=seller, photo=photo, order=order)
    first.refresh_from_db()
    assert first.state == State.CANCELLED


def test_previews_nobody_looks_at_any_more_are_cleared_away(
    seller: Actor, photo: Photo, run_work: RunWork
) -> None:
    kept = tried(seller, photo, run_work)
    version = keep_enhancement(actor=seller, enhancement=kept)
    order = EnhancementOrder({"exposure": 1}, tier=Tier.PREVIEW)
    order_enhancement(actor=seller, photo=photo, order=order)
    run_work()
    assert purge_enhancements(older_than=timezone.now() + timedelta(hours=1)) == 1
    assert list(Enhancement.objects.all()) == [kept]
    assert read_bytes(version.original_key)


def test_the_engine_sees_the_cutout_once_there_is_one(
    seller: Actor, photo: Photo, run_work: RunWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    class Watching(FakeEngine):
        def enhance(self, request, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN003, ANN202
            seen.append(request.alpha_sha256)
            return super().enhance(request, **kwargs)

    monkeypatch.setattr(enhancing, "engine", Watching)
    tried(seller, photo, run_work)
    assert seen == [photo.cutouts.get().alpha_sha256]


# --- over HTTP ----------------------------------------------------------------------------------


def ask(client: Client, method: str, path: str, body: object = None) -> Any:
    data = json.dumps(body) if body is not None else None
    return getattr(client, method)(f"/api/v1/{path}", data, content_type="application/json")


def test_every_door_has_its_permissions(
    ann: Membership,
    bob: Membership,
    carol: Membership,
    dan: Membership,
    signed_in: SignIn,
    run_work: RunWork,
) -> None:
    seller = actor_of(ann)
    photo = factories.make_photo(seller)
    run_work()
    made = tried(seller, photo, run_work)
    spare = [tried(seller, photo, run_work, {"exposure": step}) for step in (0.5, 0.7, 0.9)]
    version = keep_enhancement(actor=seller, enhancement=made)
    run_work()

    def answers(method: str, paths: list[str], body: object = None) -> list[int]:
        clients = [*(signed_in(who) for who in (ann, bob, carol, dan)), Client()]
        return [
            ask(client, method, path, body).status_code
            for client, path in zip(clients, paths, strict=True)
        ]

    base, own = f"photos/{photo.public_id}", f"enhancements/{made.public_id}"
    tries = [f"{base}/enhancements"] * 5
    assert answers("post", tries, {"recipe": {"exposure": 0.3}}) == [202, 202, 403, 404, 401]
    assert answers("get", [own] * 5) == [200, 200, 200, 404, 401]
    assert answers("post", [f"{own}/cancel"] * 5) == [202, 202, 403, 404, 401]
    assert answers("post", [f"{own}/keep"] * 5) == [201, 201, 403, 404, 401]
    ids = [f"enhancements/{spare[min(at, 2)].public_id}" for at in range(5)]
    assert answers("delete", ids) == [200, 200, 403, 404, 401]
    there = f"photos/{version.public_id}/version"
    assert answers("delete", [there] * 5) == [200, 409, 403, 404, 401]
    assert answers("post", [there] * 5) == [200, 409, 403, 404, 401]
    assert answers("get", ["enhancing"] * 5) == [200, 200, 200, 200, 401]


def test_the_answer_says_what_was_made(
    ann: Membership, signed_in: SignIn, run_work: RunWork
) -> None:
    photo = factories.make_photo(actor_of(ann))
    run_work()
    client = signed_in(ann)
    order = {"recipe": DARKER, "tier": "preview", "window": {"x": 0.4, "y": 0.6}}
    queued = ask(client, "post", f"photos/{photo.public_id}/enhancements", order).json()
    assert (queued["state"], queued["result"]) == ("queued", None)
    run_work()
    done = ask(client, "get", f"enhancements/{queued['id']}").json()
    assert done["state"] == "finished"
    result = done["result"]
    assert result["url"] == "", "a preview is no photo"
    assert client.get(result["after_url"]).status_code == 200
    assert [note["outcome"] for note in result["notes"]] == ["done"]
    assert done["window"] == {"x": 0.4, "y": 0.6}


def test_the_versions_photo_says_what_it_is(
    ann: Membership, signed_in: SignIn, run_work: RunWork
) -> None:
    photo = factories.make_photo(actor_of(ann))
    run_work()
    made = tried(actor_of(ann), photo, run_work)
    kept = ask(signed_in(ann), "post", f"enhancements/{made.public_id}/keep").json()
    assert kept["version_of"] == str(photo.public_id)
    assert kept["enhancements"] == ["exposure -1.0 EV"]
    assert not kept["is_taken_out"]
    out = ask(signed_in(ann), "delete", f"photos/{kept['id']}/version").json()
    assert out["is_taken_out"]


def test_the_offer_names_the_licence_of_what_enlarges(
    ann: Membership, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("SOFTBOX_WEIGHTS_DIR", str(tmp_path))
    offer = ask(signed_in(ann), "get", "enhancing").json()
    assert [each["network"] for each in offer["enlarging"]] == ["fast", "best"]
    assert not any(each["is_installed"] for each in offer["enlarging"])
    assert all("BSD-3" in each["licence"] for each in offer["enlarging"])
    assert "denoise" in offer["recipe_schema"]["properties"]


def test_a_reviewer_enhances_nothing(reviewer: Actor, photo: Photo) -> None:
    with pytest.raises(NotAllowed):
        order_enhancement(actor=reviewer, photo=photo, order=EnhancementOrder(DARKER))
