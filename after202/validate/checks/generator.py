"""The generator at its limits: how late it is at each rate, and whether it loses an arrival."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass

import numpy as np

from after202.hosts.local import Child
from after202.hosts.part import Launch
from after202.kernel.paths import PACKAGE
from after202.validate.load import Rows, Server, known_server, offer, trial
from after202.validate.replay import Times
from after202.validate.result import Context, Figure, Result, at_most

QUESTION = "How late is the generator at each rate, and does it lose any arrival?"
RATES_PER_S = (200.0, 1000.0, 3000.0, 5000.0, 8000.0)
LOAD_S, SETTLED_S = 5.0, 1.0
# The machine can only make the generator later than it is by itself, so the least late of several
# rounds shows the generator. (The documentation of Python's `timeit` gives the same reason for
# `min`.) Rounds at one rate do not follow each other, because a slow spell lasts. If a goal is
# missed in all rounds, more follow after the million: a generator that is late by itself is late in
# those too.
ROUNDS, MOST_ROUNDS = 3, 8
STOCK_USER_PER_S = 10.0
P50_GOAL_MS = {1000.0: 0.2}
P99_GOAL_MS = {1000.0: 1.0, 3000.0: 2.0}
MILLION, MILLION_PER_S = 1_000_000, 4000.0
WRK_S = 3


@dataclass(frozen=True)
class Point:
    """A point of a slip curve: the rate asked for, the one achieved, and the slips."""

    asked_per_s: float
    sent_per_s: float
    slip_s: Times


def check(context: Context) -> Result:
    """Offer 200 to 8,000 requests/s with our users and with stock ones; then a million arrivals."""
    with known_server(context, 0) as server:
        pairs = [
            _both(context, server, rate)
            for number in range(ROUNDS)
            for rate in RATES_PER_S
            if not number or rate in P99_GOAL_MS
        ]
        closed_loop = _wrk(server)
        load_s = MILLION / MILLION_PER_S
        million = offer(context, server, trial("million", MILLION_PER_S, load_s))
        for _ in range(ROUNDS, MOST_ROUNDS):
            late = [rate for rate in P99_GOAL_MS if is_late(pairs, rate)]
            pairs += [_both(context, server, rate) for rate in late]
    return Result("generator", QUESTION, (*judge_curve(pairs), closed_loop, *judge_count(million)))


def _both(context: Context, server: Server, rate_per_s: float) -> tuple[Point, Point]:
    return _ours(context, server, rate_per_s), _stock(context, server, rate_per_s)


def _ours(context: Context, server: Server, rate_per_s: float) -> Point:
    rows = offer(context, server, trial(f"curve-{rate_per_s:g}", rate_per_s, LOAD_S))
    sent_s = rows.due_s + rows.slip_s
    settled = rows.due_s > rows.due_s[0] + SETTLED_S
    return Point(rate_per_s, len(sent_s) / max(LOAD_S, float(np.ptp(sent_s))), rows.slip_s[settled])


def _stock(context: Context, server: Server, rate_per_s: float) -> Point:
    users = str(round(rate_per_s / STOCK_USER_PER_S))
    file = context.folder / f"stock-{rate_per_s:g}.json"
    words = {
        "-f": str(PACKAGE / "validate" / "stock_locustfile.py"),
        "--host": server.url,
        "--users": users,
    }
    words |= {"--spawn-rate": users, "--run-time": f"{LOAD_S:g}s", "--loglevel": "WARNING"}
    options = ["--headless", "--only-summary", *(word for pair in words.items() for word in pair)]
    child = Child(
        Launch(
            "stock Locust",
            [sys.executable, "-m", "locust", *options],
            context.folder / "stock.log",
            {"AFTER202_SLIPS": str(file), "AFTER202_PER_USER_PER_S": str(STOCK_USER_PER_S)},
            context.cpus.generator,
        )
    )
    try:
        child.wait(LOAD_S + 60)
    finally:
        child.kill()
    slip_s = np.array(json.loads(file.read_text()), float)
    return Point(rate_per_s, len(slip_s) / LOAD_S, slip_s)


def _wrk(server: Server) -> Figure:
    """Measure the server's throughput with wrk, which waits for each answer before sending."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return Figure("wrk, closed-loop", "not installed here")
    command = [wrk, "-t1", "-c32", f"-d{WRK_S}s", f"{server.url}/known"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    found = [line for line in done.stdout.splitlines() if "Requests/sec" in line]
    return Figure("wrk, closed-loop", f"{found[0].split()[-1]}/s" if found else "failed")


def is_late(pairs: list[tuple[Point, Point]], rate_per_s: float) -> bool:
    """Return whether our generator missed its goal at a rate in every round so far."""
    found_ms = [_p99_ms(ours) for ours, _ in pairs if ours.asked_per_s == rate_per_s]
    return min(found_ms) > P99_GOAL_MS[rate_per_s]


def judge_curve(pairs: list[tuple[Point, Point]]) -> list[Figure]:
    """Return figures of both curves, from the least late round per rate; ours has goals at two."""
    figures = []
    for rate in sorted({ours.asked_per_s for ours, _ in pairs}):
        rounds = [(ours, stock) for ours, stock in pairs if ours.asked_per_s == rate]
        ours = min((one for one, _ in rounds), key=_p99_ms)
        stock = min((one for _, one in rounds), key=_p99_ms)
        p50_ms = float(np.median(ours.slip_s)) * 1000
        for name, value, goals in (
            ("p50", p50_ms, P50_GOAL_MS),
            ("p99", _p99_ms(ours), P99_GOAL_MS),
        ):
            label = f"slip {name} at {rate:,.0f}/s"
            if rate in goals:
                figures.append(at_most(label, value, goals[rate], " ms"))
            else:
                figures.append(Figure(label, f"{value:.3g} ms"))
        if len(rounds) > 1:
            each = ", ".join(f"{_p99_ms(one):.3g}" for one, _ in rounds)
            figures.append(Figure(f"slip p99 of each round at {rate:,.0f}/s", f"{each} ms"))
        figures.append(Figure(f"sent of {rate:,.0f}/s", f"{ours.sent_per_s:,.0f}/s"))
        figures.append(Figure(f"stock Locust asked for {rate:,.0f}/s", _described(stock)))
    ceiling = max(ours.sent_per_s for ours, _ in pairs)
    return [*figures, Figure("ceiling of one generator process", f"{ceiling:,.0f}/s")]


def _p99_ms(point: Point) -> float:
    return float(np.percentile(point.slip_s, 99)) * 1000


def _described(point: Point) -> str:
    p50_ms, p99_ms = (float(value) * 1000 for value in np.percentile(point.slip_s, [50, 99]))
    return f"{point.sent_per_s:,.0f}/s sent, slip p50 {p50_ms:.3g} ms, p99 {p99_ms:.3g} ms"


def judge_count(rows: Rows) -> list[Figure]:
    """Require that every arrival was sent, answered, accepted and recorded."""
    counts = rows.load.counts
    lost = counts.scheduled - min(counts.sent, counts.answered, counts.accepted, len(rows.due_s))
    least = 0.99 * MILLION
    enough = counts.scheduled >= least
    return [
        Figure("arrivals", f"{counts.scheduled:,}", f"at least {least:,.0f}", enough),
        at_most("arrivals lost", lost, 0),
    ]
