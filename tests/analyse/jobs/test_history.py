"""The fast reader of ledgers agrees with the plain one."""

import os
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow.parquet as pq
import pytest

from after202.analyse.jobs import history, ids, ledgers
from after202.kernel.errors import UsageError
from after202.kernel.ledger import RECORD_BYTES, EventKind, Ledger, read
from tests.analyse.run_folder import TrialHistory, store_again, write_run


def ledger_file(folder: Path, records: int) -> Path:
    """Write a ledger of this process's."""
    ledger = Ledger(folder)
    for number in range(records):
        ledger.record(EventKind(number % 3 + 1), UUID(int=number), number % 5)
    (path,) = folder.glob("*.led")
    return path


def assert_agree(path: Path, torn: int, corrupt: int) -> None:
    """Assert that both readers find the same in a file."""
    plain = read(path)
    found = list(ledgers.parts(path))
    assert sum(part.torn for part in found) == torn
    assert sum(part.corrupt for part in found) == corrupt
    records = np.concatenate([part.records for part in found])
    assert (plain.torn_tail_bytes > 0, plain.corrupt_records) == (bool(torn), corrupt)
    job_ids = ids.texts(records["job_id"]).to_pylist()
    fields = [records[name].tolist() for name in ("kind", "step", "at_ns")]
    assert [(str(e.job_id), e.kind, e.step, e.at_ns) for e in plain.events] == list(
        zip(job_ids, *fields, strict=True)
    )


def test_both_readers_agree_on_a_whole_file(tmp_path: Path) -> None:
    """Every field of every record."""
    assert_agree(ledger_file(tmp_path, 500), torn=0, corrupt=0)


def test_both_readers_agree_on_a_torn_tail(tmp_path: Path) -> None:
    """A part of a record at the end is counted apart, with room after it or without."""
    path = ledger_file(tmp_path, 20)
    size_bytes = path.stat().st_size
    os.truncate(path, 20 * RECORD_BYTES - 7)
    assert_agree(path, torn=1, corrupt=0)
    os.truncate(path, size_bytes)
    assert_agree(path, torn=1, corrupt=0)


def test_both_readers_agree_on_a_record_that_became_zeros(tmp_path: Path) -> None:
    """It is damage if a record follows it, torn or not, and room otherwise."""
    path = ledger_file(tmp_path, 20)
    data = bytearray(path.read_bytes())
    data[7 * RECORD_BYTES : 8 * RECORD_BYTES] = bytes(RECORD_BYTES)
    path.write_bytes(data)
    assert_agree(path, torn=0, corrupt=1)
    path.write_bytes(data[: 20 * RECORD_BYTES - 7])
    assert_agree(path, torn=1, corrupt=1)
    path.write_bytes(data[: 8 * RECORD_BYTES])
    assert_agree(path, torn=0, corrupt=0)


def test_both_readers_agree_on_a_damaged_record(tmp_path: Path) -> None:
    """A bit that flipped in the middle is found by the CRC."""
    path = ledger_file(tmp_path, 20)
    data = bytearray(path.read_bytes())
    data[7 * RECORD_BYTES + 10] ^= 1
    path.write_bytes(data)
    assert_agree(path, torn=0, corrupt=1)


@pytest.mark.parametrize("spare", [1, RECORD_BYTES, 4096])
def test_zeros_at_the_end_of_a_ledger_are_no_records(tmp_path: Path, spare: int) -> None:
    """A process that was killed leaves what it had allocated and not written yet."""
    path = ledger_file(tmp_path, 500)
    records = path.read_bytes()[: 500 * RECORD_BYTES]
    path.write_bytes(records + bytes(spare))
    found = list(ledgers.parts(path))
    assert b"".join(part.records.tobytes() for part in found) == records
    assert sum(part.torn + part.corrupt for part in found) == 0


@pytest.mark.parametrize("spare", [b"", b"torn", bytes(2 * RECORD_BYTES)])
def test_a_file_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spare: bytes
) -> None:
    """Whatever the size of a part, and wherever the file ends in one."""
    path = ledger_file(tmp_path, 20)
    records = path.read_bytes()[: 20 * RECORD_BYTES]
    path.write_bytes(records + spare)
    for size in (1, 7, 20, 21):
        monkeypatch.setattr(ledgers, "PART_RECORDS", size)
        found = list(ledgers.parts(path))
        assert b"".join(part.records.tobytes() for part in found) == records
        assert sum(part.torn for part in found) == (spare == b"torn")
        assert sum(part.corrupt for part in found) == 0


def test_both_readers_agree_on_an_empty_file(tmp_path: Path) -> None:
    """A process that was killed before its first record leaves nothing."""
    path = tmp_path / "empty.led"
    path.touch()
    assert_agree(path, torn=0, corrupt=0)


def test_a_pipe_is_no_ledger(tmp_path: Path) -> None:
    """Reading one would wait for ever."""
    path = tmp_path / "joined.led"
    os.mkfifo(path)
    with pytest.raises(UsageError, match=r"joined\.led cannot be read: it is not a file"):
        list(ledgers.parts(path))


def test_rows_with_other_columns_are_refused(tmp_path: Path) -> None:
    """Checksums do not help where whoever wrote the rows wrote them too."""
    trial = write_run(tmp_path, [TrialHistory("rq_queue")]).trial("000")
    (path,) = trial.path.glob("requests-*.parquet")
    table = pq.read_table(path)
    pq.write_table(table.rename_columns(["due_5s", *table.schema.names[1:]]), path)
    store_again(trial)
    with pytest.raises(UsageError, match=r"the requests in .* cannot be read"):
        history.read(trial)
