"""`requests-<process>.parquet`: one row per request that fell due, and the only reader of it.

A process writes it by way of `records.request_log`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from after202.kernel.errors import UsageError
from after202.records.experiment import Outcome, Stream
from after202.records.files import reading
from after202.records.rows import CHUNK_ROWS
from after202.records.trial_record import Load

FILES = "requests-*.parquet"
STREAMS = list(Stream)
OUTCOMES = list(Outcome)
SCHEMA = pa.schema(
    [(name, pa.int64()) for name in ("due_us", "slip_us", "response_us")]
    + [("status", pa.int16())]
    + [(name, pa.string()) for name in ("outcome", "stream", "job_id")]
)
Microseconds = np.ndarray[tuple[int], np.dtype[np.int64]]


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
