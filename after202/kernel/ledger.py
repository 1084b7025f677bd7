"""The event ledger: what work really started and ended, kept so that `kill -9` loses nothing.

One file per process, opened for append; one fixed-size binary record with a CRC per event,
written by one unbuffered `os.write`. The page cache survives a killed process, so there is
no fsync. A torn last record is expected after a kill; one elsewhere means corruption.
"""

import errno
import os
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

MAGIC = 0xA202
BODY = struct.Struct("<HBBIq16s")  # magic, kind, step, pid, monotonic ns, job id
CHECKSUM = struct.Struct("<I")  # zlib.crc32 of the body
RECORD_BYTES = BODY.size + CHECKSUM.size
SUFFIX = ".led"
JOINED = "joined" + SUFFIX


class EventKind(IntEnum):
    """What happened to one step of one job."""

    START = 1
    END = 2
    FAIL = 3


class Event(NamedTuple):
    """One record: a step of a job started, ended or raised, and when (CLOCK_MONOTONIC)."""

    kind: EventKind
    job_id: UUID
    step: int
    pid: int
    at_ns: int


class Writer(NamedTuple):
    """The process that writes a file, with a time at which it lived, because pids are reused.

    A container counts as a host of its own.
    """

    host: str
    pid: int
    at_ns: int


@dataclass(frozen=True)
class LedgerFile:
    """The intact records of one file, and what else was in it."""

    events: list[Event]
    torn_tail_bytes: int
    corrupt_records: int


def decode(record: bytes) -> Event | None:
    """Unpack one record; None if it is damaged."""
    body = record[: BODY.size]
    magic, kind, step, pid, at_ns, job_id = BODY.unpack(body)
    if magic != MAGIC or CHECKSUM.unpack(record[BODY.size :])[0] != zlib.crc32(body):
        return None
    return Event(EventKind(kind), UUID(bytes=job_id), step, pid, at_ns)


class Ledger:
    """The ledger of the running process; after a fork the child writes to a file of its own."""

    def __init__(self, folder: Path) -> None:
        """Write below `folder`, which must exist; no file is opened before the first event."""
        self._folder = folder
        self._pid = 0
        self._descriptor = -1
        # Asking for the process id in every record would cost as much as the rest of it.
        os.register_at_fork(after_in_child=self._leave_file)

    def record(self, kind: EventKind, job_id: UUID, step: int) -> None:
        """Append one event, stamped now; OSError if the disk is full."""
        if self._descriptor < 0:
            self._open_file()
        body = BODY.pack(MAGIC, kind, step, self._pid, time.monotonic_ns(), job_id.bytes)
        if os.write(self._descriptor, body + CHECKSUM.pack(zlib.crc32(body))) != RECORD_BYTES:
            self._leave_file()  # nothing after a partial record can be read
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))

    def _leave_file(self) -> None:
        """Close the file in this process; the next event opens a new one."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open_file(self) -> None:
        """Open a new file for this process."""
        pid = os.getpid()
        name = "-".join(map(str, Writer(socket.gethostname(), pid, time.monotonic_ns())))
        path = self._folder / f"{name}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o644)
        self._pid = pid


def writer_of(path: Path) -> Writer:
    """Return the process that wrote a file, from the file's name."""
    host, pid, at_ns = path.stem.rsplit("-", 2)
    return Writer(host, int(pid), int(at_ns))


def read(path: Path, offset: int = 0) -> LedgerFile:
    """Read the records of one file from a byte offset on a record boundary."""
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read()
    whole = len(data) - len(data) % RECORD_BYTES
    decoded = [decode(data[i : i + RECORD_BYTES]) for i in range(0, whole, RECORD_BYTES)]
    events = [event for event in decoded if event is not None]
    return LedgerFile(events, len(data) - whole, len(decoded) - len(events))


def read_folder(folder: Path) -> Iterator[LedgerFile]:
    """Read every ledger file of a trial, in the order of their names."""
    return (read(path) for path in sorted(folder.glob(f"*{SUFFIX}")))


def join(folder: Path) -> None:
    """Append the intact files to one, byte for byte, once no process writes any more.

    A queue that forks for each job leaves a file for each job. Every record carries its pid, so
    joining loses nothing. Files with a torn tail or a damaged record stay separate, because a tail
    in the middle of a joined file would not be recognised. A trial is stored only after this, so
    a crash midway leaves no trial, rather than a trial with events in two files.
    """
    target = folder / JOINED
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        content = read(path)
        if path != target and not content.torn_tail_bytes and not content.corrupt_records:
            with target.open("ab") as joined:
                joined.write(path.read_bytes())
            path.unlink()


class LedgerReader:
    """Follows a folder of growing ledger files; each call returns only what is new."""

    def __init__(self, folder: Path) -> None:
        """Start before the first record of each file."""
        self._folder = folder
        self._offsets: dict[Path, int] = {}

    def new_events(self) -> list[Event]:
        """Return the complete records that came since the last call."""
        return [event for _, events in self.new_by_file() for event in events]

    def new_by_file(self) -> Iterator[tuple[Path, list[Event]]]:
        """Yield each file that grew since the last call, with its new complete records."""
        for path in self._folder.glob(f"*{SUFFIX}"):
            offset = self._offsets.get(path, 0)
            if path.stat().st_size - offset >= RECORD_BYTES:
                content = read(path, offset)
                whole = len(content.events) + content.corrupt_records
                self._offsets[path] = offset + whole * RECORD_BYTES
                yield path, content.events
