"""Engines that go wrong in ways that only a child process may: used by `test_remote.py`."""

import threading
import time

from inference.errors import EngineDied, InferenceError, WeightsMissing
from inference.protocol import EngineHealth


class RefusesToStart:
    """A factory that fails as one does without weights."""

    def __init__(self) -> None:
        raise WeightsMissing("Run the command that fetches them.")


class BreaksOutsideOfStages:
    """Answers with errors that are not of the family, and with what cannot be pickled."""

    def __init__(self, *, returns_a_lock: bool) -> None:
        self._returns_a_lock = returns_a_lock

    def warm_up(self) -> None: ...

    def close(self) -> None: ...

    def health(self) -> EngineHealth:
        return EngineHealth(is_ready=True, device="none")

    def cut_out(self, request: object, *, on_event: object, is_cancelled: object) -> object:
        if self._returns_a_lock:
            return threading.Lock()
        raise ZeroDivisionError("a secret path: /srv/photos")


class Unreadable(InferenceError):
    """An error that pickles but cannot be built again: its constructor wants more."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


class AnswersUnreadably(BreaksOutsideOfStages):
    """Sends what the parent cannot unpickle."""

    def cut_out(self, request: object, *, on_event: object, is_cancelled: object) -> object:
        raise Unreadable("a", "b")


class NeverStopsClosing(BreaksOutsideOfStages):
    """Hangs in `close` as a stuck driver does."""

    def close(self) -> None:
        time.sleep(60)


class LosesItsDevice(BreaksOutsideOfStages):
    """Finds its GPU gone in the middle of a picture."""

    def cut_out(self, request: object, *, on_event: object, is_cancelled: object) -> object:
        raise EngineDied("The device that makes the pictures stopped answering.")
