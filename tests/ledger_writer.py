"""Processes that write to a ledger: `python -m tests.ledger_writer WHAT FOLDER [LIMIT]`."""

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from after202.kernel.ledger import EventKind, Ledger


def fork(folder: Path) -> None:
    """Write one event, fork, and write one event from each side."""
    ledger = Ledger(folder)
    ledger.record(EventKind.START, UUID(int=1), 0)
    child = os.fork()
    ledger.record(EventKind.END, UUID(int=1), 0 if child else 1)
    if child:
        os.waitpid(child, 0)


def full(folder: Path) -> None:
    """Write until there is no room; print how many events that were."""
    _write_until_full(Ledger(folder))


def limited(folder: Path, limit_bytes: int) -> None:
    """Write until the file may not grow; print how many; let it grow, and write once more."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    ledger = Ledger(folder)
    _write_until_full(ledger)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    ledger.record(EventKind.END, UUID(int=0), 0)


def _write_until_full(ledger: Ledger) -> None:
    written = 0
    with suppress(OSError):
        while True:
            ledger.record(EventKind.START, UUID(int=written), 0)
            written += 1
    sys.stdout.write(str(written))


if __name__ == "__main__":
    what, where, *limit = sys.argv[1:]
    if what == "limited":
        limited(Path(where), int(limit[0]))
    else:
        {"fork": fork, "full": full}[what](Path(where))
