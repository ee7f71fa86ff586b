"""What can be done with publications."""

from studio.publishing.services.publish import publish, verdicts_of, withdraw

__all__ = ["publish", "verdicts_of", "withdraw"]
