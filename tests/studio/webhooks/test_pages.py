"""The pages for webhooks: who sees what, the secret once, the log, the buttons."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from studio.accounts.models import Membership, Role, User
from studio.accounts.selectors import Actor, actor_of
from studio.webhooks.models import Delivery, Endpoint, EventKind
from studio.webhooks.sending import Answer
from studio.webhooks.services import add_endpoint, deliver_due, send_test
from tests import factories

SignIn = Callable[[Membership], Client]
URL = "https://stock.example.net/in"


@pytest.fixture
def erin(ann: Membership) -> Membership:
    """The admin of Ann's workspace."""
    user = User.objects.create_user("erin@example.com", factories.PASSWORD, first_name="Erin")
    return Membership.objects.create(user=user, workspace=ann.workspace, role=Role.ADMIN)


@pytest.fixture
def admin(erin: Membership) -> Actor:
    return actor_of(erin)


@pytest.fixture
def endpoint(admin: Actor) -> Endpoint:
    return add_endpoint(actor=admin, url=URL, kinds=[EventKind.PUBLISHED.value])


@pytest.fixture
def delivered(admin: Actor, endpoint: Endpoint) -> Delivery:
    made = send_test(actor=admin, endpoint=endpoint)
    deliver_due(send=lambda message, **kwargs: Answer(200, "thank you"))
    return Delivery.objects.get(pk=made.pk)


@pytest.mark.parametrize(
    ("who", "listed", "log"),
    [("ann", 200, 200), ("bob", 200, 200), ("carol", 403, 403), ("dan", 200, 404)],
)
def test_who_sees_endpoints_and_their_log(
    who: str,
    listed: int,
    log: int,
    delivered: Delivery,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    page = browser.get(reverse("webhooks:endpoints"))
    assert page.status_code == listed
    assert (URL in page.content.decode()) == (who in {"ann", "bob"})
    found = browser.get(reverse("webhooks:log", args=[delivered.endpoint.public_id]))
    assert found.status_code == log
    assert delivered.endpoint.secret not in found.content.decode()


@pytest.mark.parametrize("name", ["test", "rotate", "switch_on", "remove"])
@pytest.mark.parametrize(
    ("who", "status"), [("ann", 403), ("bob", 403), ("carol", 403), ("dan", 404)]
)
def test_who_may_press_the_buttons(
    name: str,
    who: str,
    status: int,
    endpoint: Endpoint,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    url = reverse(f"webhooks:{name}", args=[endpoint.public_id])
    assert signed_in(request.getfixturevalue(who)).post(url).status_code == status
    before = endpoint.secret
    endpoint.refresh_from_db()
    assert (endpoint.secret, endpoint.removed_at) == (before, None)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("ann", 403), ("bob", 403), ("carol", 403), ("dan", 404)]
)
def test_who_may_replay(
    who: str,
    status: int,
    delivered: Delivery,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    url = reverse("webhooks:replay", args=[delivered.public_id])
    assert signed_in(request.getfixturevalue(who)).post(url).status_code == status
    assert Delivery.objects.count() == 1


def test_the_secret_is_shown_once(erin: Membership, signed_in: SignIn) -> None:
    browser = signed_in(erin)
    chosen = {"url": URL, "kinds": ["review.approved"]}
    made = browser.post(reverse("webhooks:add"), chosen)
    endpoint = Endpoint.objects.get()
    assert made.status_code == 201
    assert endpoint.secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    log = reverse("webhooks:log", args=[endpoint.public_id])
    assert endpoint.secret not in browser.get(log).content.decode()
    rotated = browser.post(reverse("webhooks:rotate", args=[endpoint.public_id]))
    endpoint.refresh_from_db()
    assert endpoint.secret in rotated.content.decode()
    assert "signed with the old one as well" in rotated.content.decode()


def test_a_wrong_address_is_explained_beside_its_field(erin: Membership, signed_in: SignIn) -> None:
    chosen = {"url": "http://shop.example.com/", "kinds": ["review.approved"]}
    answer = signed_in(erin).post(reverse("webhooks:add"), chosen)
    assert answer.status_code == 422
    assert "has to begin with https://" in answer.content.decode()
    empty = signed_in(erin).post(reverse("webhooks:add"), {"url": URL})
    assert "Choose at least one event." in empty.content.decode()


def test_the_log_shows_every_try_and_what_was_sent(
    erin: Membership, delivered: Delivery, signed_in: SignIn
) -> None:
    page = signed_in(erin).get(reverse("webhooks:log", args=[delivered.endpoint.public_id]))
    text = page.content.decode()
    for expected in ("Delivered", "thank you", delivered.message_id, "It works.", "Send again"):
        assert expected in text


def test_a_test_message_and_a_replay_by_their_buttons(
    erin: Membership, endpoint: Endpoint, signed_in: SignIn
) -> None:
    browser = signed_in(erin)
    page = browser.post(reverse("webhooks:test", args=[endpoint.public_id]), follow=True)
    assert "A test is on its way" in page.content.decode()
    delivery = Delivery.objects.get()
    replay = reverse("webhooks:replay", args=[delivery.public_id])
    assert "still on its way" in browser.post(replay, follow=True).content.decode()
    deliver_due(send=lambda message, **kwargs: Answer(500, ""))
    Delivery.objects.update(state="failed")
    assert "sent once more" in browser.post(replay, follow=True).content.decode()
    assert Delivery.objects.count() == 2


def test_removing_takes_it_off_the_list(
    erin: Membership, endpoint: Endpoint, signed_in: SignIn
) -> None:
    browser = signed_in(erin)
    page = browser.post(reverse("webhooks:remove", args=[endpoint.public_id]), follow=True)
    assert "Nobody is told yet" in page.content.decode()
    assert browser.get(reverse("webhooks:log", args=[endpoint.public_id])).status_code == 404


def test_a_server_that_asked_not_to_be_called_can_be_switched_on(
    admin: Actor, erin: Membership, endpoint: Endpoint, signed_in: SignIn
) -> None:
    send_test(actor=admin, endpoint=endpoint)
    deliver_due(send=lambda message, **kwargs: Answer(410, ""))
    browser = signed_in(erin)
    assert "Switched off" in browser.get(reverse("webhooks:endpoints")).content.decode()
    url = reverse("webhooks:switch_on", args=[endpoint.public_id])
    assert "It is called again." in browser.post(url, follow=True).content.decode()


def test_the_operators_pages_do_not_show_secrets(endpoint: Endpoint) -> None:
    operator = User.objects.create_superuser("operator@example.com", factories.PASSWORD)
    page = Client()
    page.force_login(operator)
    url = reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])
    text = page.get(url).content.decode()
    assert URL in text
    assert endpoint.secret not in text
