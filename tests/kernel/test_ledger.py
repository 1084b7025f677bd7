"""The event ledger: nothing that was written is lost, and what is damaged is counted."""

import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from after202.kernel.ledger import (
    JOINED,
    RECORD_BYTES,
    SUFFIX,
    Event,
    EventKind,
    Ledger,
    LedgerReader,
    decode,
    join,
    read,
    read_folder,
    writer_of,
)
from tests.ledger_writer import ACKNOWLEDGED, NUMBER_BYTES
from tests.project import ROOT

KILLS = 40
WRITERS_AT_ONCE = 2
LONGEST_LIFE_S = 0.05
WAIT_S = 20.0

EVENTS = some.builds(
    Event,
    kind=some.sampled_from(EventKind),
    job_id=some.uuids(),
    step=some.integers(0, 255),
    pid=some.integers(0, 2**32 - 1),
    at_ns=some.integers(-(2**63), 2**63 - 1),
)


def encode(event: Event) -> bytes:
    """Write a record as the format says, in words of its own: stored runs must stay readable."""
    kind, job_id, step, pid, at_ns = event
    body = struct.pack("<HBBIq16s", 0xA202, kind, step, pid, at_ns, job_id.bytes)
    return body + struct.pack("<I", zlib.crc32(body))


@given(EVENTS)
def test_an_event_survives_being_encoded_and_decoded(event: Event) -> None:
    """What goes in comes out, in a record of the fixed size."""
    record = encode(event)
    assert len(record) == RECORD_BYTES
    assert decode(record) == event


@settings(max_examples=30)  # each leaves a file open
@given(some.sampled_from(EventKind), some.uuids(), some.integers(0, 255))
def test_the_ledger_writes_the_format_that_stored_runs_have(
    kind: EventKind, job_id: UUID, step: int
) -> None:
    """The bytes in the file are those of the format, for any event."""
    with TemporaryDirectory() as folder:
        Ledger(Path(folder)).record(kind, job_id, step)
        (path,) = Path(folder).iterdir()
        written = path.read_bytes()
    event = decode(written)
    assert event is not None
    assert event[:4] == (kind, job_id, step, os.getpid())
    assert written == encode(event)


