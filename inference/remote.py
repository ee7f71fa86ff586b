"""An engine in a process of its own: the web process never holds torch, nor dies of a native crash.

A child process builds the real engine and answers over a socket pair (`inference.engine_process`).
When it dies, every request it held fails within milliseconds, and it is started again.
"""

import contextlib
import copy
import dataclasses
import itertools
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Pipe
from typing import TYPE_CHECKING, cast

from inference.enhance.request import EnhanceRequest
from inference.errors import EngineDied, EngineOverloaded, InferenceError, RenderCancelled
from inference.events import (
    CutoutFinished,
    EnhanceFinished,
    IsCancelled,
    LastingEvent,
    OnEvent,
    RenderFinished,
)
from inference.inspect.findings import Inspection, InspectionRequest
from inference.messages import (
    AboutTicket,
    Answered,
    AnyRequest,
    Ask,
    AskHealth,
    Cancel,
    Configure,
    FromEngine,
    Ready,
    Refused,
    StartFailed,
    Stop,
    ToEngine,
    Told,
)
from inference.protocol import EngineHealth
from inference.requests import CorrectionRequest, CutoutRequest, RenderRequest

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

log = logging.getLogger(__name__)

# How often a waiting request asks whether it is still wanted: a person does not notice 50 ms.
POLL_S = 0.05
FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 10.0
CLOSE_TIMEOUT_S = 2.0
HEALTH_TIMEOUT_S = 1.0

Inbox = queue.SimpleQueue[AboutTicket]


