"""What a seller says of a product: who may, what it orders, and what a batch makes of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from studio.accounts.models import Membership
from studio.accounts.selectors import Actor, actor_of
from studio.catalog.models import Photo
from studio.catalog.selectors import photo_of
from studio.catalog.services import say_of_product
from studio.core.errors import Invalid
from studio.renders.models import Batch, Render
from studio.renders.services import RenderOrder, order_render, submit_batch
from tests import factories

RunWork = Callable[[], int]


@pytest.fixture
def photo(seller: Actor, run_work: RunWork) -> Photo:
    """Cut out, 18 cm high by nobody's word yet."""
    photo = factories.make_photo(seller)
    run_work()
    return photo_of(seller, photo.public_id)


def _patch(client: Client, photo: Photo, said: dict[str, object]) -> int:
    path = f"/api/v1/photos/{photo.public_id}/facts"
    return client.patch(path, said, content_type="application/json").status_code


def test_only_sellers_of_the_workspace_say_something_of_a_product(
    photo: Photo,
    bob: Membership,
    carol: Membership,
    dan: Membership,
    signed_in: Callable[[Membership], Client],
) -> None:
    said: dict[str, object] = {"posture": "lying", "height_cm": 24.0}
    assert _patch(Client(), photo, said) == 401
    assert _patch(signed_in(dan), photo, said) == 404
    assert _patch(signed_in(carol), photo, said) == 403
    assert Photo.objects.get(pk=photo.pk).posture == ""
    assert _patch(signed_in(bob), photo, said) == 200
    found = photo_of(actor_of(bob), photo.public_id)
    assert (found.posture, found.product.height_cm) == ("lying", 24.0)


def test_an_answer_can_be_taken_back_and_nonsense_is_refused(seller: Actor, photo: Photo) -> None:
    say_of_product(actor=seller, photo=photo, said={"height_cm": 24.0, "is_furniture": True})
    found = say_of_product(actor=seller, photo=photo, said={"height_cm": None})
    assert (found.product.height_cm, found.product.is_furniture) == (None, True)
    with pytest.raises(Invalid) as refused:
        say_of_product(actor=seller, photo=photo, said={"height_cm": 4000.0})
    assert refused.value.field == "height_cm"
    with pytest.raises(Invalid):
        say_of_product(actor=seller, photo=photo, said={"posture": "dancing"})


def test_the_studio_puts_what_does_not_suit_last(
    seller: Actor,
    photo: Photo,
    ann: Membership,
    dan: Membership,
    signed_in: Callable[[Membership], Client],
) -> None:
    say_of_product(actor=seller, photo=photo, said={"posture": "standing", "is_furniture": True})
    path = f"/api/v1/photos/{photo.public_id}/fit"
    assert signed_in(dan).get(path).status_code == 404
    reasons = {each["style"]: each["reason"] for each in signed_in(ann).get(path).json()}
    assert reasons["pure-white"] == ""
    assert "seen from above" in reasons["flat-oak"] or "Furniture" in reasons["flat-oak"]
    assert "Furniture" in reasons["oak-window"]
    page = signed_in(ann).get(f"/products/{photo.product.public_id}/").content.decode()
    assert 'class="tile tile--unfit" title="Furniture' in page
    assert "How does the photo show it?" in page


def test_a_product_of_known_height_has_it_in_every_scene(seller: Actor, photo: Photo) -> None:
    say_of_product(actor=seller, photo=photo, said={"height_cm": 24.0})
    photo = photo_of(seller, photo.public_id)
    known, _ = order_render(actor=seller, order=RenderOrder(photo=photo, style="oak-window"))
    assert known.params["height_cm"] == 24.0
    told, _ = order_render(
        actor=seller, order=RenderOrder(photo=photo, style="oak-window", params={"height_cm": 0})
    )
    assert told.params["height_cm"] == 0
    assert told.cache_key != known.cache_key


def test_how_the_photo_shows_it_makes_another_picture(seller: Actor, photo: Photo) -> None:
    before, _ = order_render(actor=seller, order=RenderOrder(photo=photo, style="oak-window"))
    say_of_product(actor=seller, photo=photo, said={"posture": "side"})
    photo = photo_of(seller, photo.public_id)
    after, is_new = order_render(actor=seller, order=RenderOrder(photo=photo, style="oak-window"))
    assert is_new
    assert after.cache_key != before.cache_key


def test_fifty_products_in_one_look_have_one_camera_fill_and_light(
    seller: Actor, run_work: RunWork
) -> None:
    photos = [
        factories.make_photo(
            seller,
            product=factories.make_product(seller, title=f"Product {number}"),
            colour=f"#{40 + 4 * number:02x}6050",
        )
        for number in range(50)
    ]
    run_work()
    tall = say_of_product(actor=seller, photo=photos[0], said={"height_cm": 31.0})
    photos[0] = tall
    say_of_product(actor=seller, photo=photos[1], said={"posture": "side"})
    photos[1] = photo_of(seller, photos[1].public_id)
    look: dict[str, object] = {"scale": 61.0, "warmth": 20.0, "light_key": 70.0}
    order = RenderOrder(photo=photos[0], style="white-cove", params=look, longest_side_px=128)
    batch, renders = submit_batch(actor=seller, photos=photos, order=order)
    run_work()
    made = list(Render.objects.filter(batches=batch))
    assert len(made) == len(renders) == 50
    assert {render.state for render in made} == {"finished"}
    held = {name: {render.params[name] for render in made} for name in made[0].params}
    # One camera for all, though two photos were taken from elsewhere.
    assert held["camera"] == {"25"}
    assert held.pop("height_cm") == {0.0, 31.0}
    assert all(len(values) == 1 for values in held.values())
    assert held["scale"] == {61.0}
    assert Batch.objects.get(pk=batch.pk).params["camera"] == "25"
