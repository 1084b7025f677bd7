"""Queries processes: whether they run, and which mark they carry; pins them to processors."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

MARK, FAMILY = "AFTER202_MARK", "AFTER202_FAMILY"
POLL_S = 0.01
STOP_WAIT_S = 5.0


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
