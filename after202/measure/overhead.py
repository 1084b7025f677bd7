"""Measures the cost of recording: an endpoint's throughput with the ledger and without it."""

import socket
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from after202.hosts import private
from after202.hosts.cpus import CpuSets
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, free_port
from after202.kernel.errors import TrialError
from after202.kernel.model import Wiring
from after202.records.design import MOST_FOR_A_LOOK
from after202.records.folder import RunFolder
from after202.stacks.api import Api
from after202.stacks.interface import Services

NAME = "instrumented_to_bare_throughput"
STRATEGY = "inline"
BODY = b'{"spin_us": 0, "wait_us": 0}'
KEY = private.password()
REQUEST = (
    b"POST /calibration HTTP/1.1\r\nHost: after202\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (KEY.encode(), len(BODY), BODY)
)
CONNECTIONS, ROUNDS, SLICES, PAIRS_EACH_WAY = 8, 5, 40, 1
ANSWER_BYTES = 65_536
READY_S = 60.0


def measure(folder: RunFolder, services: Services) -> None:
    """Measure the cost of recording, once per run with verdicts, and keep it in the record.

    A look at sizes takes less time than this does.
    """
    record = folder.read()
    # Ask the profile: comparisons at a share of the capacity may not be planned yet.
    with_verdicts = (c.blocks > MOST_FOR_A_LOOK for c in record.profile.comparison)
    if NAME in record.overheads or not any(with_verdicts):
        return
    ratio = instrumented_to_bare(
        services.database_url, services.scratch, folder.logs, services.cpus
    )
    folder.write(folder.read().model_copy(update={"overheads": {NAME: ratio}}))


def instrumented_to_bare(database_url: str, scratch: Path, logs: Path, cpus: CpuSets) -> float:
    """Return the ratio of the two throughputs: the median over interleaved slices and processes.

    The endpoint is inline's with a job of no work, where recording weighs most. Two processes of
    the same program differ by a few percent, so there are several pairs, and either process of a
    pair is started first equally often.
    """
    folder = scratch / "overhead"
    folder.mkdir(exist_ok=True)
    wirings = {
        name: Wiring(database_url=database_url, ledger_folder=ledger_folder, api_key=KEY)
        for name, ledger_folder in (("instrumented", str(folder)), ("bare", ""))
    }
    orders = (sorted(wirings), sorted(wirings, reverse=True)) * PAIRS_EACH_WAY
    found = [_ratios_of_one_pair(order, wirings, logs, cpus) for order in orders]
    return statistics.median(ratio for ratios in found for ratio in ratios)


def _ratios_of_one_pair(
    order: Sequence[str], wirings: dict[str, Wiring], logs: Path, cpus: CpuSets
) -> list[float]:
    """Return the ratios of interleaved slices of one pair of processes, started in this order."""
    with ExitStack() as running:
        clients = {}
        for name in order:
            port = _serve(running, name, wirings[name], logs, cpus)
            clients[name] = running.enter_context(_Client(port))
        for client in clients.values():
            client.slice_s()  # warm-up, not counted
        instrumented, bare = clients["instrumented"], clients["bare"]
        return [_ratio(instrumented, bare, turn) for turn in range(SLICES)]


def _ratio(instrumented: "_Client", bare: "_Client", turn: int) -> float:
    """Return one pair's ratio; the order alternates, because the first one tends to be slower."""
    if turn % 2:
        bare_s, instrumented_s = bare.slice_s(), instrumented.slice_s()
    else:
        instrumented_s, bare_s = instrumented.slice_s(), bare.slice_s()
    return bare_s / instrumented_s


def _serve(running: ExitStack, name: str, wiring: Wiring, logs: Path, cpus: CpuSets) -> int:
    port = free_port()
    command = [sys.executable, "-m", "apps", "serve", STRATEGY, str(port)]
    log = logs / f"overhead-{name}.log"
    child = Child(Launch(name, command, log, wiring.environment(), cpus.under_test))
    running.callback(child.kill)
    until(f"the {name} API answering", Api(HOST, port, KEY).is_up, READY_S, [child])
    return port


class _Client:
    """Keeps the server busy: a request on each of a few connections, then all their answers."""

    def __init__(self, port: int) -> None:
        self._sockets = [socket.create_connection((HOST, port)) for _ in range(CONNECTIONS)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._sockets:
            connection.close()

    def slice_s(self) -> float:
        """Return how long a fixed number of requests takes."""
        start_s = time.monotonic()
        for _ in range(ROUNDS):
            for connection in self._sockets:
                connection.sendall(REQUEST)
            for connection in self._sockets:
                _read_answer(connection)
        return time.monotonic() - start_s


def _read_answer(connection: socket.socket) -> None:
    """Read one answer to its end; its head and its body may arrive separately."""
    answer = b""
    while not answer.endswith(b"}"):
        part = connection.recv(ANSWER_BYTES)
        answer += part
        if not part or b" 202 " not in answer:
            raise TrialError(f"/calibration answered {answer[:200]!r}")
