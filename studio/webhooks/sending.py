"""One signed HTTP request to somebody else's server, which is trusted with nothing."""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from studio.webhooks.models import SECRET_PREFIX

CONNECT_TIMEOUT_S = 5.0
# For the whole request: a server that answers one byte at a time gets no more.
TOTAL_TIMEOUT_S = 10.0
_ANSWER_BYTES = 500


class Undeliverable(Exception):
    """The message did not get an answer; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other server said; `text` is the beginning of its body."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `body` is JSON, `timestamp` seconds since 1970."""

    url: str
    message_id: str
    timestamp: int
    body: str


def signature_of(message: Message, secrets: Sequence[str]) -> str:
    """The `webhook-signature` header: HMAC-SHA256 over id, time and body, one for each secret.

    Source: Standard Webhooks 1.0.0, "Signature scheme".
    """
    signed = f"{message.message_id}.{message.timestamp}.{message.body}".encode()
    parts = []
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
        digest = hmac.new(key, signed, hashlib.sha256).digest()
        parts.append(f"v1,{base64.b64encode(digest).decode()}")
    return " ".join(parts)


def check_url(url: str, *, allow_private: bool) -> SplitResult:
    """Take an address apart.

    Raises:
        Undeliverable: it is no https address of a public host (http where `allow_private`).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Undeliverable("This is not a web address.") from None
    schemes = {"http", "https"} if allow_private else {"https"}
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise Undeliverable("The address has to begin with https:// and name a host.")
    if parts.username or parts.password:
        raise Undeliverable("The address must not hold a user name or password.")
    return parts


def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to, looked up once, so that it cannot change after the check.

    Raises:
        Undeliverable: the name is unknown, or one of its addresses is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Undeliverable(f"The host {host} is not known.") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_private:
        for address in addresses:
            if not _is_public(address):
                raise Undeliverable(
                    f"{host} leads to {address}, which is not a public address. The operator can "
                    "allow it with SOFTBOX_WEBHOOKS_ALLOW_PRIVATE."
                )
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


def send(message: Message, *, secrets: Sequence[str], allow_private: bool) -> Answer:
    """POST the message; redirects are not followed, because they lead past the address check.

    Raises:
        Undeliverable: no answer came; the sentence is meant for the delivery log.
    """
    parts = check_url(message.url, allow_private=allow_private)
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolve(parts.hostname, port, allow_private=allow_private)
    connection = _Connection(parts.hostname, port, address, is_tls=parts.scheme == "https")
    # `getresponse` and reads have a timeout each; the timer bounds their sum.
    timer = threading.Timer(TOTAL_TIMEOUT_S, connection.abort)
    timer.daemon = True
    started = time.monotonic()
    timer.start()
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            body=message.body.encode(),
            headers=_headers(message, secrets),
        )
        response = connection.getresponse()
        text = response.read1(_ANSWER_BYTES).decode("utf-8", "replace")
        return Answer(response.status, text.replace("\0", ""))
    except (OSError, http.client.HTTPException) as error:
        raise Undeliverable(_why(error, time.monotonic() - started)) from error
    finally:
        timer.cancel()
        connection.close()


def _headers(message: Message, secrets: Sequence[str]) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "Softbox-Webhooks/1",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(message.timestamp),
        "webhook-signature": signature_of(message, secrets),
    }


def _why(error: Exception, elapsed_s: float) -> str:
    if isinstance(error, TimeoutError) or elapsed_s >= TOTAL_TIMEOUT_S:
        return "There was no answer in time."
    if isinstance(error, ssl.SSLError):
        return "The server’s certificate is not valid, or it does not speak TLS."
    if isinstance(error, ConnectionRefusedError):
        return "The server refused the connection."
    return "The connection broke off, or the answer was not HTTP."


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked, under the name it was found by."""

    def __init__(self, host: str, port: int, address: str, *, is_tls: bool) -> None:
        super().__init__(host, port, timeout=CONNECT_TIMEOUT_S)
        self._address = address
        self._tls = ssl.create_default_context() if is_tls else None
        self.default_port = 443 if is_tls else 80

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), CONNECT_TIMEOUT_S)
        self.sock = plain
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)

    def abort(self) -> None:
        """Break off from another thread."""
        opened = self.sock
        if opened is None:
            return
        try:
            opened.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was closed a moment ago
