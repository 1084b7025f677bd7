"""One measurement at a time: a lock per machine, and one per run's folder."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from after202.kernel.errors import UsageError

# Two runs at the same time compete for the processors, which makes both runs' figures useless.
VARIABLE = "AFTER202_LOCK"


def machine_lock() -> Path:
    """Return the path of this machine's lock; a variable overrides it, for runs in a container."""
    return Path(os.environ.get(VARIABLE) or Path(tempfile.gettempdir()) / "after202.lock")


@contextmanager
def alone_on_this_machine(*, wait: bool) -> Iterator[None]:
    """Keep other measurements off this machine; if one is running, wait or raise UsageError."""
    path = machine_lock()
    try:
        # Other users may only read it, which is enough for them to lock it.
        descriptor = _opened(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}") from error
    with _locked(descriptor, wait=wait) as is_mine:
        if not is_mine:
            raise UsageError(
                f"something is being measured on this machine (lock: {path}): wait for its end,"
                " or queue with --wait"
            )
        yield


def _opened(path: Path) -> int:
    """Open the lock, and create it if it is missing.

    The kernel may refuse O_CREAT for a file that another user created in /tmp (proc(5),
    protected_regular), so opening comes first.
    """
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o444)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from measuring into a run's folder; UsageError if one already does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    with _locked(descriptor, wait=False) as is_mine:
        if not is_mine:
            raise UsageError(f"{folder} is being measured by another process: wait for its end")
        yield


@contextmanager
def _locked(descriptor: int, *, wait: bool) -> Iterator[bool]:
    """Yield whether the lock was acquired; it is released with the descriptor or the process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        is_mine = True
    except BlockingIOError:
        is_mine = False
    try:
        yield is_mine
    finally:
        os.close(descriptor)
