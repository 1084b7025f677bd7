"""Processes that write to a ledger: `python -m tests.ledger_writer WHAT FOLDER [LIMIT]`."""

import os
import resource
import sys
from itertools import count
from pathlib import Path
from uuid import UUID

from after202.kernel.ledger import EventKind, Ledger

ACKNOWLEDGED = ".ack"
NUMBER_BYTES = 8


def storm(folder: Path) -> None:
    """Write events as fast as possible, and note the number of each that is written."""
    ledger = Ledger(folder)
    note = os.open(folder / f"{os.getpid()}{ACKNOWLEDGED}", os.O_WRONLY | os.O_CREAT, 0o644)
    for number in count(1):
        ledger.record(EventKind.START, UUID(int=number), 0)
        os.pwrite(note, number.to_bytes(NUMBER_BYTES), 0)


def fork(folder: Path) -> None:
    """Write one event, fork, and write one event from each side."""
    ledger = Ledger(folder)
    ledger.record(EventKind.START, UUID(int=1), 0)
    child = os.fork()
    ledger.record(EventKind.END, UUID(int=1), 0 if child else 1)
    if child:
        os.waitpid(child, 0)


def full(folder: Path, limit_bytes: int) -> None:
    """Write until no file may grow; then let them grow and write once more; print the counts."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    ledger = Ledger(folder)
    written = 0
    try:
        for number in range(limit_bytes):
            ledger.record(EventKind.START, UUID(int=number), 0)
            written += 1
    except OSError:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        ledger.record(EventKind.END, UUID(int=0), 0)
        sys.stdout.write(str(written))


if __name__ == "__main__":
    what, where, *limit = sys.argv[1:]
    if what == "full":
        full(Path(where), int(limit[0]))
    else:
        {"storm": storm, "fork": fork}[what](Path(where))
