"""Queries processes: whether they run, and which mark they carry; pins them to processors."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

MARK, FAMILY = "AFTER202_MARK", "AFTER202_FAMILY"
POLL_S = 0.01
STOP_WAIT_S = 5.0
CPUCLOCK_SCHED = 2
TICKS = "processor ticks"
CLOCKS = "process clocks (ns); children already reaped: ticks of 10 ms"
# Where `cpu_s` reads CPU time.
CPU_SOURCE = CLOCKS if sys.platform == "linux" else TICKS


def is_alive(pid: int) -> bool:
    """Return whether a process with this id runs; a zombie does not."""
    try:
        return lives(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def lives(process: psutil.Process) -> bool:
    """Return whether a process still runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def has_stopped(process: psutil.Process) -> bool:
    """Return whether a process that was sent STOP has stopped; the kernel may take a moment.

    A process that has ended counts as stopped.
    """
    deadline_s = time.monotonic() + STOP_WAIT_S
    while time.monotonic() < deadline_s:
        with suppress(psutil.NoSuchProcess):
            if lives(process) and process.status() != psutil.STATUS_STOPPED:
                time.sleep(POLL_S)
                continue
        return True
    return False


def cpu_s(process: psutil.Process) -> float:
    """Return a process's CPU time so far, and that of the children it reaped, in seconds.

    On Linux the process's own clock counts nanoseconds. The kernel tells a reaped child's time, as
    of RQ's work horses, only through its parent, and rounds the parent's sums down to a tick.
    """
    times = process.cpu_times()
    reaped_s = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    if sys.platform != "linux":
        return float(times.user + times.system + reaped_s)
    try:
        return float(time.clock_gettime(_cpu_clock(process.pid)) + reaped_s)
    except OSError as error:
        raise psutil.NoSuchProcess(process.pid) from error


def _cpu_clock(pid: int) -> int:
    """Return the id of a process's CPU clock (clock_getcpuclockid; man 3)."""
    return (~pid << 3) | CPUCLOCK_SCHED


def marked(mark: str, variable: str = MARK) -> list[psutil.Process]:
    """Return the living processes whose environment carries the mark."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                process.pid != os.getpid()
                and lives(process)
                and process.environ().get(variable) == mark
            ):
                found.append(process)
    return found


def local_ports(processes: Iterable[psutil.Process]) -> set[int]:
    """Return the port at our end of every TCP connection of the processes."""
    found = set()
    for process in processes:
        with suppress(psutil.Error):
            found |= {one.laddr.port for one in process.net_connections(kind="tcp") if one.laddr}
    return found


def open_ports() -> set[int]:
    """Return the port at this machine's end of every TCP connection that is open."""
    found = psutil.net_connections(kind="tcp")
    return {one.laddr.port for one in found if one.laddr and one.status == psutil.CONN_ESTABLISHED}


@contextmanager
def pinned(cpus: tuple[int, ...]) -> Iterator[None]:
    """Pin everything started in the block to these processors, where the system supports that."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
