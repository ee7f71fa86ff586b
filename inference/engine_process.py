"""The engine process: it holds the networks, so that the web process never does.

`RemoteEngine` starts it as `python -m inference.engine_process FD` and speaks to it over a socket
pair. It ends at once when the pipe closes, however its parent died.
"""

import importlib
import logging
import os
import pickle
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, cast

from inference.enhance.request import EnhanceRequest
from inference.errors import EngineDied, InferenceError, RenderCancelled, StageFailed
from inference.events import Event, LastingEvent
from inference.inspect.findings import Inspection, InspectionRequest
from inference.messages import (
    Answered,
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
from inference.protocol import Engine, EngineHealth
from inference.requests import CorrectionRequest, Priority, RenderRequest

if TYPE_CHECKING:
    # A name for the annotations only: at run time the class takes no parameters.
    Pipe = Connection[FromEngine, ToEngine]

log = logging.getLogger(__name__)

_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


def build_engine(configure: Configure) -> Engine:
    """Import and call the factory, then warm the engine up.

    Raises:
        InferenceError: the engine cannot start; the sentence says why.
    """
    module_name, _, name = configure.factory.partition(":")
    factory = getattr(importlib.import_module(module_name), name)
    engine = cast("Engine", factory(**configure.options))
    engine.warm_up()
    return engine


class EngineProcess:
    """Reads the pipe in the main thread and answers from a few worker threads.

    Waiting requests leave in order of priority, then of arrival, so a bulk batch never stands in
    front of a seller who is moving a slider.
    """

    def __init__(self, pipe: "Pipe") -> None:
        self._pipe = pipe
        self._send_lock = threading.Lock()
        self._waiting: queue.PriorityQueue[tuple[int, int, Ask]] = queue.PriorityQueue()
        self._cancelled: dict[int, threading.Event] = {}
        self._engine: Engine | None = None

    def serve(self) -> None:
        """Obey the parent until it says stop or is gone; returns when the process should end."""
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                return
            match message:
                case Configure():
                    threading.Thread(
                        target=self._start, args=(message,), name="engine-start", daemon=True
                    ).start()
                case Ask(ticket=ticket, request=request):
                    self._cancelled[ticket] = threading.Event()
                    self._waiting.put((_RANKS[request.priority], ticket, message))
                case Cancel(ticket=ticket):
                    if (cancelled := self._cancelled.get(ticket)) is not None:
                        cancelled.set()
                case AskHealth(ticket=ticket):
                    self._send(Answered(ticket, self._health()))
                case Stop():
                    self._stop()
                    return

    def _start(self, configure: Configure) -> None:
        try:
            self._engine = build_engine(configure)
        except InferenceError as error:
            log.error("the engine cannot start: %s", error)
            self._send(StartFailed(error))
            os._exit(1)
        except Exception:
            log.exception("the engine cannot start")
            self._send(StartFailed(InferenceError("The engine could not start; see its log.")))
            os._exit(1)
        for number in range(configure.threads):
            threading.Thread(
                target=self._work, args=(self._engine,), name=f"engine-{number}", daemon=True
            ).start()
        self._send(Ready())

    def _stop(self) -> None:
        for cancelled in list(self._cancelled.values()):
            cancelled.set()
        if self._engine is not None:
            self._engine.close()

    def _health(self) -> EngineHealth:
        if self._engine is None:
            return EngineHealth(is_ready=False, device="", detail="The engine is starting.")
        return self._engine.health()

    def _work(self, engine: Engine) -> None:
        while True:
            _, _, ask = self._waiting.get()
            try:
                self._answer(engine, ask)
            except StageFailed as error:
                # Pickling drops the chained cause, so it is logged on this side.
                log.exception("the %s stage failed", error.stage)
                self._send(Refused(ask.ticket, error))
            except EngineDied as error:
                # A broken CUDA context stays broken: whoever started this process starts another.
                self._send(Refused(ask.ticket, error))
                log.error("this process ends, because its engine cannot go on: %s", error)
                os._exit(1)
            except InferenceError as error:
                self._send(Refused(ask.ticket, error))
            except Exception:
                log.exception("the engine failed outside of its stages")
                self._send(Refused(ask.ticket, StageFailed("engine")))
            finally:
                del self._cancelled[ask.ticket]

    def _answer(self, engine: Engine, ask: Ask) -> None:
        is_cancelled = self._cancelled[ask.ticket].is_set

        def on_event(event: Event) -> None:
            # The lasting event is the answer itself: a large picture crosses the pipe once.
            if not isinstance(event, LastingEvent):
                self._send(Told(ask.ticket, event))

        if is_cancelled():
            raise RenderCancelled("The render was cancelled.")
        result: LastingEvent | Inspection
        if isinstance(ask.request, RenderRequest):
            result = engine.render(ask.request, on_event=on_event, is_cancelled=is_cancelled)
        elif isinstance(ask.request, CorrectionRequest):
            result = engine.correct(ask.request, on_event=on_event, is_cancelled=is_cancelled)
        elif isinstance(ask.request, EnhanceRequest):
            result = engine.enhance(ask.request, on_event=on_event, is_cancelled=is_cancelled)
        elif isinstance(ask.request, InspectionRequest):
            result = engine.inspect(ask.request)
        else:
            result = engine.cut_out(ask.request, on_event=on_event, is_cancelled=is_cancelled)
        self._send(Answered(ask.ticket, result))

    def _send(self, message: FromEngine) -> None:
        data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            with self._send_lock:
                self._pipe.send_bytes(data)
        except OSError:
            # The parent is gone: nobody is left to work for.
            os._exit(0)


def main() -> None:
    """Serve the parent that passed the number of its socket as the only argument."""
    # Ctrl-C goes to the whole terminal; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s engine[%(process)d] %(levelname)s %(name)s: %(message)s",
    )
    # It tells every step of every picture at the level where we tell once a day.
    logging.getLogger("pyvips").setLevel(logging.WARNING)
    file_descriptor = int(sys.argv[1])
    os.set_inheritable(file_descriptor, False)
    EngineProcess(Connection(file_descriptor)).serve()
    # Not a plain return: worker threads may be inside a native call that nothing can interrupt.
    os._exit(0)


if __name__ == "__main__":
    main()
