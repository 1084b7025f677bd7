"""Processes of an experiment: children of ours that can be started again."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress

from after202.claims import probe, talk
from after202.claims.talk import Connection
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import accepts
from after202.kernel.errors import TrialError
from loadtests.claims import Answer, End

READY_S = 30.0


class Process:
    """A child with its descendants."""

    def __init__(self, begin: Callable[[], Child]) -> None:
        """Start it; `begin` returns the child when it is ready, and is called for each start."""
        self._begin = begin
        self.start()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._child = self._begin()
        self._asked_s = time.monotonic()

    @property
    def pid(self) -> int:
        """The id of its main process."""
        return self._child.pid

    def log(self) -> str:
        """Return what it has written."""
        return self._child.log_text()

    def children(self) -> list[int]:
        """Return the ids of its descendants, in the order of their start."""
        tree = self._child.tree()[1:]
        return [one.pid for one in sorted(tree, key=lambda one: (one.create_time(), one.pid))]

    def terminate(self) -> None:
        """Send TERM to the main process."""
        self._asked_s = time.monotonic()
        self._child.signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it and its descendants."""
        self._child.kill()

    def kill_one(self, pid: int) -> None:
        """Kill one of its processes."""
        if pid not in {self.pid, *self.children()}:
            raise TrialError(f"{pid} is no process of {self._child.name}")
        os.kill(pid, signal.SIGKILL)

    def wait(self, timeout_s: float) -> End | None:
        """Wait for its end; None if it still runs."""
        with suppress(TrialError):
            code = self._child.wait(timeout_s)
            return End(code, time.monotonic() - self._asked_s)
        return None

    def freeze(self) -> None:
        """Stop it and its descendants."""
        if not self._child.freeze():
            raise TrialError(f"{self._child.name} could not be frozen")

    def thaw(self) -> None:
        """Let them go on."""
        self._child.thaw()


def begun(launch: Launch, is_ready: Callable[[Child], bool]) -> Child:
    """Start a process, wait until it is ready, and return it; TrialError if it does not become so.

    What an earlier start wrote to the log is kept, and does not count.
    """
    child = Child(launch)
    until(f"{launch.name} ready", lambda: is_ready(child), READY_S, [child])
    return child


class Server(Process):
    """An app under uvicorn."""

    def __init__(self, launch: Launch, port: int) -> None:
        """Start it, and wait until it accepts connections."""
        self.port = port
        self._opened: list[Connection] = []
        super().__init__(lambda: begun(launch, lambda _: accepts(port)))

    def get(self, path: str) -> Answer:
        """Send a GET over a connection of its own."""
        return talk.ask(self.port, path)

    def post(self, path: str, body: bytes = b"") -> Answer:
        """Send a POST over a connection of its own."""
        return talk.ask(self.port, path, body)

    def together(self, path: str, count: int) -> list[Answer]:
        """Send so many GETs at the same time."""
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(self.get, [path] * count))

    def connect(self) -> Connection:
        """Open a connection."""
        self._opened.append(Connection(self.port))
        return self._opened[-1]

    def hang_up(self) -> None:
        """Close every connection that was opened, but for those of single requests."""
        for connection in self._opened:
            connection.close()

    def probing(self, path: str = "/ping") -> AbstractContextManager[list[float]]:
        """Ask for a path every 20 ms; the list has the times in ms."""
        return probe.probing(self.port, path)
