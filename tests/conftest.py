"""The stage: temporary files, the fake engine, a broker that only writes down what was sent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from studio.accounts.models import Membership, User
from studio.accounts.selectors import Actor, actor_of
from studio.celery import app
from studio.core import live
from studio.renders.services import inspect, run_waiting_work
from studio.review.services.inspections import InspectionKeeper
from studio.styles.services import sync_styles
from tests import factories


@pytest.fixture(autouse=True)
def _own_files(settings: object, tmp_path: Path) -> None:
    """Every test has its own files, cache and live store."""
    files = tmp_path / "files"
    storages = dict(settings.STORAGES)  # type: ignore[attr-defined]
    storages["default"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(files)},
    }
    settings.STORAGES = storages  # type: ignore[attr-defined]
    # A test that counts renders counts those that somebody asked for.
    settings.CONFIGURATION = settings.CONFIGURATION.model_copy(update={"prefetch_styles": 0})  # type: ignore[attr-defined]
    cache.clear()
    live.store.cache_clear()
    live.hub.cache_clear()


@pytest.fixture(autouse=True)
def no_inspections(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake engine's checks find nothing; a test of inspections says so by `inspections`."""
    monkeypatch.setattr(inspect, "_keepers", [])


@pytest.fixture
def inspections(no_inspections: None) -> None:
    """Finals are inspected and what is found is kept, as outside of tests."""
    inspect.keep_inspections_with(InspectionKeeper())


@pytest.fixture(autouse=True)
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent to the broker, by name."""
    sent: list[str] = []

    def send_task(name: str, queue: str = "") -> None:
        sent.append(str(name))

    monkeypatch.setattr(app, "send_task", send_task)
    return sent


@pytest.fixture
def styles(db: None) -> int:
    """The installed styles, as rows."""
    return sync_styles()


@pytest.fixture
def run_work(styles: int) -> Callable[[], int]:
    """Do all waiting work now, in this thread, with the fake engine."""
    return run_waiting_work


@pytest.fixture
def ann(db: None) -> Membership:
    """A seller."""
    return factories.make_member("ann")


@pytest.fixture
def bob(db: None) -> Membership:
    """A seller on Ann's team."""
    return factories.make_member("bob")


@pytest.fixture
def carol(db: None) -> Membership:
    """A reviewer on Ann's team."""
    return factories.make_member("carol")


@pytest.fixture
def dan(db: None) -> Membership:
    """A stranger: admin of another workspace."""
    return factories.make_member("dan")


@pytest.fixture
def seller(ann: Membership) -> Actor:
    return actor_of(ann)


@pytest.fixture
def reviewer(carol: Membership) -> Actor:
    return actor_of(carol)


@pytest.fixture
def stranger(dan: Membership) -> Actor:
    return actor_of(dan)


@pytest.fixture
def signed_in() -> Callable[[Membership | User], Client]:
    """A browser in which this person is signed in."""

    def sign_in(who: Membership | User) -> Client:
        client = Client()
        client.force_login(who.user if isinstance(who, Membership) else who)
        return client

    return sign_in
