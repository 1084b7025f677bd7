"""What an experiment works with: the lab, and what it starts, sends, and is told."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Answer:
    """An answer; `status` is 0 if the connection ended, or 30 s passed, without one.

    Times are of the machine's monotonic clock, in seconds, as those of marks are.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    sent_s: float
    first_byte_s: float
    last_byte_s: float

    @property
    def took_ms(self) -> float:
        """Milliseconds from the request to the last byte of its answer."""
        return (self.last_byte_s - self.sent_s) * 1000

    def ms_until(self, at_s: float) -> float:
        """Return the milliseconds from the answer's last byte to a moment; negative if before."""
        return (at_s - self.last_byte_s) * 1000


@dataclass(frozen=True)
class Mark:
    """What an app or a task noted of itself: see `inside.mark`."""

    name: str
    at_s: float
    pid: int
    thread: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class End:
    """How a process ended: its exit code, negative for a signal, and after how long."""

    code: int
    after_s: float


class Connection(Protocol):
    """A connection of one's own to a server, which is kept between requests."""

    def send(self, path: str, body: bytes | None = None, **headers: str) -> None:
        """Send a request, a POST if it has a body, and do not wait for the answer."""

    def receive(self) -> Answer:
        """Wait for the answer to what was sent."""

    def get(self, path: str) -> Answer:
        """Send a GET and wait for its answer."""

    def close(self) -> None:
        """Close the connection."""

    def reset(self) -> None:
        """Close it with a TCP reset, as a client that has gone does."""


class Process(Protocol):
    """A process of the experiment with its children; a new start begins it again."""

    @property
    def pid(self) -> int:
        """The id of its main process."""

    def log(self) -> str:
        """Return what it wrote to its standard output and error."""

    def children(self) -> list[int]:
        """Return the ids of its descendants, in the order of their start."""

    def terminate(self) -> None:
        """Send TERM to the main process."""

    def kill(self) -> None:
        """Kill it and its descendants immediately."""

    def kill_one(self, pid: int) -> None:
        """Kill one of its processes."""

    def wait(self, timeout_s: float) -> End | None:
        """Wait for its end; None if it still runs. The time counts from TERM, if that was sent."""

    def freeze(self) -> None:
        """Stop it and its descendants, as a hung machine does."""

    def thaw(self) -> None:
        """Let them go on."""

    def start(self) -> None:
        """Start it again, and wait until it is ready."""


class Server(Process, Protocol):
    """An app of the claim's file under uvicorn."""

    port: int

    def get(self, path: str) -> Answer:
        """Send a GET over a connection of its own."""

    def post(self, path: str, body: bytes = b"") -> Answer:
        """Send a POST over a connection of its own."""

    def together(self, path: str, count: int) -> list[Answer]:
        """Send so many GETs at the same time, each over its own connection."""

    def connect(self) -> Connection:
        """Open a connection."""

    def probing(self, path: str = "/ping") -> AbstractContextManager[list[float]]:
        """Ask for a path every 20 ms in a thread of its own.

        The list has the milliseconds from when each request fell due to its answer; requests that
        were still waiting at the end count as if they had been answered then.
        """


class Broker(Process, Protocol):
    """A Redis of the experiment's own (Valkey)."""

    @property
    def url(self) -> str:
        """Its URL, with the password."""

    def clients(self, *names: str) -> int:
        """Return how many connections there are but ours."""

    def disconnect(self) -> int:
        """Close every client's connection; return how many."""


class Lab(Protocol):
    """Where an experiment starts what it needs; all of it ends with the experiment's run."""

    def serve(self, app: str = "app", *options: str, workers: int = 1) -> Server:
        """Start an app of the claim's file under uvicorn, and wait until it answers."""

    def redis(self, durability: str = "save points") -> Broker:
        """Start a Redis; what is started after it finds it by `inside.redis_url`."""

    def postgres(self) -> str:
        """Make an empty database, and return its URL; see `inside.database_url`."""

    def celery(self, app: str = "celery", *options: str) -> Process:
        """Start a worker of a Celery app of the claim's file, and wait until it is ready."""

    def rq(self, *options: str) -> Process:
        """Start an RQ worker of the queue `default`, and wait until it listens."""

    def python(self, name: str, *options: str, ready: str = "") -> Process:
        """Start Python with these options; wait until its log has the text `ready`."""

    def marks(self, name: str = "") -> list[Mark]:
        """Return the marks of this name, or all, in the order in which they were made."""

    def wait_for(self, name: str, count: int = 1, timeout_s: float = 20) -> list[Mark]:
        """Wait for so many marks of a name; TrialError if they do not come."""

    def comes(self, name: str, count: int = 1, timeout_s: float = 20) -> bool:
        """Wait likewise; return whether they came."""

    def at_rest(self, server: Server, path: str = "/ping", seconds: float = 1.0) -> float:
        """Return the p99 of the answers, in ms, while the server does nothing else."""
