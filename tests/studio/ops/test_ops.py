"""Health, readiness, figures, and the demo's seed."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import AsyncClient, Client

from inference.protocol import EngineHealth
from studio.accounts.models import Membership, User, Workspace
from studio.accounts.selectors import Actor
from studio.catalog.selectors import SAMPLES_DIR, sample_products
from studio.ops import views
from tests import factories

RunWork = Callable[[], int]


def test_health_says_what_runs_where(client: Client, db: None) -> None:
    health = client.get("/healthz").json()
    assert health["status"] == "ok"
    assert health["profile"] == "embedded"
    assert health["engine"]["state"] == "ready"
    assert health["queue"] == {"queued": 0, "running": 0}


def test_a_studio_is_not_ready_before_its_engine_is(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").status_code == 200
    starting = EngineHealth(is_ready=False, device="", detail="The engine is starting.")
    monkeypatch.setattr(views, "engine_health", lambda: starting)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The engine is starting.")
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_the_figures_are_in_prometheus_format(db: None) -> None:
    answer = await AsyncClient().get("/metrics")
    text = answer.content.decode()
    assert "# TYPE softbox_work_rows gauge" in text
    assert "softbox_engine_ready 1.0" in text


def test_the_figures_count_rows_by_state(client: Client, seller: Actor, run_work: RunWork) -> None:
    factories.make_finished_render(seller, run_work)
    text = client.get("/metrics").content.decode()
    assert 'softbox_work_rows{kind="render",state="finished"} 1.0' in text
    assert 'softbox_render_seconds_median{tier="final"}' in text


def test_seeding_twice_makes_one_demo_studio(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings.CONFIGURATION, "demo", True)
    first, second = StringIO(), StringIO()
    call_command("seed", stdout=first)
    call_command("seed", stdout=second)
    assert Workspace.objects.count() == 1
    assert set(Membership.objects.values_list("role", flat=True)) == {"seller", "reviewer", "admin"}
    workspace = Workspace.objects.get()
    assert workspace.products.count() == len(sample_products()) >= 6
    password = first.getvalue().split("seller@softbox.demo")[1].split()[0]
    assert User.objects.get(email="seller@softbox.demo").check_password(password)
    assert password in second.getvalue()


def test_without_the_demo_seeding_makes_nobody(db: None) -> None:
    call_command("seed", stdout=StringIO())
    assert not User.objects.exists()


def test_every_sample_is_there_credited_and_small() -> None:
    samples = sample_products()
    sources = (SAMPLES_DIR / "SOURCES.md").read_text()
    assert len(samples) >= 6
    for sample in samples:
        assert sample.path.stat().st_size <= 300_000
        assert sample.file in sources
        assert sample.alt
