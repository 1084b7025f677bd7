"""`python -m after202.validate.storm FOLDER`: write to a ledger as fast as possible, until killed.

A process and a child that it forks in the midst of it write from several threads each. Each thread
numbers its events from 1 and gives them its own step. It notes each number, by a system call,
once its event is recorded.
"""

import os
import sys
from itertools import count
from pathlib import Path
from threading import Thread
from uuid import UUID

from after202.kernel.ledger import EventKind, Ledger

PROCESSES, THREADS = 2, 3
NOTES = ".notes"
NUMBER_BYTES = 8


def _write(ledger: Ledger, thread: int, notes: int) -> None:
    for number in count(1):
        ledger.record(EventKind.START, UUID(int=number), thread)
        os.pwrite(notes, number.to_bytes(NUMBER_BYTES), thread * NUMBER_BYTES)


def _start_threads(ledger: Ledger, folder: Path) -> None:
    notes = os.open(folder / f"{os.getpid()}{NOTES}", os.O_WRONLY | os.O_CREAT, 0o644)
    for thread in range(THREADS):
        Thread(target=_write, args=(ledger, thread, notes)).start()


def noted(folder: Path, pid: int) -> list[int]:
    """Return the last number that each thread of a process noted; 0 for a thread without one."""
    path = folder / f"{pid}{NOTES}"
    notes = path.read_bytes() if path.exists() else b""
    starts = range(0, THREADS * NUMBER_BYTES, NUMBER_BYTES)
    return [int.from_bytes(notes[i : i + NUMBER_BYTES]) for i in starts]


if __name__ == "__main__":
    where = Path(sys.argv[1])
    own = Ledger(where)
    _start_threads(own, where)
    if os.fork() == 0:
        _start_threads(own, where)
