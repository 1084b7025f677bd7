"""A server that stands still for two seconds: whether that is seen as a user would see it."""

import signal
import time
from dataclasses import dataclass

import numpy as np

from bench.validate.finding import Context, Figure, Finding, within
from bench.validate.load import Rows, Server, known_server, offer, trial
from bench.validate.replay import response_s

SPIN_US = 500
RATE_PER_S, LOAD_S = 200.0, 13.0
BEFORE_S, FROZEN_S, WATCHED_S = 5.0, 2.0, 0.3
TOLERANCE = 0.05
PERCENTILES = (90, 99)
QUESTION = "Is a freeze of two seconds seen by all whom it would make wait?"


@dataclass(frozen=True)
class Freeze:
    """When the server stood still, until when its backlog was watched, and the CPU time of that."""

    start_s: float
    end_s: float
    watched_until_s: float
    backlog_cpu_s: float


def check(context: Context) -> Finding:
    """Freeze the server in the midst of a load of 200/s."""
    frozen: list[Freeze] = []
    with known_server(context, SPIN_US) as server:
        planned = trial("freeze", RATE_PER_S, LOAD_S)
        rows = offer(context, server, planned, lambda: frozen.append(_freeze(server)))
    return judge(rows, frozen[0])


def _freeze(server: Server) -> Freeze:
    """Stop the server for two seconds, and watch it at its backlog."""
    time.sleep(BEFORE_S)
    server.child.signal(signal.SIGSTOP)
    start_s = time.monotonic()
    time.sleep(FROZEN_S)
    before_s = server.cpu_s()
    server.child.signal(signal.SIGCONT)
    end_s = time.monotonic()
    time.sleep(WATCHED_S)
    return Freeze(start_s, end_s, time.monotonic(), server.cpu_s() - before_s)


def judge(rows: Rows, freeze: Freeze) -> Finding:
    """Compare percentiles of the response time with those of a replay of the same arrivals."""
    in_freeze = (rows.due_s > freeze.start_s) & (rows.due_s < freeze.end_s)
    backlog_s = _backlog_service_s(rows, freeze)
    service_s = np.where(in_freeze, backlog_s, rows.service_s)
    expected = response_s(rows.due_s, service_s, (freeze.start_s, freeze.end_s))
    figures = [
        Figure("requests due", f"{len(rows.due_s)}, of them {in_freeze.sum()} in the freeze"),
        Figure("answered", str(rows.load.counts.answered), "all", _all_answered(rows)),
        Figure("service time", f"{rows.service_s * 1e3:.2f} ms, {backlog_s * 1e3:.2f} in backlog"),
    ]
    for percentile in PERCENTILES:
        found_ms, right_ms = (
            float(np.percentile(times, percentile)) * 1000 for times in (rows.response_s, expected)
        )
        figures.append(within(f"p{percentile}", found_ms, right_ms, TOLERANCE, " ms"))
    return Finding("freeze", QUESTION, tuple(figures))


def _backlog_service_s(rows: Rows, freeze: Freeze) -> float:
    """Return the CPU time per request of the backlog: each came by a connection of its own."""
    answered_s = rows.due_s + rows.response_s
    answered = (answered_s > freeze.end_s) & (answered_s < freeze.watched_until_s)
    return freeze.backlog_cpu_s / max(int(answered.sum()), 1)


def _all_answered(rows: Rows) -> bool:
    counts = rows.load.counts
    return counts.scheduled == counts.sent == counts.answered == len(rows.due_s) > 0
