"""Freeze a server for two seconds: whether the results show it as a user would see it."""

import signal
import time

import numpy as np

from after202.validate.load import Rows, Server, known_server, offer, trial
from after202.validate.replay import response_s
from after202.validate.result import Context, Figure, Result, within

SPIN_US = 500
RATE_PER_S, LOAD_S = 200.0, 13.0
BEFORE_S, FROZEN_S, PACED = 5.0, 2.0, 100
TOLERANCE = 0.05
PERCENTILES = (90, 99)
QUESTION = "Does a freeze of two seconds show in every request that it would delay?"


def check(context: Context) -> Result:
    """Freeze the server in the middle of a load of 200/s."""
    frozen: list[tuple[float, float]] = []
    with known_server(context, SPIN_US) as server:
        planned = trial("freeze", RATE_PER_S, LOAD_S)
        rows = offer(context, server, planned, lambda: frozen.append(_freeze(server)))
    return judge(rows, frozen[0])


def _freeze(server: Server) -> tuple[float, float]:
    """Stop the server for two seconds; return the start and the end."""
    time.sleep(BEFORE_S)
    server.child.signal(signal.SIGSTOP)
    start_s = time.monotonic()
    time.sleep(FROZEN_S)
    end_s = time.monotonic()
    server.child.signal(signal.SIGCONT)
    return start_s, end_s


def judge(rows: Rows, freeze_s: tuple[float, float]) -> Result:
    """Compare percentiles of the response time with those of a replay of the same arrivals.

    The replay serves requests in the order in which they were answered: while a backlog is worked
    off, a request on an open connection is read before an earlier one on a new connection.
    """
    in_freeze = (rows.due_s > freeze_s[0]) & (rows.due_s < freeze_s[1])
    backlog_s = _backlog_service_s(rows, freeze_s[1])
    service_s = np.where(in_freeze, backlog_s, rows.service_s)
    served = np.argsort(rows.due_s + rows.response_s)
    expected = response_s(rows.due_s[served], service_s[served], freeze_s)
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
    return Result("freeze", QUESTION, tuple(figures))


def _backlog_service_s(rows: Rows, end_s: float) -> float:
    """Return the time per request of the backlog, in which each came on a connection of its own.

    It is the mean interval of the first hundred answers after the freeze, while others waited.
    """
    answered_s = np.sort(rows.due_s + rows.response_s)
    first = answered_s[answered_s > end_s][:PACED]
    return float(first[-1] - end_s) / len(first) if len(first) else 0.0


def _all_answered(rows: Rows) -> bool:
    counts = rows.load.counts
    return counts.scheduled == counts.sent == counts.answered == len(rows.due_s) > 0
