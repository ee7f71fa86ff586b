"""The networks' files on this machine: which are installed, and whether they are the right ones.

Loads no network library.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from inference.errors import InferenceError
from inference.networks.weights import WeightsStatus, entry, status, verify

# By hash: another file of the same network has not been checked.
_CACHE_KEY = "weights-verified:{}"


@dataclass(frozen=True, slots=True)
class Verification:
    """How the last check of a file ended; `problem` is empty when it was the registered one."""

    at: datetime
    took_ms: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class InstalledWeights:
    """One row of the operator's list. `installed_bytes` is None while the file is not there."""

    status: WeightsStatus
    installed_bytes: int | None
    verification: Verification | None


def installed_weights() -> list[InstalledWeights]:
    """Every registered file, with its last check on this studio."""
    return [
        InstalledWeights(
            status=each,
            installed_bytes=each.path.stat().st_size if each.path else None,
            verification=cache.get(_CACHE_KEY.format(each.weights.sha256)),
        )
        for each in status()
    ]


def verify_weights(name: str) -> Verification:
    """Hash one installed file now and remember how it ended.

    Raises:
        WeightsMissing: nothing of that name is registered.
    """
    weights = entry(name)
    started = time.perf_counter()
    problem = ""
    try:
        verify(name)
    except InferenceError as error:
        problem = str(error)
    took_ms = round((time.perf_counter() - started) * 1000)
    verification = Verification(timezone.now(), took_ms, problem)
    cache.set(_CACHE_KEY.format(weights.sha256), verification, timeout=None)
    return verification
