"""What can be done with webhooks."""

from studio.webhooks.services.deliver import deliver_due, purge_deliveries, wake_deliveries
from studio.webhooks.services.manage import (
    add_endpoint,
    remove_endpoint,
    replay_delivery,
    rotate_secret,
    send_test,
    switch_on,
)
from studio.webhooks.services.record import record_event

__all__ = [
    "add_endpoint",
    "deliver_due",
    "purge_deliveries",
    "record_event",
    "remove_endpoint",
    "replay_delivery",
    "rotate_secret",
    "send_test",
    "switch_on",
    "wake_deliveries",
]
