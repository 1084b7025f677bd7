"""What a process keeps of its requests: each is on the disk from the moment it is sent.

Until the load has ended, they are rows in `requests-<process>.rows`, and then Parquet.
"""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from after202.records.experiment import Outcome, Stream
from after202.records.files import writing
from after202.records.requests import FILES, OUTCOMES, SCHEMA, STREAMS
from after202.records.rows import FIRST_STREAM, Place, Rows, answer, read

ROWS = "requests-*.rows"
ACCEPTED, UNKNOWN = OUTCOMES.index(Outcome.ACCEPTED), OUTCOMES.index(Outcome.UNKNOWN)
NEVER = -1


@dataclass
class Tally:
    """How many requests of a stream reached each stage; one has ended if no answer can come."""

    sent: int = 0
    ended: int = 0
    answered: int = 0
    accepted: int = 0


class Requests:
    """The requests of one process, each on the disk from the moment it is sent."""

    def __init__(self, file: BinaryIO | None = None) -> None:
        """Keep the rows in an empty file; without one, in a file without a name."""
        self._file = file or cast("BinaryIO", TemporaryFile())  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)
        self._rows = Rows(self._file)
        self._of = [Tally() for _ in STREAMS]

    @classmethod
    def of_process(cls, folder: Path, process: int) -> "Requests":
        """Keep the rows in a folder as `requests-<process>.rows`; UsageError if it cannot be."""
        path = folder / ROWS.replace("*", str(process))
        with writing(path):
            return cls(path.open("w+b"))

    def send(self, stream: int, job_id: str, due_ns: int, sent_ns: int) -> Place:
        """Keep a request that is about to be sent; return its place, for its answer.

        Until then its outcome is unknown. OSError if the disk is full.
        """
        self._of[stream].sent += 1
        times_us = due_ns // 1000, (sent_ns - due_ns) // 1000, NEVER
        return self._rows.add(times_us, job_id, 0, UNKNOWN, stream)

    def end(
        self, place: Place, stream: int, times_ns: tuple[int, int], status: int, outcome: int
    ) -> None:
        """Complete a request: its times are (due, answered); answered is -1 if it never was."""
        due_ns, answered_ns = times_ns
        tally, is_answered = self._of[stream], answered_ns >= 0
        tally.ended += 1
        tally.answered += is_answered
        tally.accepted += outcome == ACCEPTED
        answer(place, (answered_ns - due_ns) // 1000 if is_answered else NEVER, status, outcome)

    def record(
        self, stream: int, job_id: str, times_ns: tuple[int, int, int], status: int, outcome: int
    ) -> None:
        """Keep one request as a whole: its (due, sent, answered) times."""
        due_ns, sent_ns, answered_ns = times_ns
        place = self.send(stream, job_id, due_ns, sent_ns)
        self.end(place, stream, (due_ns, answered_ns), status, outcome)

    def of(self, stream: Stream) -> Tally:
        """Return how many requests of a stream reached each stage."""
        return self._of[STREAMS.index(stream)]

    @property
    def ended(self) -> int:
        """How many requests were answered, or never will be."""
        return sum(tally.ended for tally in self._of)

    def __len__(self) -> int:
        """Count the requests."""
        return sum(tally.sent for tally in self._of)

    def write(self, folder: Path, process: int) -> None:
        """Write the requests as `requests-<process>.parquet`."""
        _to_parquet(self._file, folder / FILES.replace("*", str(process)))


def convert(folder: Path, process: str = "*") -> bool:
    """Convert the rows that processes left, however they ended; return whether there were any."""
    left = sorted(folder.glob(ROWS.replace("*", process)))
    for path in left:
        with writing(path), path.open("rb") as file:
            _to_parquet(file, path.with_suffix(".parquet"))
        path.unlink()
    return bool(left)


def _to_parquet(rows: BinaryIO, path: Path) -> None:
    """Write rows as Parquet, chunk by chunk: the whole file or none."""
    new = path.with_suffix(".new")
    with pq.ParquetWriter(
        new,
        SCHEMA,
        compression="zstd",
        write_page_checksum=True,
        use_dictionary=["outcome", "stream", "status"],
        column_encoding={"due_us": "DELTA_BINARY_PACKED", "job_id": "DELTA_BYTE_ARRAY"},
    ) as file:
        for chunk in read(rows):
            file.write_table(_table(chunk))
    new.replace(path)


# `pa.array` would import pandas, which takes half a second in every trial.
def _table(rows: np.ndarray) -> pa.Table:
    columns = [
        *(_numbers(rows[name], pa.int64()) for name in ("due_us", "slip_us", "response_us")),
        _numbers(rows["status"], pa.int16()),
        _names(rows["outcome"], OUTCOMES),
        _names(rows["stream"] - FIRST_STREAM, STREAMS),
        _texts(rows["job_id"]),
    ]
    return pa.table(columns, schema=SCHEMA)


def _numbers(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [None, buffer])


def _names(numbers: np.ndarray, names: Sequence[str]) -> pa.Array:
    names_ = _texts(np.array(names, "S"))
    return pa.DictionaryArray.from_arrays(_numbers(numbers, pa.int8()), names_).cast(pa.string())


def _texts(values: np.ndarray) -> pa.Array:
    """Return texts of a fixed width, padded with zeros, as Arrow's."""
    digits = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)
    is_used = digits != 0
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(is_used.sum(axis=1), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(digits[is_used])]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)