class _EngineLife:
    """One life of the engine process: its pipe and the requests that it holds."""

    def __init__(self, configure: Configure) -> None:
        ours, theirs = Pipe()
        self._pipe = cast("Connection[ToEngine, FromEngine]", ours)
        command = [sys.executable, "-P", "-X", "faulthandler", "-m", "inference.engine_process"]
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [*command, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                # The child finds the modules that this process finds, the factory's included.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
            )
        self._send_lock = threading.Lock()
        self._inboxes: dict[int, Inbox] = {}
        self._inboxes_lock = threading.Lock()
        self._is_over = False
        self._tickets = itertools.count(1)
        self.send(configure)

    def send(self, message: ToEngine) -> None:
        """Write to the pipe; if the process is gone, its reader says so to everyone."""
        with contextlib.suppress(OSError), self._send_lock:
            self._pipe.send(message)

    def messages(self) -> Iterator[FromEngine]:
        """What the process says until its pipe closes; for one reading thread."""
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                return
            except Exception:
                # An answer that this side cannot unpickle: nothing after it can be trusted.
                log.exception("the engine process sent what cannot be read")
                self.process.kill()
                return
            yield message

    def open_ticket(self, most: int) -> tuple[int, Inbox] | None:
        """A number and the place where its answers arrive; None when this life is over.

        Raises:
            EngineOverloaded: `most` requests are waiting already.
        """
        with self._inboxes_lock:
            if self._is_over:
                return None
            if len(self._inboxes) >= most:
                raise EngineOverloaded("The engine has too many pictures waiting; try again soon.")
            ticket, inbox = next(self._tickets), Inbox()
            self._inboxes[ticket] = inbox
            return ticket, inbox

    def deliver(self, message: AboutTicket) -> None:
        """Put a message where its request waits; the last one closes the ticket."""
        with self._inboxes_lock:
            if isinstance(message, Told):
                inbox = self._inboxes.get(message.ticket)
            else:
                inbox = self._inboxes.pop(message.ticket, None)
        if inbox is not None:
            inbox.put(message)

    def end(self) -> int:
        """Fail what is still waiting, collect the process and return its exit status."""
        with self._inboxes_lock:
            self._is_over = True
            inboxes, self._inboxes = self._inboxes, {}
        for ticket, inbox in inboxes.items():
            inbox.put(Refused(ticket, EngineDied("The engine stopped while making this picture.")))
        try:
            status = self.process.wait(timeout=CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._pipe.close()
        return status


class RemoteEngine:
    """The `Engine` protocol over a child process that is kept alive.

    The child starts at once and warms up in the background. `is_cancelled` is asked every 50 ms,
    so a cancelled request returns promptly even while the child is in the middle of a stage.

    Args:
        factory: "module:callable" that builds the engine in the child.
        options: the factory's keyword arguments; they must pickle.
        threads: requests that the child works on at the same time.
        start_timeout_s: how long a request waits for an engine that is starting.
        most_waiting: requests that may be under way or waiting before more are refused.
    """

    def __init__(
        self,
        factory: str = "inference.engine:RenderEngine",
        options: Mapping[str, object] | None = None,
        *,
        threads: int = 3,
        start_timeout_s: float = 60.0,
        most_waiting: int = 64,
    ) -> None:
        self._configure = Configure(factory=factory, options=options or {}, threads=threads)
        self._start_timeout_s = start_timeout_s
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._life: _EngineLife | None = None
        self._is_ready = False
        self._is_closed = False
        self._start_error: InferenceError | None = None
        self._restarts = 0
        self._supervisor = threading.Thread(
            target=self._keep_alive, name="engine-supervisor", daemon=True
        )
        self._supervisor.start()

    @property
    def process_id(self) -> int | None:
        """The child's process id, or None while there is no child."""
        with self._changed:
            return None if self._life is None else self._life.process.pid

    def render(
        self, request: RenderRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> RenderFinished:
        """As `Engine.render`.

        Raises:
            EngineDied: the child ended while it held the request.
            EngineOverloaded: it was not ready in time, or too many requests are waiting.
        """
        return cast("RenderFinished", self._ask(request, on_event, is_cancelled))

    def cut_out(
        self, request: CutoutRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """As `Engine.cut_out`; raises as `render`."""
        return cast("CutoutFinished", self._ask(request, on_event, is_cancelled))

    def correct(
        self, request: CorrectionRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> CutoutFinished:
        """As `Engine.correct`; raises as `render`."""
        return cast("CutoutFinished", self._ask(request, on_event, is_cancelled))

    def enhance(
        self, request: EnhanceRequest, *, on_event: OnEvent, is_cancelled: IsCancelled
    ) -> EnhanceFinished:
        """As `Engine.enhance`; raises as `render` too."""
        return cast("EnhanceFinished", self._ask(request, on_event, is_cancelled))

    def inspect(self, request: InspectionRequest) -> Inspection:
        """As `Engine.inspect`; raises as `render`."""
        answer = self._ask(request, lambda _: None, lambda: False)
        return cast("Inspection", answer)

    def health(self) -> EngineHealth:
        """The child's own health; not ready while it starts, is gone or does not answer."""
        with self._changed:
            life = self._life if self._is_ready and not self._is_closed else None
            waiting = "The engine is closed." if self._is_closed else "The engine is starting."
            detail = str(self._start_error or waiting)
            restarts = self._restarts
        opened = None if life is None else life.open_ticket(sys.maxsize)
        if life is None or opened is None:
            return EngineHealth(is_ready=False, device="", detail=detail, restarts=restarts)
        ticket, inbox = opened
        life.send(AskHealth(ticket))
        try:
            answer = inbox.get(timeout=HEALTH_TIMEOUT_S)
        except queue.Empty:
            answer = Refused(ticket, EngineOverloaded("The engine does not answer."))
        if isinstance(answer, Answered) and isinstance(answer.result, EngineHealth):
            return dataclasses.replace(answer.result, restarts=restarts)
        detail = str(answer.error) if isinstance(answer, Refused) else ""
        return EngineHealth(is_ready=False, device="", detail=detail, restarts=restarts)

    def warm_up(self) -> None:
        """Wait until the child is ready; raises as `render` when it does not get there."""
        self._wait_until_ready(lambda: False)

    def close(self) -> None:
        """End the child, within two seconds or by force; requests under way fail."""
        with self._changed:
            self._is_closed = True
            life = self._life
            self._changed.notify_all()
        if life is not None:
            life.send(Stop())
            try:
                life.process.wait(timeout=CLOSE_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                life.process.kill()
        self._supervisor.join()

    def _ask(
        self,
        request: AnyRequest,
        on_event: OnEvent,
        is_cancelled: IsCancelled,
    ) -> LastingEvent | Inspection:
        while True:
            life = self._wait_until_ready(is_cancelled)
            if (opened := life.open_ticket(self._most_waiting)) is not None:
                break
        ticket, inbox = opened
        life.send(Ask(ticket, request))
        is_answered = False
        try:
            while True:
                _raise_if_cancelled(is_cancelled)
                try:
                    message = inbox.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if isinstance(message, Told):
                    on_event(message.event)
                    continue
                is_answered = True
                if isinstance(message, Refused):
                    raise message.error
                assert not isinstance(message.result, EngineHealth)
                if not isinstance(message.result, Inspection):
                    on_event(message.result)
                return message.result
        finally:
            # Also when `on_event` raised: the child must not work for nobody.
            if not is_answered:
                life.send(Cancel(ticket))

    def _wait_until_ready(self, is_cancelled: IsCancelled) -> _EngineLife:
        deadline = time.monotonic() + self._start_timeout_s
        while True:
            _raise_if_cancelled(is_cancelled)
            with self._changed:
                if self._is_closed:
                    raise EngineOverloaded("The engine is closed.")
                if self._is_ready and self._life is not None:
                    return self._life
                error = self._start_error
                if error is not None and not error.is_worth_retrying:
                    # A copy: threads that raise one object would share its traceback.
                    raise copy.copy(error)
                if time.monotonic() >= deadline:
                    raise EngineOverloaded("The engine is not ready yet; try again shortly.")
                self._changed.wait(POLL_S)

    def _keep_alive(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while not self._is_closed:
            try:
                was_ready = self._live_once()
            except OSError as error:
                log.error("the engine process cannot be started: %s", error)
                was_ready = False
            with self._changed:
                self._restarts += not self._is_closed
                self._changed.wait_for(lambda: self._is_closed, timeout=backoff_s)
            backoff_s = FIRST_BACKOFF_S if was_ready else min(backoff_s * 2, LONGEST_BACKOFF_S)

    def _live_once(self) -> bool:
        """Start a child and follow it to its end; return whether it was ever ready."""
        with self._changed:
            if self._is_closed:
                return False
            # Under the lock, so that `close` either sees this child or prevents it.
            life = self._life = _EngineLife(self._configure)
        was_ready = self._follow(life)
        with self._changed:
            self._is_ready, self._life = False, None
        status = life.end()
        if not self._is_closed:
            log.error("the engine process ended with status %s and is started again", status)
        return was_ready

    def _follow(self, life: _EngineLife) -> bool:
        """Hand on what the child says until its pipe closes; return whether it was ever ready."""
        was_ready = False
        for message in life.messages():
            if isinstance(message, Ready):
                was_ready = True
                with self._changed:
                    self._is_ready, self._start_error = True, None
                    self._changed.notify_all()
            elif isinstance(message, StartFailed):
                with self._changed:
                    self._start_error = message.error
                    self._changed.notify_all()
            else:
                life.deliver(message)
        return was_ready


def _raise_if_cancelled(is_cancelled: IsCancelled) -> None:
    if is_cancelled():
        raise RenderCancelled("The render was cancelled.")
