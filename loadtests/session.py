"""What the streams of one generator process share: their plan, the turns of the load, the rows."""

import gc
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate

import gevent
from gevent.event import Event
from geventhttpclient import HTTPClient

from after202.records.experiment import Arrivals, Stream
from after202.records.request_log import Requests
from loadtests.lag import Lag

NANOSECONDS = 1_000_000_000
LEAD_NS = 20_000_000
POLL_S = 0.005


@dataclass(frozen=True)
class Plan:
    """The settings of every stream of this process; `turns_s` is how long each turn lasts.

    A `live` test also keeps Locust's own statistics, for its page and its summary. The raw rows
    do not need them, and they take a tenth of the generator's time.
    """

    seed: str
    job_prefix: str
    arrivals: Arrivals
    turns_s: tuple[float, ...]
    rest_s: float
    response_timeout_s: float
    live: bool
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def load_s(self) -> float:
        """How long the load lasts, in all of its turns."""
        return sum(self.turns_s)


class Session:
    """What the streams of this process share: the client, the rows, the starts of the turns.

    The load is split into turns. A turn begins when it is released, and its due times shift
    accordingly. The bystander begins `rest_s` before the first turn.
    """

    def __init__(self, plan: Plan, client: HTTPClient, process: int, requests: Requests) -> None:
        """Start with no turn released."""
        self.plan = plan
        self.client = client
        self.process = process
        self.requests = requests
        self.begins_ns: list[int] = []
        self.scheduled = 0
        self.ordered = 0
        self.load_cpu_s = 0.0
        self.lag = Lag()
        self._released = [Event() for _ in plan.turns_s]
        self._starts_s = [0.0, *accumulate(plan.turns_s[:-1])]
        self._streams: Counter[Stream] = Counter()

    def release(self) -> None:
        """Let all streams begin their next turn at the same moment.

        Objects that exist at the first turn are frozen, so that the garbage collector does not
        scan them while requests wait.
        """
        earlier_s = 0.0
        if not self.begins_ns:
            gc.collect()
            gc.freeze()
            self._start_cpu_s = time.process_time()
            earlier_s = self.plan.rest_s
        self.begins_ns.append(time.monotonic_ns() + LEAD_NS + int(earlier_s * NANOSECONDS))
        self._released[len(self.begins_ns) - 1].set()
        self.lag.start()

    def end_turn(self) -> None:
        """Return once the turn's time is over and each of its requests has been answered."""
        gevent.sleep((self.end_ns - time.monotonic_ns()) / NANOSECONDS)
        while self.requests.ended < self.ordered:
            gevent.sleep(POLL_S)
        self.lag.stop()

    @property
    def end_ns(self) -> int:
        """The end of the turn that was released last."""
        lasts_s = self.plan.turns_s[len(self.begins_ns) - 1]
        return self.begins_ns[-1] + int(lasts_s * NANOSECONDS)

    def end_of_load(self) -> None:
        """Record the CPU time that this process used since the first release."""
        self.load_cpu_s = time.process_time() - self._start_cpu_s

    def wait_for_release(self) -> None:
        """Return once the streams may begin."""
        self._released[0].wait()

    def wait_for_turn(self, load_s: float) -> None:
        """Return once the turn that contains `load_s` seconds into the load is released."""
        self._released[self._turn(load_s)].wait()

    def at_ns(self, load_s: float) -> int:
        """Return the time of `load_s` seconds into the load; negative values are before it.

        Unreleased turns are assumed to follow immediately.
        """
        turn = min(self._turn(load_s), len(self.begins_ns) - 1)
        return self.begins_ns[turn] + int((load_s - self._starts_s[turn]) * NANOSECONDS)

    def _turn(self, load_s: float) -> int:
        return max(bisect_right(self._starts_s, load_s) - 1, 0)

    def next_stream(self, kind: Stream) -> int:
        """Return the number of a new stream of a kind, from 0."""
        self._streams[kind] += 1
        return self._streams[kind] - 1
