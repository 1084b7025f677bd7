"""What the streams of one generator process share: their plan, the turns of the load, the rows."""

import gc
import time
from collections import Counter
from dataclasses import dataclass, field

import gevent
from gevent.event import Event
from geventhttpclient import HTTPClient

from after202.records.experiment import Arrivals, Stream
from loadtests.recorder import Recorder

NANOSECONDS = 1_000_000_000
LEAD_NS = 20_000_000
POLL_S = 0.005


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
    turns: int
    rest_s: float
    response_timeout_s: float
    live: bool
    headers: dict[str, str] = field(default_factory=dict)


class Session:
    """What the streams of this process share: the connection, the rows, the first moment.

    The load is cut into turns of equal length. Each begins when it is released, and what falls due
    in it falls due that much later. The bystander is there `rest_s` before the first.
    """

    def __init__(self, plan: Plan, client: HTTPClient, process: int) -> None:
        """Begin with no rows and no turn released."""
        self.plan = plan
        self.client = client
        self.process = process
        self.recorder = Recorder()
        self.turn_s = plan.load_s / plan.turns
        self.begins_ns: list[int] = []
        self.scheduled = 0
        self.ordered = 0
        self.load_cpu_s = 0.0
        self._released = [Event() for _ in range(plan.turns)]
        self._streams: Counter[Stream] = Counter()

    def release(self) -> None:
        """Let the streams begin their next turn, all from the same moment.

        What is there by the first stays: the garbage collector need not look at it while requests
        wait.
        """
        earlier_s = 0.0
        if not self.begins_ns:
            gc.collect()
            gc.freeze()
            self._start_cpu_s = time.process_time()
            earlier_s = self.plan.rest_s
        self.begins_ns.append(time.monotonic_ns() + LEAD_NS + int(earlier_s * NANOSECONDS))
        self._released[len(self.begins_ns) - 1].set()

    def end_turn(self) -> None:
        """Return once the turn's time is over and each of its requests has been answered."""
        end_ns = self.begins_ns[-1] + int(self.turn_s * NANOSECONDS)
        gevent.sleep((end_ns - time.monotonic_ns()) / NANOSECONDS)
        while self.recorder.rows() < self.ordered:
            gevent.sleep(POLL_S)

    def end_of_load(self) -> None:
        """Note the CPU time that this process took since the release."""
        self.load_cpu_s = time.process_time() - self._start_cpu_s

    def wait_for_release(self) -> None:
        """Return once the streams may begin."""
        self._released[0].wait()

    def wait_for_turn(self, load_s: float) -> None:
        """Return once the turn is released in which it is so many seconds into the load."""
        self._released[self._turn(load_s)].wait()

    def at_ns(self, load_s: float) -> int:
        """Return when it is so many seconds into the load; negative ones are before it.

        Of turns that are not released yet it is taken that they follow the last at once.
        """
        turn = min(self._turn(load_s), len(self.begins_ns) - 1)
        return self.begins_ns[turn] + int((load_s - turn * self.turn_s) * NANOSECONDS)

    def _turn(self, load_s: float) -> int:
        return min(max(int(load_s / self.turn_s), 0), self.plan.turns - 1)

    def next_stream(self, kind: Stream) -> int:
        """Return the number of one more stream of a kind."""
        self._streams[kind] += 1
        return self._streams[kind] - 1
