"""Changing renders: submit, run, cancel, recover."""

from studio.renders.services.cancel import cancel_batch, cancel_render, retry_render
from studio.renders.services.defaults import of_look, schema_for
from studio.renders.services.recover import purge_transient, recover_work
from studio.renders.services.run import run_waiting_work
from studio.renders.services.submit import (
    RenderOrder,
    cache_key_of,
    order_render,
    request_tiles,
    submit_batch,
    submit_for_review,
)

__all__ = [
    "RenderOrder",
    "cache_key_of",
    "cancel_batch",
    "cancel_render",
    "of_look",
    "order_render",
    "purge_transient",
    "recover_work",
    "request_tiles",
    "retry_render",
    "run_waiting_work",
    "schema_for",
    "submit_batch",
    "submit_for_review",
]
