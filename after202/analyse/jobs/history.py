"""The history of a trial: what the client saw and what the ledger holds, as data frames."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from after202.analyse.jobs import ids
from after202.kernel import ledger
from after202.kernel.errors import UsageError
from after202.records import requests
from after202.records.experiment import Stream
from after202.records.files import reading
from after202.records.folder import TrialFolder
from after202.records.trial import Trial, TrialRecord

# The layout of after202.kernel.ledger's records, as numpy reads it.
RECORD = np.dtype(
    [
        ("magic", "<u2"),
        ("kind", "u1"),
        ("step", "u1"),
        ("pid", "<u4"),
        ("at_ns", "<i8"),
        ("job_id", "V16"),
        ("crc", "<u4"),
    ]
)
CRC_POLYNOMIAL = 0xEDB88320
ALL_ONES = np.uint32(0xFFFFFFFF)
PAIRS = RECORD.itemsize // 2
_NO_RECORDS = np.empty(0, RECORD)


@dataclass(frozen=True)
class History:
    """A trial's requests (of both streams), its events, and what was wrong in its ledger.

    `requests` has the columns of requests-*.parquet; `events` has job_id
    (categories of str), kind, step and at_ns. Canary jobs are in neither, but their events are
    counted. `doubts` are the reasons why nothing may be concluded from it, and then it is empty.
    """

    record: TrialRecord
    requests: pd.DataFrame
    events: pd.DataFrame
    canary_events: int
    torn_tails: int
    corrupt_records: int
    doubts: tuple[str, ...] = ()

    @property
    def damaged(self) -> int:
        """How many records of the ledger cannot be read."""
        return self.torn_tails + self.corrupt_records

    def doubted(self, doubts: Sequence[str]) -> "History":
        """Return the history as if nothing had been recorded, because of these doubts."""
        nothing = {"load": None, "strike": None}
        return replace(
            self,
            doubts=tuple(doubts),
            record=self.record.model_copy(update=nothing),
            requests=self.requests[:0],
            events=self.events[:0],
        )

    def of(self, planned: Trial) -> "History":
        """Return the history as that of the trial which was planned, whatever its record names."""
        return replace(self, record=self.record.model_copy(update={"trial": planned}))

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """The requests of the job stream."""
        return self.requests[self.requests["stream"] == Stream.JOBS]


def read(folder: TrialFolder) -> History:
    """Read a trial's folder; of files that were changed since it was stored, nothing is read.

    UsageError if a file cannot be read.
    """
    record = folder.read()
    changed = folder.changed(record.files) if record.files is not None else []
    if changed:
        return _unread(record, changed)
    with reading(folder.ledger):
        return _read(folder, record)


def _unread(record: TrialRecord, changed: Sequence[str]) -> History:
    requests_ = requests.SCHEMA.empty_table().to_pandas()
    empty = History(record, requests_, _frame(_NO_RECORDS), 0, 0, 0)
    return empty.doubted([f"changed since the trial was stored: {', '.join(changed)}"])


def _read(folder: TrialFolder, record: TrialRecord) -> History:
    files = sorted(folder.ledger.glob(f"*{ledger.SUFFIX}"))
    ledgers = [_read_ledger(path) for path in files]
    events = _frame(np.concatenate([_NO_RECORDS, *(records for records, _, _ in ledgers)]))
    is_canary = events["job_id"].isin([str(job_id) for job_id in record.canary_job_ids])
    return History(
        record=record,
        requests=_requests(folder.path),
        events=events[~is_canary].reset_index(drop=True),
        canary_events=int(is_canary.sum()),
        torn_tails=sum(torn for _, torn, _ in ledgers),
        corrupt_records=sum(corrupt for _, _, corrupt in ledgers),
    )


def _requests(folder: Path) -> pd.DataFrame:
    """Return the rows of requests; UsageError if they are not of the schema."""
    try:
        rows: pd.DataFrame = requests.read(folder).to_pandas()
    except (ValueError, pa.ArrowException) as error:
        said = str(error).split("\n", 1)[0]
        raise UsageError(f"the requests in {folder} cannot be read: {said}") from error
    return rows


def _read_ledger(path: Path) -> tuple[np.ndarray, int, int]:
    """Return a file's sound records, whether its last one is torn, and its damaged records."""
    if not path.is_file():  # reading a pipe would wait for ever
        raise UsageError(f"{path} cannot be read: it is not a file")
    data = ledger.used(path.read_bytes())
    whole = len(data) // RECORD.itemsize
    records = np.frombuffer(data, RECORD, whole)
    sound = (records["magic"] == ledger.MAGIC) & (records["crc"] == crc32(data, whole))
    is_cut = len(data) > whole * RECORD.itemsize
    torn = int(is_cut or not sound[-1:].all())
    return records[sound], torn, int((~sound).sum()) + is_cut - torn


def _frame(records: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "job_id": ids.categorical(records["job_id"].tobytes()),
            "kind": records["kind"].astype(np.int8),
            "step": records["step"].astype(np.int16),
            "at_ns": records["at_ns"].astype(np.int64),
        }
    )


@cache
def _crc_table() -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Return the CRC of each two-byte value, starting from a CRC of 0."""
    table: np.ndarray[tuple[int], np.dtype[np.uint32]] = np.arange(2**16, dtype=np.uint32)
    for _ in range(16):
        carry = (table & 1) * np.uint32(CRC_POLYNOMIAL)
        table = ((table >> 1) ^ carry).astype(np.uint32)
    return table


def crc32(data: bytes, whole: int) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Return zlib.crc32 of each record's body, for all records together, two bytes at a time.

    This is the table-driven CRC-32 of RFC 1952, section 8, with a table of two bytes, not one.
    """
    table = _crc_table()
    pairs = np.frombuffer(data, "<u2", whole * PAIRS).reshape(whole, PAIRS)
    crc = np.full(whole, ALL_ONES, np.uint32)
    for column in range(ledger.BODY.size // 2):
        crc = table[(crc ^ pairs[:, column]) & 0xFFFF] ^ (crc >> 16)
    return crc ^ ALL_ONES
