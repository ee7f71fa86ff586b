"""A garment's landmarks: kept as read, placed by a seller, part of every picture worn."""

from collections.abc import Callable

import pytest
from django.test import Client

from inference.garments.kinds import Build, point_names
from inference.requests import GarmentRead
from studio.accounts.models import Membership
from studio.accounts.selectors import Actor
from studio.catalog.models import Photo
from studio.catalog.selectors import garment_of, placed_garment
from studio.catalog.services import forget_points, keep_reading, place_points
from studio.core.errors import Invalid, NotAllowed
from studio.renders.services import RenderOrder, order_render
from tests import factories

SignIn = Callable[[Membership], Client]


def points(shift: float = 0.0) -> dict[str, tuple[float, float]]:
    """A skirt's landmarks in the test photo of 240 × 180."""
    return {
        "waist_left": (80.0 + shift, 40.0),
        "waist_right": (160.0, 40.0),
        "hem_left": (60.0, 150.0),
        "hem_right": (180.0, 150.0),
    }


@pytest.fixture
def photo(seller: Actor) -> Photo:
    return factories.make_photo(seller)


def test_what_was_read_gives_way_to_what_was_placed(seller: Actor, photo: Photo) -> None:
    read = GarmentRead("skirt", points(), 0.7, "Please check the corners.", is_placed=False)
    keep_reading(photo=photo, read=read)
    kept = garment_of(photo)
    assert kept is not None
    assert (kept.kind, kept.notice) == ("skirt", "Please check the corners.")
    assert placed_garment(photo) is None
    place_points(actor=seller, photo=photo, kind="skirt", points=points(4))
    keep_reading(photo=photo, read=read)
    placed = placed_garment(photo)
    assert placed is not None
    assert placed.points["waist_left"] == [84.0, 40.0]
    forget_points(actor=seller, photo=photo)
    assert garment_of(photo) is None


def test_wrong_points_are_refused_in_words(seller: Actor, photo: Photo) -> None:
    for wrong, sentence in (
        ({**points(), "hem_left": (500.0, 150.0)}, "outside the photo"),
        ({**points(), "hem_left": (181.0, 150.0)}, "left point lies right"),
        ({name: at for name, at in points().items() if name != "hem_left"}, "missing"),
    ):
        with pytest.raises(Invalid, match=sentence):
            place_points(actor=seller, photo=photo, kind="skirt", points=wrong)
    with pytest.raises(Invalid, match="Choose what"):
        place_points(actor=seller, photo=photo, kind="hat", points=points())


def test_a_reviewer_places_nothing(reviewer: Actor, photo: Photo) -> None:
    with pytest.raises(NotAllowed):
        place_points(actor=reviewer, photo=photo, kind="skirt", points=points())


def test_placed_points_make_another_picture_of_worn_styles_only(
    seller: Actor, photo: Photo, run_work: Callable[[], int]
) -> None:
    run_work()
    worn, white = (RenderOrder(photo, slug) for slug in ("ghost-mannequin", "pure-white"))
    first = [order_render(actor=seller, order=each)[0].cache_key for each in (worn, white)]
    place_points(actor=seller, photo=photo, kind="skirt", points=points())
    second = [order_render(actor=seller, order=each)[0].cache_key for each in (worn, white)]
    assert first[0] != second[0]
    assert first[1] == second[1]


def test_points_over_http(
    photo: Photo, ann: Membership, dan: Membership, signed_in: SignIn
) -> None:
    url = f"/api/v1/photos/{photo.public_id}/garment"
    client, stranger = signed_in(ann), signed_in(dan)
    assert client.get(url).status_code == 404
    body = {"kind": "skirt", "points": points()}
    assert stranger.put(url, body, content_type="application/json").status_code == 404
    made = client.put(url, body, content_type="application/json")
    assert made.status_code == 200
    assert made.json()["is_placed"] is True
    assert client.get(url).json()["points"]["hem_right"] == [180.0, 150.0]
    assert stranger.delete(url).status_code == 404
    assert client.delete(url).status_code == 204


def test_the_page_shows_the_points_and_its_form_places_them(
    photo: Photo, ann: Membership, dan: Membership, signed_in: SignIn
) -> None:
    url = f"/products/photos/{photo.public_id}/garment/"
    client = signed_in(ann)
    assert signed_in(dan).get(url).status_code == 404
    page = client.get(f"{url}?kind=skirt").content.decode()
    for name in point_names(Build.SKIRT):
        assert f'name="{name}_x"' in page
    form = {f"{name}_{axis}": at[k] for name, at in points().items() for k, axis in enumerate("xy")}
    assert client.post(url, {"kind": "skirt", **form}).status_code == 302
    assert placed_garment(photo) is not None
    assert client.post(url, {"kind": "skirt", **form, "hem_left_x": "far"}).status_code == 302
    again = client.post(f"{url}read/")
    assert again.status_code == 302
    assert placed_garment(photo) is None
