"""A queue with a known answer: Poisson arrivals, one server, constant service time (M/D/1)."""

from dataclasses import dataclass
from statistics import median

import numpy as np

from after202.validate.load import Rows, known_server, offer, offer_quietly, trial
from after202.validate.replay import response_s
from after202.validate.result import Context, Figure, Result, within

SPIN_US = 2000
IDLE, LOADS = 0.05, (0.3, 0.5, 0.7, 0.9)
FIRST_GUESS_S = 0.003
LOAD_S, ROUNDS = 6.0, 3
TOLERANCE = 0.15
WAIT_US, AT_ONCE_PER_S = 250_000, 100.0
QUESTION = "Does the measured wait in a queue match theory?"


@dataclass(frozen=True)
class Measured:
    """A load as a share of what the server can handle, and what was recorded under it."""

    load: float
    rows: Rows


def check(context: Context) -> Result:
    """Offer 30 to 90 % of what the server can handle, in interleaved rounds."""
    measured: list[Measured] = []
    service_s = FIRST_GUESS_S
    with known_server(context, SPIN_US) as server:
        for number in range(ROUNDS):
            for load in (IDLE, *LOADS):
                planned = trial(f"queueing-{load:g}-{number}", load / service_s, LOAD_S, number)
                rows = offer_quietly(context, server, planned)
                measured.append(Measured(load, rows))
                service_s = rows.service_s if number == 0 and load == LOADS[0] else service_s
    with known_server(context, 0, WAIT_US) as server:
        at_once = offer(context, server, trial("queueing-at-once", AT_ONCE_PER_S, LOAD_S))
    return judge(measured, at_once)


def judge(measured: list[Measured], at_once: Rows) -> Result:
    """Compare each load's p99 with a replay of the same arrivals, in the round of median ratio.

    The time that an idle server's answer takes beyond its service (the way there and back, waking
    up) is added to the replay.
    """
    services_s = [m.rows.service_s for m in measured if m.load != IDLE]
    idle_s = [_beside_service_s(m.rows) for m in measured if m.load == IDLE]
    figures = [
        Figure("service time", f"{median(services_s) * 1000:.3f} ms"),
        Figure("beside service, idle", f"{median(idle_s) * 1000:.3f} ms"),
    ]
    for load in LOADS:
        pairs = [_p99s_ms(m.rows, median(idle_s)) for m in measured if m.load == load]
        found_ms, right_ms = sorted(pairs, key=_ratio)[len(pairs) // 2]
        figures.append(within(f"p99 at a load of {load:g}", found_ms, right_ms, TOLERANCE, " ms"))
    found_ms = float(np.median(at_once.response_s)) * 1000
    name = f"p50 where all are served at once ({AT_ONCE_PER_S:g}/s)"
    figures.append(within(name, found_ms, WAIT_US / 1000, TOLERANCE, " ms"))
    return Result("queueing", QUESTION, tuple(figures))


def _ratio(pair: tuple[float, float]) -> float:
    return pair[0] / pair[1]


def _beside_service_s(rows: Rows) -> float:
    return float(np.median(rows.response_s)) - rows.service_s


def _p99s_ms(rows: Rows, beside_service_s: float) -> tuple[float, float]:
    """Return the measured p99 and the right one, in ms."""
    expected = response_s(rows.due_s, np.full(len(rows.due_s), rows.service_s)) + beside_service_s
    found_s, right_s = (float(np.percentile(times, 99)) for times in (rows.response_s, expected))
    return found_s * 1000, right_s * 1000
