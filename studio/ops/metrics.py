"""Figures for Prometheus, read from the database at each scrape: the rows are the truth."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from django.db.models import Count
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from inference.requests import Tier
from studio.catalog.models import Cutout
from studio.core.engine import engine_health
from studio.core.work import State
from studio.renders.models import Render


class StudioCollector(Collector):
    """What an operator watches: work by state, waiting time, render time, the engine."""

    def collect(self) -> Iterator[Metric]:
        yield self._by_state()
        yield self._oldest_waiting()
        yield self._render_time()
        yield from self._engine()

    def _by_state(self) -> Metric:
        gauge = GaugeMetricFamily(
            "softbox_work_rows", "Rows by kind and state.", labels=("kind", "state")
        )
        for kind, model in (("cutout", Cutout), ("render", Render)):
            for row in model.objects.values("state").annotate(count=Count("pk")):
                gauge.add_metric((kind, row["state"]), row["count"])
        return gauge

    def _oldest_waiting(self) -> Metric:
        oldest = Render.objects.filter(state=State.QUEUED).order_by("queued_at").first()
        age_s = (timezone.now() - oldest.queued_at).total_seconds() if oldest else 0.0
        return GaugeMetricFamily(
            "softbox_oldest_waiting_seconds", "Age of the oldest waiting render.", value=age_s
        )

    def _render_time(self) -> Metric:
        gauge = GaugeMetricFamily(
            "softbox_render_seconds_median", "Median of the last hour.", labels=("tier",)
        )
        since = timezone.now() - timedelta(hours=1)
        done = Render.objects.filter(
            state=State.FINISHED, was_cached=False, finished_at__gt=since
        ).values_list("tier", "started_at", "finished_at")
        times: dict[str, list[float]] = {}
        for tier, started, finished in done:
            if started and finished:
                name = Tier(tier).name.lower()
                times.setdefault(name, []).append((finished - started).total_seconds())
        for name, values in times.items():
            gauge.add_metric((name,), median(values))
        return gauge

    def _engine(self) -> Iterator[Metric]:
        health = engine_health()
        if health is None:
            return
        yield GaugeMetricFamily(
            "softbox_engine_ready", "1 when the engine takes work.", value=float(health.is_ready)
        )
        yield GaugeMetricFamily(
            "softbox_engine_restarts", "Times the engine process died.", value=health.restarts
        )


def exposition() -> bytes:
    """Every figure in the text exposition format."""
    registry = CollectorRegistry()
    registry.register(StudioCollector())
    return generate_latest(registry)
