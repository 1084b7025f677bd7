"""Open-loop load: each request is sent when it is due, whatever became of the others.

One Locust user is one stream of arrivals. Streams superpose, so the offered load is the
number of users times the rate per user, and Locust's own controls (the user slider,
`--processes`) go on working as controls of the rate.
"""

import gc
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count, takewhile
from typing import Any, ClassVar
from uuid import UUID

import gevent
import geventhttpclient.client
from gevent.event import Event
from geventhttpclient import HTTPClient
from locust import User, task
from locust.exception import StopUser

from bench.model import JOB_ID_HEADER, Arrivals, Example, Outcome, Stream
from loadtests.arrivals import due_times_s
from loadtests.clock import Clock, clock
from loadtests.recorder import OUTCOMES, STREAMS, Recorder
from loadtests.senders import Senders

# A retry would send one job's id twice. POST is never retried; neither is GET from here on.
geventhttpclient.client.IDEMPOTENT_METHODS = frozenset()

CONCURRENCY = 4096
NANOSECONDS = 1_000_000_000
LEAD_NS = 20_000_000
PING = Example(method="GET", path="/ping")
PREFIX_BYTES = 8


@dataclass(frozen=True)
class Plan:
    """What every stream of this process is told.

    A `live` test keeps Locust's own statistics too, for its page and its summary; the raw rows
    do not need them, and they take a tenth of the generator's time.
    """

    seed: str
    job_prefix: str
    arrivals: Arrivals
    load_s: float
    rest_s: float
    response_timeout_s: float
    live: bool
    headers: dict[str, str] = field(default_factory=dict)


class Session:
    """What the streams of this process share: the connection, the rows, the first moment.

    Requests for jobs fall due from `start_ns` on; the bystander is there `rest_s` earlier.
    """

    def __init__(self, plan: Plan, client: HTTPClient, process: int) -> None:
        """Begin with no rows and the first moment not yet known."""
        self.plan = plan
        self.client = client
        self.process = process
        self.recorder = Recorder()
        self.start_ns = 0
        self.scheduled = 0
        self.load_cpu_s = 0.0
        self._released = Event()
        self._streams: Counter[Stream] = Counter()

    def release(self) -> None:
        """Let the streams begin, all from the same moment.

        What is there by now stays: the garbage collector need not look at it while requests wait.
        """
        gc.collect()
        gc.freeze()
        self.start_ns = time.monotonic_ns() + LEAD_NS + int(self.plan.rest_s * NANOSECONDS)
        self._start_cpu_s = time.process_time()
        self._released.set()

    def end_of_load(self) -> None:
        """Note the CPU time that this process took since the release."""
        self.load_cpu_s = time.process_time() - self._start_cpu_s

    def wait_for_release(self) -> None:
        """Return once the streams may begin."""
        self._released.wait()

    def next_stream(self, kind: Stream) -> int:
        """Return the number of one more stream of a kind."""
        self._streams[kind] += 1
        return self._streams[kind] - 1


def job_ids(prefix: str) -> Iterator[UUID]:
    """Yield ids that no other prefix yields: 8 bytes of its hash, 8 bytes of a counter."""
    head = blake2b(prefix.encode(), digest_size=PREFIX_BYTES).digest()
    return (UUID(bytes=head + number.to_bytes(PREFIX_BYTES)) for number in count(1))


class OpenLoopUser(User):
    """One stream of arrivals: it waits for the next due time, sends, and does not wait further."""

    abstract = True
    session: ClassVar[Session]
    example: ClassVar[Example]
    rate_per_s: ClassVar[float]
    kind: ClassVar[Stream] = Stream.JOBS
    name: ClassVar[str] = "jobs"

    def on_start(self) -> None:
        """Draw the stream's schedule and wait for its first request."""
        session = self.session
        stream = f"{session.process} {self.kind} {session.next_stream(self.kind)}"
        plan = session.plan
        self._due_times_s = due_times_s(plan.arrivals, self.rate_per_s, f"{plan.seed} {stream}")
        self._ids = job_ids(f"{plan.job_prefix} {stream}")
        self._clock: Clock = clock()
        self._senders = Senders(self._request)
        session.wait_for_release()
        earlier_s = plan.rest_s if self.kind is Stream.BYSTANDER else 0.0
        self._end_s = plan.load_s + earlier_s
        # A user that joins later, by the web page's slider, starts its schedule then.
        start_ns = session.start_ns - int(earlier_s * NANOSECONDS)
        self._start_ns = max(start_ns, time.monotonic_ns())

    @task
    def stream(self) -> None:
        """Prepare each request, sleep until it is due, and have it sent at once.

        One task is the whole stream: Locust's own way from one task to the next takes time.
        """
        for due_s in takewhile(lambda due_s: due_s < self._end_s, self._due_times_s):
            due_ns = self._start_ns + int(due_s * NANOSECONDS)
            job_id = next(self._ids)
            number = int.from_bytes(job_id.bytes[PREFIX_BYTES:])
            example = self.example.numbered(number)
            self._clock.sleep_until(due_ns)
            if self.kind is Stream.JOBS:
                self.session.scheduled += 1
            self._senders.order(due_ns, job_id, example)
            gevent.sleep(0)
        raise StopUser

    def on_stop(self) -> None:
        """Wait for the answers that are still out."""
        self._senders.join()
        self._clock.close()

    def _request(self, due_ns: int, job_id: UUID, example: Example) -> None:
        sent_ns = time.monotonic_ns()
        status, error = self._exchange(example, job_id)
        answered_ns = time.monotonic_ns() if status else -1
        outcome = _outcome(status, error)
        self.session.recorder.record(
            STREAMS.index(self.kind),
            str(job_id) if self.kind is Stream.JOBS else "",
            (due_ns, sent_ns, answered_ns),
            status,
            OUTCOMES.index(outcome),
        )
        if not self.session.plan.live:
            return
        self.environment.events.request.fire(
            request_type=example.method,
            name=self.name,
            response_time=(max(answered_ns, sent_ns) - due_ns) / 1e6,
            response_length=0,
            exception=error or (None if outcome is Outcome.ACCEPTED else ValueError(status)),
            context={},
        )

    def _exchange(self, example: Example, job_id: UUID) -> tuple[int, OSError | None]:
        """Send and read the answer to its end; the status is 0 if there was none."""
        own = {**self.session.plan.headers, JOB_ID_HEADER: str(job_id)}
        headers: dict[str, Any] = {**example.headers, **own}
        try:
            response = self.session.client.request(
                example.method, example.path, example.body, headers
            )
            response.read()
        except OSError as error:
            return 0, error
        except geventhttpclient.client.HTTPParseError as error:
            return 0, ConnectionError(str(error))
        return response.status_code, None


def _outcome(status: int, error: OSError | None) -> Outcome:
    """Say what the client knows: accepted (2xx), refused (an answer or no server), unknown."""
    if isinstance(error, ConnectionRefusedError):
        return Outcome.REFUSED
    if not status:
        return Outcome.UNKNOWN
    return Outcome.ACCEPTED if 200 <= status < 300 else Outcome.REFUSED
