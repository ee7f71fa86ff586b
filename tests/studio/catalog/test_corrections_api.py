"""Correcting cutouts over HTTP: what it answers, and to whom."""

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from studio.accounts.models import Membership
from studio.accounts.selectors import actor_of
from studio.catalog.models import Photo
from tests import factories
from tests.studio.catalog.test_corrections import mask

RunWork = Callable[[], int]
SignIn = Callable[[Membership], Client]

STROKE = {"kind": "erase", "radius_px": 20, "points": [[70, 60], [70, 150]], "is_exact": True}
BOX = {"left": 50, "top": 40, "right": 190, "bottom": 170}
# Method, path below the photo's, body; and what a seller of the workspace gets.
DOORS = [
    ("get", "corrections", None, 200),
    ("post", "corrections", {"strokes": [STROKE]}, 202),
    ("post", "corrections/undo", None, 202),
    ("post", "corrections/redo", None, 202),
    ("delete", "corrections", None, 202),
    ("put", "box", BOX, 202),
    ("delete", "box", None, 202),
    ("put", "subjects", {"kept": [0]}, 409),
    ("post", "mask", "file", 202),
    ("delete", "mask", None, 202),
    ("patch", "cutout", {"translucency": "glass"}, 202),
]


@pytest.fixture
def photo(ann: Membership, run_work: RunWork) -> Photo:
    made = factories.make_photo(actor_of(ann))
    run_work()
    return made


def ask(client: Client, photo: Photo, method: str, path: str, body: object):  # type: ignore[no-untyped-def]  # noqa: ANN201
    url = f"/api/v1/photos/{photo.public_id}/{path}"
    if body == "file":
        return client.post(url, {"file": SimpleUploadedFile("mask.png", mask())})
    return getattr(client, method)(
        url, json.dumps(body) if body else None, content_type="application/json"
    )


def test_every_door_has_its_permissions(
    photo: Photo,
    ann: Membership,
    bob: Membership,
    carol: Membership,
    dan: Membership,
    signed_in: SignIn,
) -> None:
    for method, path, body, expected in DOORS:
        answers = []
        for who in (ann, bob, carol, dan):
            if path.endswith("undo"):
                ask(signed_in(ann), photo, "post", "corrections", {"strokes": [STROKE]})
            if path.endswith("redo"):
                ask(signed_in(ann), photo, "post", "corrections", {"strokes": [STROKE]})
                ask(signed_in(ann), photo, "post", "corrections/undo", None)
            answers.append(ask(signed_in(who), photo, method, path, body).status_code)
        answers.append(ask(Client(), photo, method, path, body).status_code)
        reviewer = 200 if method == "get" else 403
        assert answers == [expected, expected, reviewer, 404, 401], f"{method} {path}"


def test_a_stroke_is_answered_with_what_can_be_undone(
    photo: Photo, ann: Membership, signed_in: SignIn, run_work: RunWork
) -> None:
    client = signed_in(ann)
    answer = ask(client, photo, "post", "corrections", {"strokes": [STROKE]}).json()
    assert (answer["version"], answer["strokes"]) == (1, 1)
    assert (answer["can_undo"], answer["can_redo"]) == (True, False)
    assert answer["cutout"]["state"] == "queued"
    run_work()
    cutout = ask(client, photo, "get", "corrections", None).json()["cutout"]
    assert cutout["state"] == "finished"
    assert cutout["result"]["is_corrected"]
    assert cutout["result"]["subject"]["left"] > 60
    answer = ask(client, photo, "post", "corrections/undo", None).json()
    assert (answer["can_undo"], answer["can_redo"]) == (False, True)


def test_the_choices_are_shown(photo: Photo, ann: Membership, signed_in: SignIn) -> None:
    client = signed_in(ann)
    ask(client, photo, "put", "box", BOX)
    ask(client, photo, "post", "mask", "file")
    ask(client, photo, "patch", "cutout", {"translucency": "glass"})
    answer = ask(client, photo, "get", "corrections", None).json()
    assert answer["box"] == BOX
    assert answer["has_mask"]
    assert answer["translucency"] == "glass"
    assert answer["keeps_shadow"] is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "corrections", {"strokes": []}, 422),
        ("post", "corrections", {"strokes": [STROKE | {"kind": "smudge"}]}, 422),
        ("post", "corrections", {"strokes": [STROKE | {"points": []}]}, 422),
        ("post", "corrections", {"strokes": [STROKE | {"points": [[1e9, 0]]}]}, 422),
        ("post", "corrections", {"strokes": [STROKE | {"radius_px": 4000}]}, 422),
        ("post", "corrections/undo", None, 409),
        ("post", "corrections/redo", None, 409),
        ("put", "box", {"left": 5, "top": 5, "right": 4, "bottom": 4}, 422),
        ("put", "box", {"left": 5}, 422),
        ("put", "subjects", {"kept": [0]}, 409),
        ("patch", "cutout", {}, 422),
        ("patch", "cutout", {"translucency": "milk"}, 422),
        ("patch", "cutout", {"keeps_shadow": True}, 409),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    method: str,
    path: str,
    body: object,
    status: int,
    photo: Photo,
    ann: Membership,
    signed_in: SignIn,
) -> None:
    answer = ask(signed_in(ann), photo, method, path, body or {"nothing": 1})
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert len(answer.json()["detail"]) > 10
    assert not photo.corrections.exists()


def test_of_two_choices_in_one_request_both_hold_or_none(
    photo: Photo, ann: Membership, signed_in: SignIn
) -> None:
    body = {"translucency": "glass", "keeps_shadow": True}
    assert ask(signed_in(ann), photo, "patch", "cutout", body).status_code == 409
    assert not photo.corrections.exists()
