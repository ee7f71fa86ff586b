"""Pictures cross between host and device here and nowhere else, and every crossing is counted.

On a GPU a crossing costs more than most of the arithmetic between two of them, so each tier of a
render pays for one up and one down. On the CPU nothing is copied, but the calls count the same:
a test without a GPU sees the crossings that one with a GPU would make.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

# Larger than any list of columns or floor cells, smaller than any preview.
MOST_FACT_BYTES = 128 * 2**10

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(slots=True)
class Crossings:
    """How often pictures went up to the device and down to the host, and their bytes.

    `facts` counts small reads (an outline, a lattice), which wait for the device but move little.
    """

    up: int = 0
    down: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    facts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


_counted: ContextVar[Crossings | None] = ContextVar("crossings", default=None)


@contextmanager
def counting() -> Iterator[Crossings]:
    """Count the crossings that this thread makes inside the block."""
    crossings = Crossings()
    token = _counted.set(crossings)
    try:
        yield crossings
    finally:
        _counted.reset(token)


def to_device(picture: NDArray[Scalar], device: torch.device) -> torch.Tensor:
    """A picture as a tensor on the device, of the same shape and type; on the CPU it is a view.

    Args:
        picture: any shape; C-contiguous for a single plain copy.
        device: where it goes.
    """
    if (crossings := _counted.get()) is not None:
        with crossings.lock:
            crossings.up += 1
            crossings.up_bytes += picture.nbytes
    return from_array(picture).to(device)


# A tensor does not tell the type checker what it holds, so neither can these.
def to_host(picture: torch.Tensor) -> NDArray[Any]:
    """A picture as an array on the host, of the same shape and type; on the CPU it is a view."""
    if (crossings := _counted.get()) is not None:
        with crossings.lock:
            crossings.down += 1
            crossings.down_bytes += picture.numel() * picture.element_size()
    return picture.cpu().numpy()


def facts_to_host(facts: torch.Tensor) -> NDArray[Any]:
    """A few numbers about a picture, such as its outline, on the host.

    Raises:
        ValueError: this is a picture, not a few numbers.
    """
    size = facts.numel() * facts.element_size()
    if size > MOST_FACT_BYTES:
        raise ValueError(f"{size} bytes are a picture: use to_host")
    if (crossings := _counted.get()) is not None:
        with crossings.lock:
            crossings.facts += 1
    return facts.cpu().numpy()


def from_array(array: NDArray[Scalar]) -> torch.Tensor:
    """The array as a host tensor, without a copy where torch can share it."""
    # torch warns of arrays that may not be written, such as those that Pillow hands out.
    return torch.from_numpy(array if array.flags.writeable else array.copy())
