"""The history of a trial: what the client saw and what the ledger holds, as data frames."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from bench import ledger
from bench.model import Stream
from bench.records import TrialRecord

# The layout of bench.ledger's records, as numpy reads it.
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
DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
# Where a UUID's digits stand between its dashes: 8-4-4-4-12.
TEXT_WIDTH = 36
_PLACES = [place for place in range(TEXT_WIDTH) if place not in {8, 13, 18, 23}]
HIGH_DIGITS, LOW_DIGITS = _PLACES[::2], _PLACES[1::2]


@dataclass(frozen=True)
class History:
    """A trial's requests (of both streams), its events, and what was wrong in its ledger.

    `requests` has the columns of requests-*.parquet; `events` has job_id (str), kind, step
    and at_ns. Canary jobs are in neither.
    """

    record: TrialRecord
    requests: pd.DataFrame
    events: pd.DataFrame
    torn_tails: int
    corrupt_records: int

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """The requests of the job stream."""
        return self.requests[self.requests["stream"] == Stream.JOBS]


def read(folder: Path) -> History:
    """Read a trial's folder."""
    record = TrialRecord.model_validate_json((folder / "trial.json").read_text())
    files = sorted(folder.glob("requests-*.parquet"))
    requests = [pd.read_parquet(file) for file in files] or [_no_requests()]
    ledgers = [_read_ledger(path) for path in sorted(folder.glob(f"ledger/*{ledger.SUFFIX}"))]
    events = pd.concat([_no_events(), *(events for events, _, _ in ledgers)], ignore_index=True)
    canaries = {str(job_id) for job_id in record.canary_job_ids}
    return History(
        record=record,
        requests=pd.concat(requests, ignore_index=True),
        events=events[~events["job_id"].isin(canaries)].reset_index(drop=True),
        torn_tails=sum(torn for _, torn, _ in ledgers),
        corrupt_records=sum(corrupt for _, _, corrupt in ledgers),
    )


def _no_requests() -> pd.DataFrame:
    numbers = ("due_us", "slip_us", "response_us", "status")
    columns = {name: pd.Series(dtype="int64") for name in numbers}
    texts = {name: pd.Series(dtype="str") for name in ("outcome", "stream", "job_id")}
    return pd.DataFrame(columns | texts)


def _no_events() -> pd.DataFrame:
    return _frame(np.empty(0, RECORD))


def _read_ledger(path: Path) -> tuple[pd.DataFrame, int, int]:
    """Return a file's whole events, whether its tail is torn, and its damaged records."""
    data = path.read_bytes()
    whole = len(data) // RECORD.itemsize
    records = np.frombuffer(data, RECORD, whole)
    sound = (records["magic"] == ledger.MAGIC) & (records["crc"] == crc32(data, whole))
    torn = int(len(data) % RECORD.itemsize > 0)
    return _frame(records[sound]), torn, int((~sound).sum())


def _frame(records: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "job_id": pd.Series(_uuid_texts(records["job_id"].tobytes()), dtype="str"),
            "kind": records["kind"].astype(np.int8),
            "step": records["step"].astype(np.int16),
            "at_ns": records["at_ns"].astype(np.int64),
        }
    )


def _uuid_texts(ids: bytes) -> pd.Series:
    """Write ids of 16 bytes each as UUIDs are written, all at once."""
    raw = np.frombuffer(ids, np.uint8).reshape(-1, 16)
    texts = np.full((len(raw), TEXT_WIDTH), ord("-"), np.uint8)
    texts[:, HIGH_DIGITS], texts[:, LOW_DIGITS] = DIGITS[raw >> 4], DIGITS[raw & 15]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_WIDTH
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(texts)]
    texts_array = pa.Array.from_buffers(pa.string(), len(raw), buffers)
    return pd.Series(pd.array(texts_array, dtype="str"))


def _crc_table() -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    table: np.ndarray[tuple[int], np.dtype[np.uint32]] = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        carry = (table & 1) * np.uint32(CRC_POLYNOMIAL)
        table = ((table >> 1) ^ carry).astype(np.uint32)
    return table


def crc32(data: bytes, whole: int) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Return zlib.crc32 of each record's body, all records at once, a byte at a time.

    The table-driven CRC-32 of RFC 1952, section 8.
    """
    table = _crc_table()
    rows = np.frombuffer(data, np.uint8, whole * RECORD.itemsize).reshape(whole, RECORD.itemsize)
    crc = np.full(whole, ALL_ONES, np.uint32)
    for column in range(ledger.BODY.size):
        crc = table[(crc ^ rows[:, column]) & 0xFF] ^ (crc >> 8)
    return crc ^ ALL_ONES
