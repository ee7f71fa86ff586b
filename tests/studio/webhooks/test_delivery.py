"""Webhooks: signed, tried again, never to a private address, and none lost with its fact."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from studio.accounts.models import Membership, Role, User
from studio.accounts.selectors import Actor, actor_of
from studio.core.errors import Conflict, Invalid, NotAllowed
from studio.publishing.services import publish
from studio.review.services import decide
from studio.webhooks.models import Delivery, Endpoint, EventKind
from studio.webhooks.sending import Answer, Message, Undeliverable, resolve, send, signature_of
from studio.webhooks.services import (
    add_endpoint,
    deliver_due,
    purge_deliveries,
    record_event,
    remove_endpoint,
    replay_delivery,
    rotate_secret,
    send_test,
    switch_on,
    wake_deliveries,
)
from studio.webhooks.services.deliver import MAX_ATTEMPTS, retry_delay_s
from tests import factories

RunWork = Callable[[], int]
URL = "https://shop.example.com/hooks/softbox"
EVERY = [kind.value for kind in EventKind if kind is not EventKind.TEST]


@pytest.fixture
def admin(ann: Membership) -> Actor:
    """Erin, who administers Ann's workspace."""
    user = User.objects.create_user("erin@example.com", factories.PASSWORD, first_name="Erin")
    return actor_of(Membership.objects.create(user=user, workspace=ann.workspace, role=Role.ADMIN))


@pytest.fixture
def endpoint(admin: Actor) -> Endpoint:
    return add_endpoint(actor=admin, url=URL, kinds=EVERY)


@dataclass
class Receiver:
    """Somebody else's server: answers in turn with these, then with the last of them."""

    answers: list[Answer | Undeliverable] = field(default_factory=lambda: [Answer(204, "")])
    heard: list[tuple[Message, list[str]]] = field(default_factory=list)

    def __call__(self, message: Message, *, secrets: Sequence[str], allow_private: bool) -> Answer:
        assert allow_private is False
        self.heard.append((message, list(secrets)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Undeliverable):
            raise answer
        return answer


def kinds_waiting() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("kind", flat=True))


def make_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())


# --- what is told ------------------------------------------------------------------------------
def test_a_picture_is_told_of_from_finished_to_published(
    seller: Actor, reviewer: Actor, run_work: RunWork, endpoint: Endpoint
) -> None:
    render = factories.make_approved_render(seller, reviewer, run_work)
    publish(actor=seller, render=render)
    assert kinds_waiting() == ["render.finished", "review.approved", "publication.published"]
    published = json.loads(Delivery.objects.get(kind="publication.published").body)
    assert published["type"] == "publication.published"
    assert published["data"]["render"] == str(render.public_id)
    assert {each["format"] for each in published["data"]["files"]} == {"webp", "avif", "jpeg"}
    assert published["data"]["digital_source_type"].endswith("/algorithmicallyEnhanced")


def test_a_returned_picture_is_told_of_with_its_reason(
    seller: Actor, reviewer: Actor, run_work: RunWork, endpoint: Endpoint
) -> None:
    render = factories.make_submitted_render(seller, run_work)
    sha256 = render.result_sha256
    decide(actor=reviewer, render=render, verdict="return", reasons=["halo"], seen_sha256=sha256)
    body = json.loads(Delivery.objects.get(kind="review.returned").body)
    assert (body["data"]["verdict"], body["data"]["reasons"]) == ("return", ["halo"])


def test_previews_are_not_worth_a_message(
    seller: Actor, run_work: RunWork, endpoint: Endpoint
) -> None:
    factories.make_photo(seller)
    run_work()
    assert kinds_waiting() == []


def test_only_what_was_asked_for_is_told(admin: Actor) -> None:
    add_endpoint(actor=admin, url=URL, kinds=["review.approved"])
    workspace = admin.workspace
    assert record_event(workspace=workspace, kind=EventKind.FINISHED, subject="x", data={}) == 0
    assert record_event(workspace=workspace, kind=EventKind.APPROVED, subject="x", data={}) == 1


