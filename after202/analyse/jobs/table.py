"""tables/jobs.parquet: a row per job of a run's trials and episodes, written trial by trial."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from after202.analyse.jobs import ids
from after202.analyse.jobs.history import History
from after202.analyse.jobs.ids import Ids
from after202.records.files import fresh

SCHEMA = pa.schema(
    [("trial", pa.string()), ("job_id", pa.string())]
    + [(f"{name}_ns", pa.int64()) for name in ("due", "answered", "first_start", "last_end")]
    + [(name, pa.int32()) for name in ("steps", "starts", "ends")]
    + [("outcome_class", pa.string())]
)
# Only these columns repeat values, so only they gain from a dictionary.
REPEATED = ["trial", "outcome_class"]
Keep = Callable[[History, pd.DataFrame], None]
SLICE = 2**17


@contextmanager
def writer(path: Path) -> Iterator[Keep]:
    """Open the table; yield a function that appends a trial's classified jobs."""
    with pq.ParquetWriter(fresh(path), SCHEMA, compression="zstd", use_dictionary=REPEATED) as file:

        def keep(told: History, jobs: pd.DataFrame) -> None:
            for start in range(0, len(jobs), SLICE):
                chosen = slice(start, start + SLICE)
                file.write_table(_rows(told, told.job_ids[chosen], jobs[chosen]))

        yield keep


def _rows(told: History, job_ids: Ids, jobs: pd.DataFrame) -> pa.Table:
    columns = {name: pa.array(jobs[name]) for name in SCHEMA.names if name in jobs}
    columns["trial"] = pa.repeat(told.record.trial.id, len(jobs))
    columns["job_id"] = ids.texts(job_ids)
    columns["steps"] = pa.repeat(told.steps, len(jobs))
    return pa.table({name: columns[name] for name in SCHEMA.names}).cast(SCHEMA)
