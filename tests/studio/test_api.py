"""`/api/v1` as its clients see it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from studio.accounts.models import ApiKey, Membership
from studio.accounts.services import create_api_key
from studio.catalog.models import Photo
from studio.core.work import State
from studio.renders.models import Render
from tests import factories

RunWork = Callable[[], int]
API = "/api/v1"


class ApiClient:
    """A program with an API key."""

    def __init__(self, membership: Membership) -> None:
        _, secret = create_api_key(membership=membership, name="test")
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def get(self, path: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
        return self.client.get(API + path)

    def post(self, path: str, body: object = None, **headers: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
        return self.client.post(
            API + path,
            json.dumps(body or {}),
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def upload(self, path: str, data: bytes, name: str = "mug.png"):  # type: ignore[no-untyped-def]  # noqa: ANN201
        return self.client.post(API + path, {"file": SimpleUploadedFile(name, data)})


@pytest.fixture
def api(ann: Membership) -> ApiClient:
    return ApiClient(ann)


def test_the_whole_story_by_api(api: ApiClient, carol: Membership, run_work: RunWork) -> None:
    product = api.post("/products", {"title": "Red mug", "sku": "M-1"}).json()
    photo = api.upload(f"/products/{product['id']}/photos", factories.photo_bytes()).json()
    assert photo["cutout"]["state"] == "queued"
    run_work()
    photo = api.get(f"/photos/{photo['id']}").json()
    assert photo["cutout"]["result"]["confidence"] > 0.5
    answer = api.post(
        "/renders", {"photo": photo["id"], "style": "pure-white", "output": {"size": 256}}
    )
    assert answer.status_code == 202
    run_work()
    render = api.get(f"/renders/{answer.json()['id']}").json()
    assert (render["state"], render["result"]["width"]) == ("finished", 256)
    assert api.post(f"/renders/{render['id']}/publish", {"channels": ["web"]}).status_code == 409
    due = timezone.now().replace(microsecond=0) + timedelta(hours=5)
    said = {"due_at": due.isoformat(), "channels": ["amazon"]}
    refused = api.post(f"/renders/{render['id']}/submit", {"channels": ["myspace"]})
    assert (refused.status_code, refused.json()["field"]) == (422, "channels")
    sent = api.post(f"/renders/{render['id']}/submit", said)
    assert sent.status_code == 200
    assert sent.json()["review"]["channels"] == ["amazon"]
    assert datetime.fromisoformat(sent.json()["review"]["due_at"]) == due
    reviewer = ApiClient(carol)
    queue = reviewer.get("/review/queue").json()
    assert [item["render"]["id"] for item in queue["items"]] == [render["id"]]
    decision = reviewer.post(
        f"/review/{render['id']}/decision",
        {"verdict": "approve", "seen_sha256": render["result"]["sha256"]},
    )
    assert decision.status_code == 200, decision.content
    publication = api.post(f"/renders/{render['id']}/publish", {"channels": ["web"]})
    assert publication.status_code == 201
    formats = {variant["format"] for variant in publication.json()["variants"]}
    assert formats == {"webp", "avif", "jpeg"}


def test_a_finished_look_answers_200(api: ApiClient, ann: Membership, run_work: RunWork) -> None:
    photo = factories.make_photo(_actor(ann))
    body = {"photo": str(photo.public_id), "style": "pure-white", "output": {"size": 128}}
    assert api.post("/renders", body).status_code == 202
    run_work()
    assert api.post("/renders", body).status_code == 200
    assert Render.objects.count() == 1


def test_an_idempotency_key_is_honoured(api: ApiClient, ann: Membership, styles: int) -> None:
    photo = factories.make_photo(_actor(ann))
    body = {"photo": str(photo.public_id), "style": "pure-white", "output": {"size": 128}}
    first = api.post("/renders", body, Idempotency_Key="k1").json()
    second = api.post("/renders", body, Idempotency_Key="k1").json()
    assert first["id"] == second["id"]
    body["output"] = {"size": 256}
    assert api.post("/renders", body, Idempotency_Key="k1").status_code == 409


BAD_UPLOADS = {
    "text": (b"hello, I am not a photo", "not a photo"),
    "nothing": (b"", ""),
    "truncated": (factories.photo_bytes(format="JPEG", size=(800, 600))[:6000], "ends too early"),
    "one pixel": (factories.photo_bytes(size=(1, 1)), ""),
}


@pytest.mark.parametrize("kind", BAD_UPLOADS)
def test_a_bad_upload_is_refused_with_a_sentence_and_leaves_nothing(
    api: ApiClient, kind: str
) -> None:
    data, expected = BAD_UPLOADS[kind]
    answer = api.upload("/uploads", data, "photo.jpg")
    assert answer.status_code == 422, answer.content
    problem = answer.json()
    assert answer["content-type"] == "application/problem+json"
    assert expected in problem["detail"]
    assert problem["detail"].endswith(".")
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"style": "nope"}, "style"),
        ({"style": "pure-white", "params": {"shadow": 900}}, "params.shadow"),
        ({"style": "pure-white", "output": {"size": 9000}}, "output.size"),
        ({"style": "pure-white", "tier": "huge"}, "tier"),
    ],
)
def test_a_bad_order_names_the_field(
    api: ApiClient, ann: Membership, styles: int, body: dict[str, object], field: str
) -> None:
    photo = factories.make_photo(_actor(ann))
    answer = api.post("/renders", {"photo": str(photo.public_id), **body})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_stranger_finds_nothing(
    api: ApiClient, ann: Membership, dan: Membership, run_work: RunWork
) -> None:
    render = factories.make_finished_render(_actor(ann), run_work)
    stranger = ApiClient(dan)
    photo, product = render.photo, render.photo.product
    for path in (
        f"/products/{product.public_id}",
        f"/photos/{photo.public_id}",
        f"/renders/{render.public_id}",
    ):
        assert api.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
    order = {"photo": str(photo.public_id), "style": "pure-white"}
    assert stranger.post("/renders", order).status_code == 404
    assert stranger.post("/tiles", {"photo": str(photo.public_id)}).status_code == 404
    assert stranger.post(f"/renders/{render.public_id}/submit").status_code == 404
    assert stranger.post(f"/renders/{render.public_id}/publish").status_code == 404
    listed = stranger.get(f"/renders?ids={render.public_id}").json()
    assert listed == {"renders": []}
    assert stranger.get("/products").json()["items"] == []


DOORS = (
    # method, path, who may: seller, colleague, reviewer (strangers: 404, nobody: 401)
    ("post", "/renders/{render}/submit", (200, 200, 403)),
    ("post", "/renders/{render}/cancel", (409, 409, 403)),
    ("post", "/renders/{render}/retry", (409, 409, 403)),
    ("post", "/renders/{render}/publish", (409, 409, 403)),
    ("get", "/renders/{render}/channels", (409, 409, 409)),
    ("get", "/renders/{render}", (200, 200, 200)),
    ("get", "/photos/{photo}", (200, 200, 200)),
    ("post", "/photos/{photo}/cutout", (409, 409, 403)),
    ("get", "/products/{product}", (200, 200, 200)),
    ("get", "/review/queue", (403, 403, 200)),
)


@pytest.mark.parametrize(("method", "path", "expected"), DOORS)
def test_every_door_lets_in_whom_it_should(
    method: str,
    path: str,
    expected: tuple[int, int, int],
    ann: Membership,
    bob: Membership,
    carol: Membership,
    dan: Membership,
    run_work: RunWork,
) -> None:
    render = factories.make_finished_render(_actor(ann), run_work)
    path = path.format(
        render=render.public_id,
        photo=render.photo.public_id,
        product=render.photo.product.public_id,
    )

    def ask(who: Membership) -> int:
        client = ApiClient(who)
        Render.objects.filter(pk=render.pk).update(submitted_at=None, submitted_by=None)
        return int((client.get if method == "get" else client.post)(path).status_code)

    assert tuple(ask(who) for who in (ann, bob, carol)) == expected
    has_own_queue = path.endswith("/queue")
    assert ask(dan) == (200 if has_own_queue else 404)
    assert getattr(Client(), method)(API + path).status_code == 401


def test_a_page_needs_its_csrf_token(
    ann: Membership, signed_in: Callable[[Membership], Client], db: None
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann.user)
    answer = client.post(
        f"{API}/products", json.dumps({"title": "x"}), content_type="application/json"
    )
    assert answer.status_code == 403


def test_a_revoked_key_opens_nothing(api: ApiClient) -> None:
    assert api.get("/products").status_code == 200
    ApiKey.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert api.get("/products").status_code == 401


def test_the_secret_of_a_key_is_not_stored(ann: Membership) -> None:
    key, secret = create_api_key(membership=ann, name="shop")
    stored = json.dumps(list(ApiKey.objects.values()), default=str)
    assert secret not in stored
    assert key.start == secret[:10]


def test_too_many_requests_say_when_to_come_back(
    api: ApiClient, ann: Membership, styles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(django_settings.CONFIGURATION, "renders_per_minute", 2)
    photo = factories.make_photo(_actor(ann))
    body = {"photo": str(photo.public_id), "style": "pure-white"}
    answers = [api.post("/renders", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


def test_a_photo_over_the_byte_limit_is_refused(api: ApiClient, settings: object) -> None:
    settings.MAX_UPLOAD_BYTES = 500  # type: ignore[attr-defined]
    assert api.upload("/uploads", factories.photo_bytes()).status_code == 413


def test_products_come_in_pages(api: ApiClient, ann: Membership) -> None:
    for number in range(50):
        factories.make_product(_actor(ann), title=f"Product {number}")
    first = api.get("/products").json()
    second = api.get(f"/products?cursor={first['next_cursor'].replace('+', '%2B')}").json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert (len(ids), len(set(ids)), second["next_cursor"]) == (50, 50, "")


def test_products_are_found_by_title_and_sku(api: ApiClient, ann: Membership) -> None:
    factories.make_product(_actor(ann), title="Blue vase", sku="V-7")
    factories.make_product(_actor(ann), title="Red mug", sku="M-1")
    assert [item["title"] for item in api.get("/products?q=vase").json()["items"]] == ["Blue vase"]
    assert [item["title"] for item in api.get("/products?q=m-1").json()["items"]] == ["Red mug"]


def test_the_same_sku_twice_is_a_conflict(api: ApiClient) -> None:
    assert api.post("/products", {"title": "One", "sku": "S"}).status_code == 201
    answer = api.post("/products", {"title": "Two", "sku": "S"})
    assert (answer.status_code, answer.json()["field"]) == (409, "sku")


def test_a_product_is_renamed(api: ApiClient, dan: Membership) -> None:
    product = api.post("/products", {"title": "IMG 0001"}).json()
    path, body = f"{API}/products/{product['id']}", json.dumps({"title": "Red mug", "sku": "M-1"})
    answer = api.client.patch(path, body, content_type="application/json")
    assert (answer.json()["title"], answer.json()["sku"]) == ("Red mug", "M-1")
    stranger = ApiClient(dan).client.patch(path, body, content_type="application/json")
    assert stranger.status_code == 404


def test_looks_are_saved_listed_and_forgotten(api: ApiClient, styles: int) -> None:
    body = {"name": "Ours", "style": "pure-white", "params": {"shadow": 10}}
    look = api.post("/looks", body).json()
    assert look["params"]["shadow"] == 10
    assert api.post("/looks", body).status_code == 409
    assert [item["name"] for item in api.get("/looks").json()] == ["Ours"]
    assert api.client.delete(f"{API}/looks/{look['id']}").status_code == 204
    assert api.get("/looks").json() == []


def test_styles_carry_a_schema_for_their_controls(api: ApiClient, styles: int) -> None:
    by_kind = {
        kind: api.get(f"/styles?kind={kind}").json() for kind in ("background", "mockup", "model")
    }
    assert sum(map(len, by_kind.values())) == styles
    for kind, listed in by_kind.items():
        assert listed
        for style in listed:
            assert style["kind"] == kind
            assert style["params_schema"]["properties"]


def test_a_batch_is_made_and_can_be_stopped(
    api: ApiClient, ann: Membership, run_work: RunWork
) -> None:
    actor = _actor(ann)
    photos = [factories.make_photo(actor, colour=colour) for colour in ("#a03020", "#2030a0")]
    body = {
        "photos": [str(photo.public_id) for photo in photos],
        "style": "pure-white",
        "output": {"size": 128},
    }
    batch = api.post("/batches", body).json()
    assert len(batch["renders"]) == 2
    stopped = api.post(f"/batches/{batch['id']}/cancel").json()
    assert {render["state"] for render in stopped["renders"]} == {State.CANCELLED}


def test_the_docs_page_and_the_schema_are_there(client: Client, db: None) -> None:
    assert client.get(f"{API}/docs").status_code == 200
    assert client.get(f"{API}/openapi.json").json()["info"]["title"] == "Softbox"


def _actor(membership: Membership):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from studio.accounts.selectors import actor_of

    return actor_of(membership)
