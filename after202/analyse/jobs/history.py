"""The history of a trial: what the client saw and what the ledger holds, as data frames."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from after202.analyse.jobs import events, ids
from after202.analyse.jobs.events import Events
from after202.analyse.jobs.executions import Executions, executions
from after202.analyse.jobs.ids import Ids, Numbers
from after202.kernel.errors import UsageError
from after202.records import requests
from after202.records.experiment import Outcome, Stream
from after202.records.files import reading
from after202.records.folder import TrialFolder
from after202.records.trial import Episode, Trial
from after202.records.trial_record import TrialRecord


@dataclass(frozen=True)
class History:
    """A trial's requests (of both streams), what its ledger shows, and what was wrong with either.

    `requests` has the times of requests-*.parquet, and outcome and stream as categories (none if
    it does not exist). A job's number is its place among the requests of the job stream; jobs that
    were not asked for follow. `job_ids` are their ids; `held` and `failed` are the numbers of those
    that the queue still held or kept as failed, and `written` those whose own row was there then.
    `events` (`job`, `kind`, `step`, `at_ns`) are of an
    episode; of a trial of another kind only `executions` are kept. Canary jobs are in none of them,
    but their events are counted. `doubts` are the reasons why nothing may be concluded from it, and
    then it is empty.
    """

    record: TrialRecord
    requests: pd.DataFrame
    executions: Executions
    events: pd.DataFrame
    job_ids: Ids = field(default_factory=ids.NO_IDS.copy)
    held: Numbers = field(default_factory=ids.NO_NUMBERS.copy)
    failed: Numbers = field(default_factory=ids.NO_NUMBERS.copy)
    written: Numbers = field(default_factory=ids.NO_NUMBERS.copy)
    incomplete_requests: int = 0
    repeats_ids: bool = False
    canary_events: int = 0
    torn_tails: int = 0
    corrupt_records: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def damaged(self) -> int:
        """How many records of the ledger cannot be read."""
        return self.torn_tails + self.corrupt_records

    @property
    def steps(self) -> int:
        """How many steps a job has; 0 if the record does not say."""
        return len(self.record.offer.steps) if self.record.offer else 0

    def doubted(self, doubts: Sequence[str]) -> "History":
        """Return the history as if nothing had been recorded, because of these doubts."""
        nothing = {"load": None, "strike": None}
        return replace(
            self,
            doubts=tuple(doubts),
            record=self.record.model_copy(update=nothing),
            requests=self.requests[:0],
            executions=executions([], 0),
            events=self.events[:0],
            job_ids=ids.NO_IDS,
            held=ids.NO_NUMBERS,
            failed=ids.NO_NUMBERS,
            written=ids.NO_NUMBERS,
        )

    def of(self, planned: Trial) -> "History":
        """Return the history as that of the trial which was planned, whatever its record names."""
        return replace(self, record=self.record.model_copy(update={"trial": planned}))

    @property
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
    nothing = Requests.of(requests.SCHEMA.empty_table())
    empty = History(record, nothing.rows, executions([], 0), events.none())
    return empty.doubted([f"changed since the trial was stored: {', '.join(changed)}"])


def _read(folder: TrialFolder, record: TrialRecord) -> History:
    told = _requests(folder.path)
    index = ids.Index(told.job_ids)
    found = Events(folder.ledger, index, record.canary_job_ids)
    some = list(found) if isinstance(record.trial, Episode) else found
    executed = executions(some, len(index))
    return History(
        record=record,
        requests=told.rows,
        executions=executed,
        events=pd.concat(some, ignore_index=True) if isinstance(some, list) else events.none(),
        job_ids=np.concatenate([told.job_ids, found.strangers]),
        held=_numbers(index, record.held),
        failed=_numbers(index, record.failed),
        written=_numbers(index, record.written),
        incomplete_requests=told.incomplete,
        repeats_ids=index.repeats,
        canary_events=found.canary_events,
        torn_tails=found.torn_tails,
        corrupt_records=found.corrupt_records,
    )


@dataclass(frozen=True)
class Requests:
    """Rows of requests, the ids of those of the job stream, and how many lack a value."""

    rows: pd.DataFrame
    job_ids: Ids
    incomplete: int

    @classmethod
    def of(cls, table: pa.Table) -> "Requests":
        """Return the requests of a table."""
        columns = {name: table[name].to_pandas() for name in ("due_us", "slip_us", "response_us")}
        for name, kind in (("outcome", Outcome), ("stream", Stream)):
            found = table[name].dictionary_encode().to_pandas()
            columns[name] = found.cat.set_categories([str(one) for one in kind])
        mine = table["job_id"].filter(pc.equal(table["stream"], Stream.JOBS))
        lacking = [column.is_null().to_numpy() for column in table.columns]
        incomplete = int(np.any(lacking, axis=0).sum())
        return cls(pd.DataFrame(columns), ids.packed(mine), incomplete)


def _requests(folder: Path) -> Requests:
    """Return the rows of requests; UsageError if they are not of the schema."""
    try:
        some = [Requests.of(table) for table in requests.read_batches(folder)]
    except (ValueError, pa.ArrowException) as error:
        said = str(error).split("\n", 1)[0]
        raise UsageError(f"the requests in {folder} cannot be read: {said}") from error
    return Requests(
        pd.concat([one.rows for one in some], ignore_index=True),
        np.concatenate([one.job_ids for one in some]),
        sum(one.incomplete for one in some),
    )


def _numbers(index: ids.Index, texts: Iterable[str]) -> Numbers:
    return index.numbers(ids.packed(pa.chunked_array([list(texts)], pa.string())))
