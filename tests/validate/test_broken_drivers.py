"""Drivers that are broken on purpose put the real load on a real server, and are found out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from after202.hosts.cpus import available_cpus, share_out
from after202.measure.load import gates, generator
from after202.measure.rig import Observer
from after202.validate.load import Rows, known_server, offer, trial
from after202.validate.result import Context, within

pytestmark = [pytest.mark.alone, pytest.mark.processes]

WAIT_US, RATE_PER_S, LOAD_S = 500_000, 60.0, 2.0
TOLERANCE = 0.15
LATE_MS, BUSY_MS = 20, 8


@contextmanager
def nobody(*_: object) -> Iterator[Observer]:
    """Tell nobody."""
    yield Observer(lambda _: None, lambda _: None)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Give a check's surroundings."""
    return Context(tmp_path, share_out(available_cpus()), nobody)


def recorded(context: Context) -> Rows:
    """Return what the driver records of a server that answers each request after half a second."""
    with known_server(context, 0, WAIT_US) as server:
        return offer(context, server, trial("broken", RATE_PER_S, LOAD_S))


def broken(folder: Path, *lines: str) -> str:
    """Write a locustfile that breaks ours first."""
    path = folder / "broken_locustfile.py"
    path.write_text("\n".join([*lines, "from loadtests.locustfile import *"]))
    return str(path)


def p50_is_right(rows: Rows) -> bool:
    """Say whether the p50 is the service time, as `validate queueing` does."""
    p50_ms = float(np.median(rows.response_s)) * 1000
    return bool(within("p50", p50_ms, WAIT_US / 1000, TOLERANCE).passed)


def test_our_driver_lets_no_request_wait_for_another(context: Context) -> None:
    """Thirty requests are out at once, and each takes as long as it takes alone."""
    assert p50_is_right(recorded(context))


def test_a_pool_of_ten_connections_is_found_out(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits within the driver counts, from when it was due."""
    lines = ("from loadtests import client", "client.CONCURRENCY = 10")
    monkeypatch.setattr(generator, "LOCUSTFILE", broken(context.folder, *lines))
    rows = recorded(context)
    assert not p50_is_right(rows)
    assert float(np.median(rows.response_s)) > 1.5 * WAIT_US / 1e6


def test_a_late_clock_is_found_out(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slip shows it, and the gates reject the trial."""
    lines = (
        "import gevent",
        "from loadtests import clock",
        "on_time = clock.TimerfdClock.sleep_until",
        "def late(self, at_ns):",
        "    on_time(self, at_ns)",
        f"    gevent.sleep({LATE_MS / 1000})",
        "clock.TimerfdClock.sleep_until = late",
    )
    monkeypatch.setattr(generator, "LOCUSTFILE", broken(context.folder, *lines))
    rows = recorded(context)
    assert float(np.median(rows.slip_s)) * 1000 >= LATE_MS
    assert any("slip_p50_ms" in reason for reason in gate(context, rows))


def test_a_generator_that_notices_answers_late_is_found_out(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sends on time, and then is busy for a while at every answer."""
    lines = (
        "import time",
        "from loadtests import open_loop",
        "exchange = open_loop.OpenLoopUser._exchange",
        "def busy(self, example, job_id):",
        "    answer = exchange(self, example, job_id)",
        f"    until_s = time.monotonic() + {BUSY_MS / 1000}",
        "    while time.monotonic() < until_s:",
        "        pass",
        "    return answer",
        "open_loop.OpenLoopUser._exchange = busy",
    )
    monkeypatch.setattr(generator, "LOCUSTFILE", broken(context.folder, *lines))
    assert any("receiving_p99_ms" in reason for reason in gate(context, recorded(context)))


def gate(context: Context, rows: Rows) -> list[str]:
    """Return why the gates reject the broken generator's load."""
    found_ms = gates.lateness_ms(context.folder / "broken", rows.load)
    return gates.reasons(rows.load, rows.load.counts.scheduled, found_ms)
