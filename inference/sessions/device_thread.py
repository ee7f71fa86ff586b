"""A thread that one GPU session has to itself.

ONNX Runtime keeps a CUDA graph, and what it was captured with, for each *thread* that runs the
session. A replay from another thread finds none, captures again in the middle of the work, and a
capture fails, or breaks what runs beside it, as soon as anybody else allocates memory. So whatever
concerns such a session, from loading to its last run, happens on the same thread, and everyone else
hands work over and waits.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Result = TypeVar("Result")


class DeviceThread:
    """Runs what it is given, one after the other, always on the same thread.

    The thread starts with the first piece of work and ends when nobody holds this object any more.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def call(self, work: Callable[[], Result]) -> Result:
        """Run `work` on the thread and wait; what it raises is raised here.

        Never call it from work that is running on the thread: that would wait for itself.
        """
        return self._executor.submit(_without_gradients, work).result()


def _without_gradients(work: Callable[[], Result]) -> Result:
    # torch's mode belongs to a thread, too, and what comes here was made in inference mode.
    with torch.inference_mode():
        return work()
