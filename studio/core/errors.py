"""Errors of the studio: each has a sentence for people, a stable code, and one HTTP status.

`studio.api` turns them into problem+json, views into form errors; nothing else knows HTTP.
"""


class StudioError(Exception):
    """Something a person asked for that the studio will not do, and why."""

    code = "refused"
    status = 400

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotFound(StudioError):
    """It does not exist, or belongs to somebody else; the two look alike on purpose."""

    code = "not_found"
    status = 404


class NotAllowed(StudioError):
    """Who is asking may see this but not do it."""

    code = "not_allowed"
    status = 403


class Conflict(StudioError):
    """The thing is not in a state in which this can be done."""

    code = "conflict"
    status = 409


class Invalid(StudioError):
    """A value is out of range or of the wrong type; `field` names it."""

    code = "invalid"
    status = 422


class TooLarge(StudioError):
    """The upload is over the limit."""

    code = "too_large"
    status = 413


class StorageFull(StudioError):
    """The disk or bucket refused to take a file."""

    code = "storage_full"
    status = 507


class TooManyRequests(StudioError):
    """Slow down; `retry_after_s` says for how long."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