def test_another_workspace_hears_nothing(endpoint: Endpoint, stranger: Actor) -> None:
    told = record_event(workspace=stranger.workspace, kind=EventKind.FINISHED, subject="x", data={})
    assert told == 0


def test_what_is_rolled_back_is_not_told(endpoint: Endpoint) -> None:
    with transaction.atomic():
        record_event(workspace=endpoint.workspace, kind=EventKind.FINISHED, subject="x", data={})
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


# --- how it arrives ----------------------------------------------------------------------------
def test_the_signature_can_be_checked_by_the_standard(endpoint: Endpoint) -> None:
    message = Message(URL, "msg_1", 1_764_000_000, '{"type":"webhook.test"}')
    version, given = signature_of(message, [endpoint.secret]).split(",")
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    expected = hmac.new(key, b'msg_1.1764000000.{"type":"webhook.test"}', hashlib.sha256).digest()
    assert version == "v1"
    assert base64.b64decode(given) == expected
    assert len(key) == 32


def test_the_signature_is_the_one_the_standards_own_example_gives() -> None:
    message = Message(URL, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    signature = signature_of(message, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_delivered_message_is_logged_and_not_sent_again(admin: Actor, endpoint: Endpoint) -> None:
    receiver = Receiver([Answer(200, "thanks")])
    delivery = send_test(actor=admin, endpoint=endpoint)
    assert deliver_due(send=receiver) == 1
    assert deliver_due(send=receiver) == 0
    delivery.refresh_from_db()
    attempt = delivery.attempts.get()
    assert (delivery.state, attempt.status_code, attempt.answer) == ("delivered", 200, "thanks")
    message, secrets = receiver.heard[0]
    assert message.message_id == delivery.message_id
    assert secrets == [endpoint.secret]


def test_a_failing_server_is_tried_again_later_and_later_and_then_given_up(
    admin: Actor, endpoint: Endpoint
) -> None:
    receiver = Receiver([Undeliverable("There was no answer in time."), Answer(500, "oops")])
    delivery = send_test(actor=admin, endpoint=endpoint)
    waits = []
    for number in range(1, MAX_ATTEMPTS + 1):
        assert deliver_due(send=receiver) == 1
        delivery.refresh_from_db()
        waits.append((delivery.due_at - timezone.now()).total_seconds())
        assert delivery.attempts.count() == number
        # Nothing is due until its time has come.
        if number < MAX_ATTEMPTS:
            assert deliver_due(send=receiver) == 0
            make_due(delivery)
    assert delivery.state == "failed"
    for number, wait in enumerate(waits[:-1], start=1):
        longest = 5 * 4 ** (number - 1)
        assert longest / 2 - 1 <= wait <= longest
    first, second = delivery.attempts.order_by("number")[:2]
    assert (first.error, first.status_code) == ("There was no answer in time.", None)
    assert (second.error, second.status_code) == ("", 500)


def test_many_that_fail_together_do_not_come_back_together() -> None:
    assert retry_delay_s(3, chance=0.0) == 80.0
    assert retry_delay_s(3, chance=1.0) == 40.0


def test_a_server_that_says_gone_is_not_called_again(admin: Actor, endpoint: Endpoint) -> None:
    delivery = send_test(actor=admin, endpoint=endpoint)
    deliver_due(send=Receiver([Answer(410, "")]))
    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert delivery.state == "failed"
    assert "410 Gone" in endpoint.switched_off_why
    told = record_event(workspace=endpoint.workspace, kind=EventKind.FINISHED, subject="x", data={})
    assert told == 0
    with pytest.raises(Conflict, match="switched off"):
        send_test(actor=admin, endpoint=endpoint)
    switch_on(actor=admin, endpoint=endpoint)
    send_test(actor=admin, endpoint=endpoint)


def test_one_address_that_breaks_does_not_stop_the_others(admin: Actor, endpoint: Endpoint) -> None:
    def broken(message: Message, *, secrets: Sequence[str], allow_private: bool) -> Answer:
        if "broken" in message.url:
            raise ZeroDivisionError
        return Answer(200, "")

    other = add_endpoint(actor=admin, url="https://broken.example.com/", kinds=EVERY)
    bad = send_test(actor=admin, endpoint=other)
    good = send_test(actor=admin, endpoint=endpoint)
    assert deliver_due(send=broken) == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("waiting", "delivered")
    assert bad.attempts.get().error == "Something went wrong on our side; it has been logged."


def test_a_worker_that_comes_back_late_writes_nothing(admin: Actor, endpoint: Endpoint) -> None:
    delivery = send_test(actor=admin, endpoint=endpoint)
    assert delivery.claim()
    late = Delivery.objects.get(pk=delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    successor = Delivery.objects.get(pk=delivery.pk)
    assert successor.claim()
    assert not late.end_attempt(Delivery.State.FAILED)
    assert successor.end_attempt(Delivery.State.DELIVERED)


def test_a_claimed_message_is_not_claimed_twice(admin: Actor, endpoint: Endpoint) -> None:
    delivery = send_test(actor=admin, endpoint=endpoint)
    twin = Delivery.objects.get(pk=delivery.pk)
    assert delivery.claim()
    assert not twin.claim()


def test_the_reaper_rings_only_when_something_is_due(
    admin: Actor, endpoint: Endpoint, sent_tasks: list[str]
) -> None:
    assert not wake_deliveries()
    send_test(actor=admin, endpoint=endpoint)
    sent_tasks.clear()
    assert wake_deliveries()
    assert sent_tasks == ["webhooks.deliver_due"]


def test_a_replay_sends_the_same_bytes_under_the_same_id(admin: Actor, endpoint: Endpoint) -> None:
    receiver = Receiver()
    first = send_test(actor=admin, endpoint=endpoint)
    with pytest.raises(Conflict, match="still on its way"):
        replay_delivery(actor=admin, delivery=first)
    deliver_due(send=receiver)
    first.refresh_from_db()
    replay_delivery(actor=admin, delivery=first)
    deliver_due(send=receiver)
    (before, _), (after, _) = receiver.heard
    assert (before.message_id, before.body) == (after.message_id, after.body)
    assert Delivery.objects.count() == 2


def test_for_a_day_both_secrets_sign(admin: Actor, endpoint: Endpoint) -> None:
    old = endpoint.secret
    rotated = rotate_secret(actor=admin, endpoint=endpoint)
    assert rotated.secret != old
    now = timezone.now()
    assert rotated.secrets_at(now) == [rotated.secret, old]
    assert rotated.secrets_at(now + timedelta(hours=25)) == [rotated.secret]
    message = Message(URL, "msg_1", 1, "{}")
    both = signature_of(message, rotated.secrets_at(now)).split(" ")
    assert both[1] == signature_of(message, [old])


def test_a_removed_endpoint_is_not_called(admin: Actor, endpoint: Endpoint) -> None:
    receiver = Receiver()
    send_test(actor=admin, endpoint=endpoint)
    remove_endpoint(actor=admin, endpoint=endpoint)
    assert deliver_due(send=receiver) == 0
    assert receiver.heard == []


def test_the_log_forgets_what_ended_long_ago(admin: Actor, endpoint: Endpoint) -> None:
    old, fresh = (send_test(actor=admin, endpoint=endpoint) for _ in range(2))
    deliver_due(send=Receiver())
    waiting = send_test(actor=admin, endpoint=endpoint)
    long_ago = timezone.now() - timedelta(days=31)
    Delivery.objects.filter(pk=old.pk).update(ended_at=long_ago, created_at=long_ago)
    Delivery.objects.filter(pk=waiting.pk).update(created_at=long_ago)
    assert purge_deliveries() == 1
    assert set(Delivery.objects.all()) == {fresh, waiting}


# --- who may -----------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ann", "bob", "carol", "dan"])
def test_only_the_workspaces_admin_changes_webhooks(
    who: str, endpoint: Endpoint, request: pytest.FixtureRequest
) -> None:
    actor = actor_of(request.getfixturevalue(who))
    if who == "dan":
        # An admin, but of another workspace: what he adds is his own.
        assert add_endpoint(actor=actor, url=URL, kinds=EVERY).workspace != endpoint.workspace
        return
    with pytest.raises(NotAllowed):
        add_endpoint(actor=actor, url="https://other.example.com/", kinds=EVERY)
    for change in (send_test, rotate_secret, switch_on, remove_endpoint):
        with pytest.raises(NotAllowed):
            change(actor=actor, endpoint=endpoint)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/",
        "ftp://shop.example.com/",
        "https://",
        "https://shop.example.com:99999/",
        "https://user:pass@shop.example.com/",
        "not an address",
    ],
)
def test_only_https_addresses_are_taken(admin: Actor, url: str) -> None:
    with pytest.raises(Invalid):
        add_endpoint(actor=admin, url=url, kinds=EVERY)


def test_an_endpoint_wants_events_that_exist(admin: Actor) -> None:
    for kinds in ([], ["moon.landed"], ["webhook.test"]):
        with pytest.raises(Invalid, match="at least one event"):
            add_endpoint(actor=admin, url=URL, kinds=kinds)


def test_an_address_is_added_once(admin: Actor, endpoint: Endpoint) -> None:
    with pytest.raises(Invalid, match="already"):
        add_endpoint(actor=admin, url=URL, kinds=EVERY)


# --- the wire ----------------------------------------------------------------------------------
# Numbers are resolved without asking anybody.
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "2002:7f00:1::", "224.0.0.1",
    ],
)  # fmt: skip
def test_private_addresses_are_never_called(host: str) -> None:
    with pytest.raises(Undeliverable, match="not a public address"):
        resolve(host, 443, allow_private=False)


