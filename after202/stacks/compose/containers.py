"""The containers of one service as a part of the system under test.

The engine must run on this machine's own kernel, so that the containers' processes are visible
here and share this machine's clock.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from after202.hosts.local import KILL_WAIT_S, TAIL_LINES
from after202.hosts.processes import is_alive
from after202.kernel.errors import TrialError
from after202.kernel.ledger import Writer
from after202.stacks.compose.engine import EngineError, docker, log

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SHORT = 12
DEFAULT_STOP_SIGNAL = "SIGTERM"
NO_LIMIT = -1
# A main process is gone a moment before the engine notices.
NOTICED_S = 5.0
POLL_S = 0.05


class Containers:
    """A service's containers, as of their last start."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        """Keep the ids of the containers, and look up their main processes."""
        self.name = name
        self.ids = ids
        self._code: int | None = None
        self._pids = self._main_pids()
        self._limits: list[tuple[str, int, int]] = []

    @property
    def mains(self) -> list[str]:
        """The short form of the containers' ids."""
        return [container[:SHORT] for container in self.ids]

    @cached_property
    def stop_signal(self) -> str:
        """The name of the signal that asks them to end, as written in a mark."""
        told: str | None = _inspect(self.ids[0])["Config"].get("StopSignal")
        return (told or DEFAULT_STOP_SIGNAL).removeprefix("SIG")

    @property
    def exit_code(self) -> int | None:
        """The exit code of the first one found to have ended; None while all of them run."""
        if self._code is None:
            for container, pid in zip(self.ids, self._pids, strict=True):
                if not is_alive(pid):
                    self._code = _exit_code(container, pid)
        return self._code

    def log_text(self) -> str:
        """Return their logs, one after the other."""
        return "".join(log(container) for container in self.ids)

    def tail(self) -> str:
        """Return the last lines of their logs, in one line."""
        lines = [line.strip() for line in self.log_text().split("\n") if line.strip()]
        return " | ".join(lines[-TAIL_LINES:])

    def require_alive(self) -> None:
        """Raise TrialError if one has ended."""
        if self.exit_code is not None:
            raise TrialError(f"{self.name} ended with code {self.exit_code}: {self.tail()}")

    def tree(self) -> list[psutil.Process]:
        """Return every process in the containers."""
        return [process for pid in self._pids for process in _tree(pid)]

    def start(self) -> None:
        """Start the same containers again, on the same data."""
        while self._limits:
            container, limit, with_swap = self._limits.pop()
            _limit(container, limit, with_swap)
        docker("start", *self.ids)
        self._code, self._pids = None, self._main_pids()

    def kill(self) -> None:
        """Kill every process immediately."""
        processes = self.tree()
        with suppress(EngineError):  # one that has ended cannot be killed
            docker("kill", "--signal", "KILL", *self.ids)
        psutil.wait_procs(processes, KILL_WAIT_S)

    def stop(self, grace_s: float) -> bool:
        """Send the stop signal to the main processes, and kill what is left after the grace.

        `docker stop` does so in whole seconds alone. Return whether nothing was left.
        """
        processes = self.tree()
        with suppress(EngineError):
            docker("kill", "--signal", self.stop_signal, *self.ids)
        _, left = psutil.wait_procs(processes, grace_s)
        if left:
            self.kill()
        return not left

    def freeze(self) -> list[int]:
        """Pause the containers; return the ids of their processes, or none if one still runs."""
        processes = self.tree()
        docker("pause", *self.ids)
        paused = all(_inspect(container)["State"]["Paused"] for container in self.ids)
        return [process.pid for process in processes] if paused else []

    def thaw(self) -> list[int]:
        """Unpause the containers; return the ids of their processes."""
        docker("unpause", *self.ids)
        return [process.pid for process in self.tree()]

    def confine(self, spare_bytes: int) -> None:
        """Limit each container's memory to what it has and so much more: beyond, the kernel kills.

        The limit that it had before comes back when it is started.
        """
        for container, pid in zip(self.ids, self._pids, strict=True):
            host = _inspect(container)["HostConfig"]
            self._limits.append((container, host["Memory"], host["MemorySwap"]))
            used_bytes = sum(process.memory_info().rss for process in _tree(pid))
            _limit(container, used_bytes + spare_bytes, used_bytes + spare_bytes)

    def find(self, writer: Writer) -> psutil.Process | None:
        """Return the process that wrote a file of the ledger, if it lives in one of them."""
        for container, pid in zip(self.ids, self._pids, strict=True):
            if container.startswith(writer.host):
                return next((p for p in _tree(pid) if _is_writer(p.pid, writer)), None)
        return None

    def addresses(self) -> Iterator[str]:
        """Yield the containers' addresses in the project's network."""
        for container in self.ids:
            networks = _inspect(container)["NetworkSettings"]["Networks"].values()
            yield from (network["IPAddress"] for network in networks)

    def _main_pids(self) -> list[int]:
        return [int(_inspect(container)["State"]["Pid"]) for container in self.ids]


def _inspect(container: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker("inspect", container))[0]
    return found


def _limit(container: str, limit: int, with_swap: int) -> None:
    """Limit a container's memory, and the sum of memory and swap, in bytes; 0 is no limit."""
    sizes = [str(size or NO_LIMIT) for size in (limit, with_swap)]
    docker("update", "--memory", sizes[0], "--memory-swap", sizes[1], container)


def _exit_code(container: str, pid: int) -> int:
    """Return the exit code of a main process that has ended, once the engine has noticed."""
    deadline_s = time.monotonic() + NOTICED_S
    while (state := _inspect(container)["State"])["Pid"] == pid and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    return int(state["ExitCode"])


def _tree(pid: int) -> list[psutil.Process]:
    if pid:
        with suppress(psutil.NoSuchProcess):
            main = psutil.Process(pid)
            return [main, *main.children(recursive=True)]
    return []


def _is_writer(pid: int, writer: Writer) -> bool:
    """Return whether a process is the writer: by its id inside the container and its start time.

    The id is not enough, because ids start over with each start of a container.
    """
    try:
        return _pid_inside(pid) == writer.pid and _started_ns(pid) <= writer.at_ns
    except OSError:  # it has just ended
        return False


def _pid_inside(pid: int) -> int:
    """Return the id of a process in its own namespace (`NSpid`; man 5 proc_pid_status)."""
    lines = Path(f"/proc/{pid}/status").read_text().split("\n")
    return int(next(line for line in lines if line.startswith("NSpid:")).split()[-1])


def _started_ns(pid: int) -> int:
    """Return when a process started, by CLOCK_MONOTONIC (`starttime`; man 5 proc_pid_stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    since_boot_ns = int(fields[19]) * 10**9 // TICKS_PER_S
    asleep_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns()
    return since_boot_ns - asleep_ns
