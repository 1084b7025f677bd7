"""The event ledger: nothing that was written is lost, and what is damaged is counted."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import BinaryIO, Literal
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
from after202.kernel.mapped import FIRST_BYTES, LARGEST_PIECE_BYTES, MappedFile, is_left
from after202.validate.storm import PROCESSES, noted
from tests.project import ROOT

KILLS = 20
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
        written = path.read_bytes()[:RECORD_BYTES]
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


@pytest.mark.parametrize("threads", [1, 4])
def test_a_file_that_grows_piece_by_piece_holds_every_event_once(
    tmp_path: Path, threads: int
) -> None:
    """Of each thread in its order, also where a record lies in two pieces."""
    # Given a ledger, and more events than three of the largest pieces hold
    ledger = Ledger(tmp_path)
    each = 3 * LARGEST_PIECE_BYTES // RECORD_BYTES // threads + 1

    # When the threads record at the same time
    def write(thread: int) -> None:
        for number in range(each):
            ledger.record(EventKind.START, UUID(int=number), thread)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))

    # Then one file has them all
    (file,) = read_folder(tmp_path)
    assert (file.torn_tail_bytes, file.corrupt_records) == (0, 0)
    for thread in range(threads):
        numbers = [event.job_id.int for event in file.events if event.step == thread]
        assert numbers == list(range(each))


def test_a_file_of_few_events_takes_one_page(tmp_path: Path) -> None:
    """A queue that forks for each message leaves a file for each message."""
    Ledger(tmp_path).record(EventKind.START, uuid4(), 0)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size == FIRST_BYTES


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
    """After `kill -9`, every event whose recording returned is whole and in its place."""
    # Given processes with threads and a child, which are killed at random moments of their life
    random = Random(202)
    for number in range(KILLS):
        _kill_a_writer(tmp_path / str(number), random.uniform(0, LONGEST_LIFE_S))

    # Then each thread has the numbers from one on, up to at least the last one it noted
    paths = list(tmp_path.glob(f"*/*{SUFFIX}"))
    assert len(paths) == KILLS * PROCESSES
    for path in paths:
        file = read(path)
        for thread, last in enumerate(noted(path.parent, writer_of(path).pid)):
            numbers = [event.job_id.int for event in file.events if event.step == thread]
            assert numbers == list(range(1, len(numbers) + 1))
            assert last <= len(numbers) <= last + 1
        assert file.corrupt_records == 0
        assert file.torn_tail_bytes <= RECORD_BYTES


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


def test_zeros_end_a_file_only_if_no_record_follows_them(tmp_path: Path) -> None:
    """Room that was allocated ahead is no damage; a record that became zeros is."""
    records = [encode(_event(0)), bytes(RECORD_BYTES), encode(_event(2))]
    path = _file(tmp_path, "1-1", [*records, bytes(3 * RECORD_BYTES + 5)])

    file = read(path)
    assert [event.job_id.int for event in file.events] == [0, 2]
    assert (file.corrupt_records, file.torn_tail_bytes) == (1, 0)


@pytest.mark.parametrize("present", range(1, RECORD_BYTES))
@pytest.mark.parametrize("is_front", [True, False])
def test_a_record_that_a_kill_left_in_part_is_torn(
    tmp_path: Path, present: int, is_front: bool
) -> None:
    """Whichever bytes of it were copied first."""
    record, missing = (
        encode(_event(1)._replace(job_id=UUID(int=2**128 - 1))),
        RECORD_BYTES - present,
    )
    part = record[:present] + bytes(missing) if is_front else bytes(missing) + record[-present:]
    path = _file(tmp_path, "1-1", [encode(_event(0)), part, bytes(FIRST_BYTES)])

    file = read(path)
    assert [event.job_id.int for event in file.events] == [0]
    assert (file.corrupt_records, file.torn_tail_bytes) == (0, RECORD_BYTES)


def test_a_record_that_ends_in_zeros_is_whole(tmp_path: Path) -> None:
    """The zeros after it are room, and its own are not."""
    event = next(event for event in map(_event, count()) if encode(event).endswith(b"\0"))
    path = _file(tmp_path, "1-1", [encode(event), bytes(100)])
    assert read(path).events == [event]


def test_joining_keeps_every_event_and_leaves_torn_and_damaged_files_apart(tmp_path: Path) -> None:
    """The events are the same after joining, joining again, and joining what came later."""
    # Given three whole files (two with room to spare), an empty, a torn and a damaged one
    for name in range(3):
        events = [encode(_event(10 * name + i)) for i in range(name + 1)]
        _file(tmp_path, f"{name}-1", [*events, bytes(1000 * name)])
    _file(tmp_path, "3-1", [])
    torn = _file(tmp_path, "4-1", [encode(_event(40)), b"torn"])
    damaged = _file(tmp_path, "5-1", [bytes(RECORD_BYTES), encode(_event(50))])
    before = _summary(tmp_path)

    # When they are joined, twice
    join(tmp_path)
    join(tmp_path)

    # Then nothing is lost or doubled
    assert _summary(tmp_path) == before
    assert set(tmp_path.iterdir()) == {tmp_path / JOINED, torn, damaged}
    assert (tmp_path / JOINED).stat().st_size == 6 * RECORD_BYTES

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
    # Given room for events in each of three files, which processes that live have locked
    whole = {
        name: b"".join(encode(_event(1000 * i + n)) for n in range(60))
        for i, name in enumerate("abc")
    }
    with TemporaryDirectory() as folder, ExitStack() as living:
        files = {name: _file(Path(folder), name, [bytes(60 * RECORD_BYTES)]) for name in whole}
        opened = {name: living.enter_context(path.open("r+b")) for name, path in files.items()}
        for file in opened.values():
            fcntl.flock(file, fcntl.LOCK_EX)
        reader = LedgerReader(Path(folder))
        size = Counter[str]()
        found: list[Event] = []

        # When they are filled by pieces of any size, and the reader looks after each
        for name, more in growth:
            opened[name].write(whole[name][size[name] : size[name] + more])
            opened[name].flush()
            size[name] += more
            found += reader.new_events()

    # Then it has seen all whole events, each once, those of one file in their order
    for i, name in enumerate("abc"):
        numbers = [event.job_id.int for event in found if event.job_id.int // 1000 == i]
        assert numbers == list(range(1000 * i, 1000 * i + size[name] // RECORD_BYTES))


def test_a_reader_follows_a_file_into_its_next_pieces(tmp_path: Path) -> None:
    """What is recorded after a look is in the next one."""
    ledger, reader = Ledger(tmp_path), LedgerReader(tmp_path)
    for looks in range(5):
        numbers = range(1000 * looks, 1000 * (looks + 1))
        for number in numbers:
            ledger.record(EventKind.START, UUID(int=number), 0)
        assert [event.job_id.int for event in reader.new_events()] == list(numbers)
        assert reader.new_events() == []


@pytest.mark.processes
def test_a_reader_opens_a_file_no_more_once_its_process_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue leaves thousands of such files, and each look would cost the machine something."""
    # Given a reader that has seen all events of two processes that ended, and of one that lives
    subprocess.run(_command("fork", tmp_path), cwd=ROOT, check=True, timeout=WAIT_S)
    ended = set(tmp_path.iterdir())
    ledger, reader = Ledger(tmp_path), LedgerReader(tmp_path)
    ledger.record(EventKind.START, UUID(int=2), 0)
    (living,) = set(tmp_path.iterdir()) - ended
    assert len([*reader.new_events(), *reader.new_events()]) == 4

    # When it looks again
    looked_into: set[Path] = set()
    open_file = Path.open

    def noting(path: Path, mode: Literal["rb"]) -> BinaryIO:
        looked_into.add(path)
        return open_file(path, mode)

    monkeypatch.setattr(Path, "open", noting)
    ledger.record(EventKind.END, UUID(int=2), 0)
    events = reader.new_events()

    # Then it looks into the file of the one that lives, and no other
    assert [event.kind for event in events] == [EventKind.END]
    assert looked_into == {living}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("limit_bytes", "events"),
    [
        (0, 0),
        (FIRST_BYTES - 1, 0),
        (FIRST_BYTES, FIRST_BYTES // RECORD_BYTES),
        (FIRST_BYTES + 1, FIRST_BYTES // RECORD_BYTES),
        (2 * FIRST_BYTES - 1, FIRST_BYTES // RECORD_BYTES),
    ],
)
def test_a_full_disk_is_an_error_and_hides_no_event(
    tmp_path: Path, limit_bytes: int, events: int
) -> None:
    """An event that has no room raises; those before and after it are read."""
    # Given a limit at which a piece cannot be allocated, or only a part of it

    # When events are written until that fails, and once more when there is room again
    command = _command("limited", tmp_path, str(limit_bytes))
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=WAIT_S)

    # Then the writer was told of the first event that was not written, and one file has the rest
    assert (done.returncode, done.stdout) == (0, str(events).encode()), done.stderr
    (file,) = read_folder(tmp_path)
    assert Counter(event.kind for event in file.events) == +Counter(
        {EventKind.START: events, EventKind.END: 1}
    )
    assert (file.torn_tail_bytes, file.corrupt_records) == (0, 0)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Events are not written to nowhere."""
    with pytest.raises(FileNotFoundError):
        Ledger(tmp_path / "missing").record(EventKind.START, uuid4(), 0)


def _command(what: str, folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "tests.ledger_writer", what, str(folder), *options]


def _kill_a_writer(folder: Path, after_s: float) -> None:
    """Kill a process and its child some time after all their threads have written."""
    folder.mkdir()
    command = [sys.executable, "-m", "after202.validate.storm", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as writer:
        try:
            _wait("not all threads wrote", lambda: _all_write(folder))
            time.sleep(after_s)
        finally:
            os.killpg(writer.pid, signal.SIGKILL)
    _wait("a process did not end", lambda: _all_ended(folder))


def _wait(what: str, condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.001)


def _all_write(folder: Path) -> bool:
    """Return whether each thread of each process has noted a number."""
    pids = [writer_of(path).pid for path in folder.glob(f"*{SUFFIX}")]
    return len(pids) == PROCESSES and all(all(noted(folder, pid)) for pid in pids)


def _all_ended(folder: Path) -> bool:
    """Return whether no process has a file any more."""
    for path in folder.glob(f"*{SUFFIX}"):
        with path.open("rb") as file:
            if not is_left(file):
                return False
    return True


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


def test_a_fork_while_the_first_file_is_created_leaves_the_child_a_file_of_its_own(
    tmp_path: Path,
) -> None:
    """The parent has a descriptor then and no piece, and the child closes what there is."""
    parents = MappedFile(tmp_path / "parent.led")
    parents._descriptor = os.open(tmp_path / "parent.led", os.O_RDWR | os.O_CREAT)
    parents.close()
    own = MappedFile(tmp_path / "child.led")
    own.append(b"record")
    assert (tmp_path / "child.led").read_bytes().rstrip(b"\0") == b"record"
    own.close()
