"""Open-loop load: each request is sent when it is due, whatever happened to the others.

One Locust user is one stream of arrivals. Streams superpose, so the offered load is the
number of users times the rate per user, and Locust's own controls (the user slider,
`--processes`) still control the rate.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import count, takewhile
from typing import Any, ClassVar
from uuid import UUID

import gevent
from geventhttpclient.client import HTTPParseError
from locust import User, task
from locust.exception import StopUser

from after202.kernel.model import JOB_ID_HEADER, Example
from after202.records.experiment import Outcome, Stream
from after202.records.planned import Stage
from after202.records.requests import OUTCOMES, STREAMS
from loadtests.arrivals import staged_s
from loadtests.clock import Clock, clock
from loadtests.senders import Senders
from loadtests.session import NANOSECONDS, Session

PING = Example(method="GET", path="/ping")
PREFIX_BYTES = 8


def job_ids(prefix: str) -> Iterator[UUID]:
    """Yield ids that are unique to a prefix: 8 bytes of its hash, 8 bytes of a counter."""
    head = blake2b(prefix.encode(), digest_size=PREFIX_BYTES).digest()
    return (UUID(bytes=head + number.to_bytes(PREFIX_BYTES)) for number in count(1))


class OpenLoopUser(User):
    """One stream of arrivals: it sends at each due time, and does not wait for the answer.

    `examples` has the request of each workload in the stream's stages.
    """

    abstract = True
    session: ClassVar[Session]
    examples: ClassVar[Mapping[str, Example]]
    stages: ClassVar[tuple[Stage, ...]]
    kind: ClassVar[Stream] = Stream.JOBS
    name: ClassVar[str] = "jobs"

    def on_start(self) -> None:
        """Draw the stream's schedule and wait for its first request."""
        session = self.session
        stream = f"{session.process} {self.kind} {session.next_stream(self.kind)}"
        plan = session.plan
        self._schedule = staged_s(plan.arrivals, self.stages, f"{plan.seed} {stream}")
        self._ids = job_ids(f"{plan.job_prefix} {stream}")
        self._clock: Clock = clock()
        self._senders = Senders(self._request)
        session.wait_for_release()
        start_s = -plan.rest_s if self.kind is Stream.BYSTANDER else 0.0
        # A user added later, with the web page's slider, starts its schedule then.
        late_s = (time.monotonic_ns() - session.begins_ns[0]) / NANOSECONDS
        self._start_s = max(start_s, late_s)

    @task
    def stream(self) -> None:
        """Prepare each request, sleep until it is due, and hand it to a sender.

        One task is the whole stream, because Locust takes time between one task and the next.
        """
        session = self.session
        due = ((self._start_s + due_s, workload) for due_s, workload in self._schedule)
        for load_s, workload in takewhile(lambda one: one[0] < session.plan.load_s, due):
            session.wait_for_turn(load_s)
            due_ns = session.at_ns(load_s)
            job_id = next(self._ids)
            number = int.from_bytes(job_id.bytes[PREFIX_BYTES:])
            example = self.examples[workload].numbered(number)
            self._clock.sleep_until(due_ns)
            session.ordered += 1
            if self.kind is Stream.JOBS:
                session.scheduled += 1
            self._senders.order(due_ns, str(job_id), example)
            gevent.sleep(0)
        raise StopUser

    def on_stop(self) -> None:
        """Wait for the answers that are still outstanding."""
        self._senders.join()
        self._clock.close()

    def _request(self, due_ns: int, job_id: str, example: Example) -> None:
        requests, stream = self.session.requests, STREAMS.index(self.kind)
        sent_ns = time.monotonic_ns()
        try:
            place = requests.send(
                stream, job_id if self.kind is Stream.JOBS else "", due_ns, sent_ns
            )
        except OSError as full:
            sys.exit(f"no row can be written: {full.strerror}")
        status, error = self._exchange(example, job_id)
        answered_ns = time.monotonic_ns() if status else -1
        outcome = _outcome(status, error)
        requests.end(place, stream, (due_ns, answered_ns), status, OUTCOMES.index(outcome))
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

    def _exchange(self, example: Example, job_id: str) -> tuple[int, OSError | None]:
        """Send a request and read the whole answer; the status is 0 if there was none."""
        own = {**self.session.plan.headers, JOB_ID_HEADER: job_id}
        headers: dict[str, Any] = {**example.headers, **own}
        try:
            response = self.session.client.request(
                example.method, example.path, example.body, headers
            )
            response.read()
        except OSError as error:
            return 0, error
        except HTTPParseError as error:
            return 0, ConnectionError(str(error))
        return response.status_code, None


def _outcome(status: int, error: OSError | None) -> Outcome:
    """Return what the client knows: accepted (2xx), refused (other answer, no server), unknown."""
    if isinstance(error, ConnectionRefusedError):
        return Outcome.REFUSED
    if not status:
        return Outcome.UNKNOWN
    return Outcome.ACCEPTED if 200 <= status < 300 else Outcome.REFUSED