@given(EVENTS, some.integers(0, RECORD_BYTES * 8 - 1))
def test_a_record_with_one_flipped_bit_is_not_decoded(event: Event, bit: int) -> None:
    """The checksum sees every single flipped bit."""
    record = bytearray(encode(event))
    record[bit // 8] ^= 1 << bit % 8
    assert decode(bytes(record)) is None


def test_what_is_recorded_is_what_is_read(tmp_path: Path) -> None:
    """One file holds the events of one process in their order, with its pid and the time."""
    job_id = uuid4()
    ledger = Ledger(tmp_path)
    before_ns = time.monotonic_ns()
    for kind, step in ((EventKind.START, 0), (EventKind.END, 0), (EventKind.FAIL, 255)):
        ledger.record(kind, job_id, step)

    (file,) = read_folder(tmp_path)
    assert [event[:4] for event in file.events] == [
        (EventKind.START, job_id, 0, os.getpid()),
        (EventKind.END, job_id, 0, os.getpid()),
        (EventKind.FAIL, job_id, 255, os.getpid()),
    ]
    times_ns = [before_ns, *(event.at_ns for event in file.events), time.monotonic_ns()]
    assert times_ns == sorted(times_ns)
    assert (file.torn_tail_bytes, file.corrupt_records) == (0, 0)


def test_no_file_is_opened_before_the_first_event(tmp_path: Path) -> None:
    """A process that does no work leaves no file."""
    Ledger(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
def test_a_forked_child_writes_to_a_file_of_its_own(tmp_path: Path) -> None:
    """Each file holds one process's events, before and after the fork."""
    subprocess.run(_command("fork", tmp_path), cwd=ROOT, check=True, timeout=WAIT_S)

    files = [file.events for file in read_folder(tmp_path)]
    assert sorted(len(events) for events in files) == [1, 2]
    assert [len({event.pid for event in events}) for events in files] == [1, 1]
    assert len({events[0].pid for events in files}) == 2


@pytest.mark.processes
def test_a_storm_of_kills_loses_no_event_that_was_written(tmp_path: Path) -> None:
    """After `kill -9`, every event whose writing returned is whole and in its place."""
    # Given writers that are killed at random moments of their life
    random = Random(202)
    for _ in range(KILLS // WRITERS_AT_ONCE):
        writers = [_storm(tmp_path) for _ in range(WRITERS_AT_ONCE)]
        for writer in writers:
            _wait_for_an_event(tmp_path, writer.pid)
            time.sleep(random.uniform(0, LONGEST_LIFE_S))
            writer.kill()
            assert writer.wait(WAIT_S) == -signal.SIGKILL

    # Then each file has the numbers from one on, up to at least the last one noted
    files = {str(writer_of(path).pid): read(path) for path in tmp_path.glob(f"*{SUFFIX}")}
    assert len(files) == KILLS
    for pid, file in files.items():
        noted = int.from_bytes((tmp_path / f"{pid}{ACKNOWLEDGED}").read_bytes())
        numbers = [event.job_id.int for event in file.events]
        assert numbers == list(range(1, len(numbers) + 1))
        assert noted <= len(numbers) <= noted + 1
        assert file.corrupt_records == 0
        assert file.torn_tail_bytes < RECORD_BYTES


def test_a_damaged_record_in_the_middle_is_counted_and_the_others_are_read(tmp_path: Path) -> None:
    """Damage does not stop the reading, and it does not go unseen."""
    records = [bytearray(encode(_event(number))) for number in range(3)]
    records[1][5] ^= 0xFF
    path = _file(tmp_path, "1-1", records)

    file = read(path)
    assert [event.job_id.int for event in file.events] == [0, 2]
    assert (file.corrupt_records, file.torn_tail_bytes) == (1, 0)


def test_a_torn_last_record_is_measured_and_not_taken_for_damage(tmp_path: Path) -> None:
    """What a kill may leave is told apart from corruption."""
    path = _file(tmp_path, "1-1", [encode(_event(0)), encode(_event(1))[:7]])

    file = read(path)
    assert [event.job_id.int for event in file.events] == [0]
    assert (file.corrupt_records, file.torn_tail_bytes) == (0, 7)


def test_joining_keeps_every_event_and_leaves_torn_and_damaged_files_apart(tmp_path: Path) -> None:
    """The events are the same after joining, joining again, and joining what came later."""
    # Given three whole files, an empty one, a torn one and a damaged one
    for name in range(3):
        _file(tmp_path, f"{name}-1", [encode(_event(10 * name + i)) for i in range(name + 1)])
    _file(tmp_path, "3-1", [])
    torn = _file(tmp_path, "4-1", [encode(_event(40)), b"torn"])
    damaged = _file(tmp_path, "5-1", [encode(_event(50)), bytes(RECORD_BYTES)])
    before = _summary(tmp_path)

    # When they are joined, twice
    join(tmp_path)
    join(tmp_path)

    # Then nothing is lost or doubled
    assert _summary(tmp_path) == before
    assert set(tmp_path.iterdir()) == {tmp_path / JOINED, torn, damaged}

    # And a later file is added to the joined one
    _file(tmp_path, "6-1", [encode(_event(60))])
    join(tmp_path)
    assert [event.job_id.int for event in read(tmp_path / JOINED).events] == [
        0, 10, 11, 20, 21, 22, 60,
    ]  # fmt: skip


@given(
    some.lists(
        some.tuples(some.sampled_from("abc"), some.integers(1, 3 * RECORD_BYTES)), max_size=20
    )
)
def test_a_reader_yields_each_event_once_while_files_grow(growth: list[tuple[str, int]]) -> None:
    """Wherever a record is cut while it is read, it is yielded when it is whole, and once."""
    # Given bytes of whole events for each of three files
    whole = {
        name: b"".join(encode(_event(1000 * i + n)) for n in range(60))
        for i, name in enumerate("abc")
    }
    with TemporaryDirectory() as folder:
        reader = LedgerReader(Path(folder))
        size = Counter[str]()
        found: list[Event] = []

        # When the files grow by pieces of any size, and the reader looks after each
        for name, more in growth:
            piece = whole[name][size[name] : size[name] + more]
            with (Path(folder) / f"{name}{SUFFIX}").open("ab") as file:
                file.write(piece)
            size[name] += more
            found += reader.new_events()

    # Then it has seen all whole events, each once, those of one file in their order
    for i, name in enumerate("abc"):
        numbers = [event.job_id.int for event in found if event.job_id.int // 1000 == i]
        assert numbers == list(range(1000 * i, 1000 * i + size[name] // RECORD_BYTES))


def test_a_reader_goes_on_after_a_damaged_record(tmp_path: Path) -> None:
    """Later events of a file with a damaged record are yielded, each once."""
    reader = LedgerReader(tmp_path)
    _file(tmp_path, "1-1", [encode(_event(0)), bytes(RECORD_BYTES), encode(_event(1))])
    assert [event.job_id.int for event in reader.new_events()] == [0, 1]
    _file(tmp_path, "1-1", [encode(_event(2))])
    assert [event.job_id.int for event in reader.new_events()] == [2]
    assert reader.new_events() == []


@pytest.mark.processes
@pytest.mark.parametrize(
    "room_bytes",
    [
        0,
        1,
        RECORD_BYTES - 1,
    ],
)
def test_a_full_disk_is_an_error_and_hides_no_event(tmp_path: Path, room_bytes: int) -> None:
    """An event that did not go to the file whole raises; those before and after it are read."""
    # Given a file system that takes ten records and a part of the next
    limit = str(10 * RECORD_BYTES + room_bytes)

    # When events are written until that fails, and once more when there is room again
    command = _command("full", tmp_path, limit)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=WAIT_S)

    # Then the writer was told of the first event that was not written
    assert (done.returncode, done.stdout) == (0, b"10"), done.stderr
    kinds = Counter(event.kind for file in read_folder(tmp_path) for event in file.events)
    assert kinds == {EventKind.START: 10, EventKind.END: 1}


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Events are not written to nowhere."""
    with pytest.raises(FileNotFoundError):
        Ledger(tmp_path / "missing").record(EventKind.START, uuid4(), 0)


def _command(what: str, folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "tests.ledger_writer", what, str(folder), *options]


def _storm(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command("storm", folder), cwd=ROOT, start_new_session=True)


def _wait_for_an_event(folder: Path, pid: int) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not (folder / f"{pid}{ACKNOWLEDGED}").exists() or not _noted(folder, pid):
        assert time.monotonic() < deadline_s, "the writer did not write"
        time.sleep(0.001)


def _noted(folder: Path, pid: int) -> bool:
    return len((folder / f"{pid}{ACKNOWLEDGED}").read_bytes()) == NUMBER_BYTES


def _event(number: int) -> Event:
    return Event(EventKind.START, UUID(int=number), 0, 1, number)


def _file(folder: Path, name: str, parts: Iterable[bytes | bytearray]) -> Path:
    path = folder / f"{name}{SUFFIX}"
    with path.open("ab") as file:
        file.write(b"".join(parts))
    return path


def _summary(folder: Path) -> tuple[list[Event], int, int]:
    files = list(read_folder(folder))
    return (
        sorted(event for file in files for event in file.events),
        sum(file.torn_tail_bytes for file in files),
        sum(file.corrupt_records for file in files),
    )
