"""Rate limits, counted in the cache."""

import time

from django.core.cache import cache

from studio.core.errors import TooManyRequests

_WINDOW_S = 60


def check_rate(*, what: str, who: object, per_minute: int) -> None:
    """Count one more `what` by `who` in this minute.

    Raises:
        TooManyRequests: it is one too many; `retry_after_s` is the rest of the minute.
    """
    now = time.time()
    window = int(now // _WINDOW_S)
    key = f"rate:{what}:{who}:{window}"
    cache.add(key, 0, timeout=2 * _WINDOW_S)
    if cache.incr(key) > per_minute:
        wait_s = max(1, round((window + 1) * _WINDOW_S - now))
        raise TooManyRequests(
            f"That was more than {per_minute} a minute. Please try again in {wait_s} s.",
            retry_after_s=wait_s,
        )