@pytest.mark.enable_socket
def test_public_addresses_are_called() -> None:
    assert resolve("93.184.215.14", 443, allow_private=False) == "93.184.215.14"
    assert resolve("2606:2800:21f::1", 443, allow_private=False) == "2606:2800:21f::1"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.heard.append((dict(self.headers.items()), body))
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 4000)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output quiet."""


class _Server(http.server.HTTPServer):
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[tuple[dict[str, str], bytes]] = []


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.enable_socket
def test_a_real_server_gets_the_signed_bytes(server: _Server, endpoint: Endpoint) -> None:
    url = f"http://127.0.0.1:{server.server_port}/hook?a=1"
    message = Message(url, "msg_1", 1_764_000_000, '{"text":"größer"}')
    answer = send(message, secrets=[endpoint.secret], allow_private=True)
    assert answer.status == 200
    assert 0 < len(answer.text) <= 500
    headers, body = server.heard[0]
    assert body == message.body.encode()
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-timestamp"] == "1764000000"
    assert headers["webhook-signature"] == signature_of(message, [endpoint.secret])


@pytest.mark.enable_socket
def test_redirects_are_not_followed(server: _Server, endpoint: Endpoint) -> None:
    server.status = 302
    url = f"http://127.0.0.1:{server.server_port}/"
    answer = send(Message(url, "m", 1, "{}"), secrets=[endpoint.secret], allow_private=True)
    assert answer.status == 302
    assert len(server.heard) == 1


@pytest.mark.enable_socket
def test_a_server_that_is_away_is_said_to_be(server: _Server, endpoint: Endpoint) -> None:
    url = f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    with pytest.raises(Undeliverable, match="refused the connection"):
        send(Message(url, "m", 1, "{}"), secrets=[endpoint.secret], allow_private=True)
