"""This process's engine, as settings choose it."""

from functools import cache

from django.conf import settings

from inference.protocol import Engine, EngineHealth
from inference.remote import RemoteEngine
from inference.testing import FakeEngine
from studio.core.errors import Conflict


@cache
def engine() -> Engine:
    """The engine that renders for this process.

    Raises:
        Conflict: this process was started without one (a cluster's web process).
    """
    configuration = settings.CONFIGURATION
    networks = (configuration.network,)
    if configuration.engine == "fake":
        return FakeEngine(stage_delay_s=configuration.engine_stage_delay_s)
    if configuration.engine == "remote-fake":
        fake = {"stage_delay_s": configuration.engine_stage_delay_s}
        return RemoteEngine(
            "inference.testing:FakeEngine", fake, threads=configuration.worker_threads
        )
    if configuration.engine == "remote":
        return RemoteEngine(
            "inference.engine:RenderEngine",
            {"device": configuration.device, "networks": networks},
            threads=configuration.worker_threads,
        )
    if configuration.engine == "local":
        # Only a GPU worker may load torch; the web side must not.
        from inference.engine import RenderEngine

        return RenderEngine(device=configuration.device, networks=networks)
    raise Conflict("This process was started without an engine.")


def engine_health() -> EngineHealth | None:
    """The engine's health; None where this process has none."""
    if settings.CONFIGURATION.engine == "none":
        return None
    return engine().health()
