"""`requests-<process>.parquet`: one row per request that fell due, and the only reader of it.

Until the load has ended, the rows are in `requests-<process>.rows`.
"""

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from after202.kernel.errors import UsageError
from after202.records.experiment import Outcome, Stream
from after202.records.files import reading, writing
from after202.records.rows import CHUNK_ROWS, FIRST_STREAM, Place, Rows, answer
from after202.records.rows import read as read_rows
from after202.records.trial_record import Load

PARQUET = ".parquet"
FILES, ROWS = f"requests-*{PARQUET}", "requests-*.rows"
STREAMS = list(Stream)
OUTCOMES = list(Outcome)
ACCEPTED, UNKNOWN = OUTCOMES.index(Outcome.ACCEPTED), OUTCOMES.index(Outcome.UNKNOWN)
NEVER = -1
SCHEMA = pa.schema(
    [(name, pa.int64()) for name in ("due_us", "slip_us", "response_us")]
    + [("status", pa.int16())]
    + [(name, pa.string()) for name in ("outcome", "stream", "job_id")]
)
Microseconds = np.ndarray[tuple[int], np.dtype[np.int64]]


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
            _to_parquet(file, path.with_suffix(PARQUET))
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
        for chunk in read_rows(rows):
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


def read(folder: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a trial's requests of every process; no rows if none were written.

    UsageError if a file cannot be read.
    """
    schema = SCHEMA if columns is None else pa.schema([SCHEMA.field(name) for name in columns])
    tables = [read_table(file, columns, schema) for file in sorted(folder.glob(FILES))]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def read_batches(folder: Path) -> Iterator[pa.Table]:
    """Yield a trial's requests of every process, some at a time; first a table without rows.

    UsageError if a file cannot be read, or if a page does not have the checksum written with it.
    """
    yield SCHEMA.empty_table()
    for path in sorted(folder.glob(FILES)):
        with _explained(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(CHUNK_ROWS):
                yield pa.table(batch).cast(SCHEMA)


def read_table(path: Path, columns: Sequence[str] | None, schema: pa.Schema | None) -> pa.Table:
    """Return a Parquet file's table, cast to the schema if there is one.

    UsageError if it cannot be read, or if a page does not have the checksum written with it.
    """
    with _explained(path):
        table = pq.read_table(path, columns=columns, page_checksum_verification=True)
        return table if schema is None else table.cast(schema)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        with reading(path):
            yield
    except (OSError, pa.ArrowException) as error:
        said = str(error).split("\n", 1)[0]
        raise UsageError(f"{path} cannot be read: {said}") from error


def accepted(folder: Path) -> set[UUID]:
    """Return the jobs that were accepted."""
    table = read(folder, ["job_id", "outcome"])
    pairs = zip(table["job_id"].to_pylist(), table["outcome"].to_pylist(), strict=True)
    return {UUID(job_id) for job_id, outcome in pairs if job_id and outcome == Outcome.ACCEPTED}


def slip_us(folder: Path, load: Load) -> Microseconds:
    """Return the slip of the job requests that fell due in the window."""
    table = read(folder, ["due_us", "slip_us", "stream"])
    due_us = table["due_us"].to_numpy()
    in_window = (due_us >= load.window_start_us) & (due_us < load.window_end_us)
    is_job = table["stream"].to_numpy() == Stream.JOBS
    return np.asarray(table["slip_us"].to_numpy()[in_window & is_job], np.int64)
