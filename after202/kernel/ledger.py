"""The event ledger: what work really started and ended, kept so that `kill -9` loses nothing.

One file per process; one fixed-size binary record with a CRC per event, copied into a shared
mapping of the file. The page cache survives a killed process, so there is no fsync; a power cut
may lose events. Files are allocated ahead as zeros, so the records end where only zeros follow. A
torn last record is expected after a kill. One elsewhere, or zeros before one, mean corruption.
"""

import os
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

from after202.kernel.mapped import MappedFile, is_left

MAGIC = 0xA202
BODY = struct.Struct("<HBBIq16s")  # magic, kind, step, pid, monotonic ns, job id
CHECKSUM = struct.Struct("<I")  # zlib.crc32 of the body
RECORD_BYTES = BODY.size + CHECKSUM.size
SUFFIX = ".led"
JOINED = "joined" + SUFFIX
# Looked up once, because every step of every job is recorded with them.
_pack, _now_ns, _crc32 = BODY.pack, time.monotonic_ns, zlib.crc32


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
    """The intact records of one file, and what else was in it.

    The last record is torn if it cannot be read; any other that cannot be read is corrupt.
    """

    events: list[Event]
    torn_tail_bytes: int
    corrupt_records: int


def decode(record: bytes) -> Event | None:
    """Unpack one record; None if it is damaged, incomplete or not written."""
    if len(record) < RECORD_BYTES:
        return None
    body = record[: BODY.size]
    magic, kind, step, pid, at_ns, job_id = BODY.unpack(body)
    if magic != MAGIC or CHECKSUM.unpack(record[BODY.size :])[0] != zlib.crc32(body):
        return None
    return Event(EventKind(kind), UUID(bytes=job_id), step, pid, at_ns)


class Ledger:
    """The ledger of the running process; after a fork the child writes to a file of its own."""

    def __init__(self, folder: Path) -> None:
        """Write below `folder`, which must exist; no file is created before the first event."""
        self._folder = folder
        self._begin()
        # Asking for the process id in every record would cost as much as the rest of it.
        os.register_at_fork(after_in_child=self._begin_anew)

    def record(self, kind: EventKind, job_id: UUID, step: int) -> None:
        """Append one event, stamped now; OSError if the disk is full. Any thread may call this."""
        # Not job_id.bytes, a property that takes a fifth of the whole call.
        job = job_id.int.to_bytes(16)
        body = _pack(MAGIC, kind, step, self._pid, _now_ns(), job)
        self._file.append(body + _crc32(body).to_bytes(4, "little"))

    def _begin(self) -> None:
        """Name a new file for this process."""
        self._pid = os.getpid()
        name = "-".join(map(str, Writer(socket.gethostname(), self._pid, time.monotonic_ns())))
        self._file = MappedFile(self._folder / f"{name}{SUFFIX}")

    def _begin_anew(self) -> None:
        """Leave the file to the process that this one was forked from."""
        self._file.close()
        self._begin()


def writer_of(path: Path) -> Writer:
    """Return the process that wrote a file, from the file's name."""
    host, pid, at_ns = path.stem.rsplit("-", 2)
    return Writer(host, int(pid), int(at_ns))


def used(data: bytes) -> bytes:
    """Return a file's content up to the end of its last record, without the zeros after it."""
    end = len(data.rstrip(b"\0"))
    return data[: end + -end % RECORD_BYTES]  # a record may end in zeros


def read(path: Path) -> LedgerFile:
    """Read the records of one file."""
    data = used(path.read_bytes())
    records = [data[i : i + RECORD_BYTES] for i in range(0, len(data), RECORD_BYTES)]
    decoded = [decode(record) for record in records]
    events = [event for event in decoded if event is not None]
    torn_bytes = len(records[-1]) if decoded and decoded[-1] is None else 0
    return LedgerFile(events, torn_bytes, len(decoded) - len(events) - (torn_bytes > 0))


def read_folder(folder: Path) -> Iterator[LedgerFile]:
    """Read every ledger file of a trial, in the order of their names."""
    return (read(path) for path in sorted(folder.glob(f"*{SUFFIX}")))


def join(folder: Path) -> None:
    """Append the records of intact files to one, byte for byte, once no process writes any more.

    A queue that forks for each job leaves a file for each job. Every record carries its pid, so
    joining loses nothing but the zeros that were allocated ahead. Files with a torn tail or a
    damaged record stay separate, because a tail in the middle of a joined file would not be
    recognised. A trial is stored only after this, so a crash midway leaves no trial, rather than a
    trial with events in two files.
    """
    target = folder / JOINED
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        content = read(path)
        if path != target and not content.torn_tail_bytes and not content.corrupt_records:
            with target.open("ab") as joined:
                joined.write(used(path.read_bytes()))
            path.unlink()


class LedgerReader:
    """Follows a folder of growing ledger files; each call returns only what is new.

    It reads on from the first record of a file that is not whole. A file whose process has ended
    is read once more, and then never opened again.
    """

    def __init__(self, folder: Path) -> None:
        """Start before the first record of each file."""
        self._folder = folder
        self._offsets: dict[str, int] = {}
        self._finished: set[str] = set()

    def new_events(self) -> list[Event]:
        """Return the whole records that came since the last call."""
        return [event for _, events in self.new_by_file() for event in events]

    def new_by_file(self) -> Iterator[tuple[Path, list[Event]]]:
        """Yield each file with new whole records since the last call, and those records."""
        for name in os.listdir(self._folder):  # noqa: PTH208 - a Path of each takes much longer
            if name.endswith(SUFFIX) and name not in self._finished:
                path = self._folder / name
                with path.open("rb") as file:
                    events = self._new_in(file, name)
                if events:
                    yield path, events

    def _new_in(self, file: BinaryIO, name: str) -> list[Event]:
        offset = self._offsets.get(name, 0)
        # Ask before reading: nothing is written after a process has ended.
        is_finished = offset > 0 and is_left(file)
        file.seek(offset)
        events = list(_whole(file))
        self._offsets[name] = offset + len(events) * RECORD_BYTES
        if is_finished:
            self._finished.add(name)
        return events


def _whole(file: BinaryIO) -> Iterator[Event]:
    """Yield the events from here to the first that is not whole."""
    while (event := decode(file.read(RECORD_BYTES))) is not None:
        yield event
