"""Load on the server with a known service time, from the generator that every trial uses."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port
from after202.hosts.processes import pinned
from after202.measure.load import gates
from after202.measure.load.generator import Generator
from after202.records import requests
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import TrialFolder
from after202.records.trial import Comparison
from after202.records.trial_record import Load
from after202.validate.known_server import WORKLOAD
from after202.validate.replay import Times
from after202.validate.result import Context

READY_S = 30.0
ATTEMPTS = 3


@dataclass(frozen=True)
class Server:
    """A running server."""

    child: Child
    url: str

    def cpu_s(self) -> float:
        """Return the CPU time that the server has used so far."""
        times = psutil.Process(self.child.pid).cpu_times()
        return float(times.user + times.system)


@dataclass(frozen=True)
class Rows:
    """What the generator recorded of each request, in the order in which they fell due.

    `service_s` is the server's CPU time per request. That is its service time, because the server
    handles one request at a time and does not wait meanwhile.
    """

    load: Load
    service_s: float
    due_s: Times
    slip_s: Times
    response_s: Times


@contextmanager
def known_server(context: Context, spin_us: int, wait_us: int = 0) -> Iterator[Server]:
    """Run the server on the processors of the system under test."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "after202.validate.known_server",
        str(port),
        str(spin_us),
        str(wait_us),
    ]
    log = context.folder / "known_server.log"
    child = Child(Launch("known server", command, log, cpus=context.cpus.under_test))
    try:
        until("the known server", lambda: accepts(port), READY_S, [child])
        # The harness itself stays off the processors of the server.
        with pinned(context.cpus.generator):
            yield Server(child, f"http://{HOST}:{port}")
    finally:
        child.kill()


def trial(name: str, rate_per_s: float, load_s: float, seed: int = 202) -> Comparison:
    """Return a trial of Poisson arrivals at the known server."""
    return Comparison(
        id=name,
        block=0,
        arm=Arm(strategy="known_server", workload=WORKLOAD, rate_per_s=rate_per_s),
        seed=seed,
        arrivals=Arrivals.POISSON,
        warm_up_s=0,
        window_s=load_s,
        drain_s=1,
        slots=1,
    )


def offer_quietly(context: Context, server: Server, planned: Comparison) -> Rows:
    """Put the server under a trial's load; repeat if the generator was late, three times at most.

    The gates are those of every trial. The last attempt is returned, late or not.
    """
    for _ in range(ATTEMPTS):
        rows = offer(context, server, planned)
        found_ms = gates.lateness_ms(context.folder / planned.id, rows.load)
        if not gates.reasons(rows.load, rows.load.counts.scheduled, found_ms):
            break
    return rows


def offer(
    context: Context,
    server: Server,
    planned: Comparison,
    meanwhile: Callable[[], None] = lambda: None,
) -> Rows:
    """Put the server under a trial's load, and call `meanwhile` during it."""
    folder = TrialFolder(context.folder / planned.id)
    folder.empty()
    generator = Generator(planned, folder, context.cpus.generator)
    loader = generator.start(server.url)
    before_s = server.cpu_s()
    try:
        loader.say("go")
        meanwhile()
        load = generator.finish(loader)
        return _rows(folder.path, load, server.cpu_s() - before_s)
    finally:
        loader.kill()


def _rows(folder: Path, load: Load, cpu_s: float) -> Rows:
    table = requests.read(folder, ["due_us", "slip_us", "response_us"])
    columns = [column.to_numpy() for column in table.columns]
    due_us, slip_us, response_us = (column[np.argsort(columns[0])] for column in columns)
    service_s = cpu_s / len(due_us)
    return Rows(load, service_s, due_us / 1e6, slip_us / 1e6, response_us / 1e6)
