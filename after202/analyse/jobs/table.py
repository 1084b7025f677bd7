"""tables/jobs.parquet: a row per job of a run's trials and episodes, written trial by trial."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from after202.records.files import fresh
from after202.records.trial import Trial

SCHEMA = pa.schema(
    [("trial", pa.string()), ("job_id", pa.string())]
    + [(f"{name}_ns", pa.int64()) for name in ("due", "answered", "first_start", "last_end")]
    + [(name, pa.int32()) for name in ("steps", "starts", "ends")]
    + [("outcome_class", pa.string())]
)
# Only these columns repeat values, so only they gain from a dictionary.
REPEATED = ["trial", "outcome_class"]
Keep = Callable[[Trial, pd.DataFrame], None]


@contextmanager
def writer(path: Path) -> Iterator[Keep]:
    """Open the table; yield a function that appends a trial's classified jobs."""
    with pq.ParquetWriter(fresh(path), SCHEMA, compression="zstd", use_dictionary=REPEATED) as file:
        yield lambda trial, jobs: file.write_table(_rows(trial, jobs))


def _rows(trial: Trial, jobs: pd.DataFrame) -> pa.Table:
    columns = {"trial": pa.repeat(trial.id, len(jobs))}
    columns |= {name: pa.array(jobs[name]) for name in SCHEMA.names if name in jobs}
    return pa.table(columns).cast(SCHEMA)
