"""`requests-<process>.parquet`: one row per request that fell due, and the only reader of it."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from after202.kernel.errors import UsageError
from after202.records.experiment import Outcome, Stream
from after202.records.trial import Load

FILES = "requests-*.parquet"
STREAMS = list(Stream)
OUTCOMES = list(Outcome)
NEVER = -1
SCHEMA = pa.schema(
    [(name, pa.int64()) for name in ("due_us", "slip_us", "response_us")]
    + [("status", pa.int16())]
    + [(name, pa.string()) for name in ("outcome", "stream", "job_id")]
)
Microseconds = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass
class Requests:
    """The requests of one process; times are CLOCK_MONOTONIC microseconds."""

    due_us: "array[int]" = field(default_factory=lambda: array("q"))
    slip_us: "array[int]" = field(default_factory=lambda: array("q"))
    response_us: "array[int]" = field(default_factory=lambda: array("q"))
    status: "array[int]" = field(default_factory=lambda: array("h"))
    outcome: "array[int]" = field(default_factory=lambda: array("b"))
    stream: "array[int]" = field(default_factory=lambda: array("b"))
    job_id: list[str] = field(default_factory=list)

    def record(
        self, stream: int, job_id: str, times_ns: tuple[int, int, int], status: int, outcome: int
    ) -> None:
        """Keep one request: its (due, sent, answered) times; answered is -1 if it never was."""
        due_ns, sent_ns, answered_ns = times_ns
        self.due_us.append(due_ns // 1000)
        self.slip_us.append((sent_ns - due_ns) // 1000)
        self.response_us.append(NEVER if answered_ns < 0 else (answered_ns - due_ns) // 1000)
        self.status.append(status)
        self.outcome.append(outcome)
        self.stream.append(stream)
        self.job_id.append(job_id)

    def count(self, stream: Stream, *outcomes: Outcome) -> int:
        """Count a stream's requests with one of the outcomes."""
        wanted = {OUTCOMES.index(outcome) for outcome in outcomes}
        number = STREAMS.index(stream)
        pairs = zip(self.stream, self.outcome, strict=True)
        return sum(1 for s, outcome in pairs if s == number and outcome in wanted)

    def answered(self, stream: Stream) -> int:
        """Count a stream's requests that were answered, with any status."""
        number = STREAMS.index(stream)
        pairs = zip(self.stream, self.response_us, strict=True)
        return sum(1 for s, response_us in pairs if s == number and response_us != NEVER)

    def __len__(self) -> int:
        """Count the requests."""
        return len(self.due_us)

    def write(self, folder: Path, process: int) -> None:
        """Write the requests as `requests-<process>.parquet`."""
        columns = (
            _numbers(self.due_us, pa.int64()),
            _numbers(self.slip_us, pa.int64()),
            _numbers(self.response_us, pa.int64()),
            _numbers(self.status, pa.int16()),
            _strings([OUTCOMES[number] for number in self.outcome]),
            _strings([STREAMS[number] for number in self.stream]),
            _strings(self.job_id),
        )
        pq.write_table(
            pa.table(list(columns), schema=SCHEMA),
            folder / FILES.replace("*", str(process)),
            compression="zstd",
            write_page_checksum=True,
            use_dictionary=["outcome", "stream", "status"],
            column_encoding={"due_us": "DELTA_BINARY_PACKED", "job_id": "DELTA_BYTE_ARRAY"},
        )


# `pa.array` would import pandas, which takes half a second in every trial.
def _numbers(values: "array[int]", kind: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _strings(values: Sequence[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    offsets = array("i", accumulate(map(len, encoded), initial=0))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def read(folder: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a trial's requests of every process; no rows if none were written.

    UsageError if a file cannot be read.
    """
    schema = SCHEMA if columns is None else pa.schema([SCHEMA.field(name) for name in columns])
    tables = [read_table(file, columns, schema) for file in sorted(folder.glob(FILES))]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def read_table(path: Path, columns: Sequence[str] | None, schema: pa.Schema | None) -> pa.Table:
    """Return a Parquet file's table, cast to the schema if there is one.

    UsageError if it cannot be read, or if a page does not have the checksum written with it.
    """
    try:
        table = pq.read_table(path, columns=columns, page_checksum_verification=True)
        return table if schema is None else table.cast(schema)
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
