"""What each trial of a run says: its quantiles, its classes of outcome, what it took.

One trial at a time is held in memory; its jobs go to jobs.parquet at once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.analyse import history
from bench.analyse.history import History
from bench.analyse.outcomes import OutcomeClass, classify
from bench.model import RunRecord, Stream, Trial, TrialRecord

QUANTILES = (0.5, 0.9, 0.99)
# Fewer values do not hold a p99.
LEAST_FOR_P99 = 100
TAIL = 0.99
JOBS_SCHEMA = pa.schema(
    [("trial", pa.string()), ("job_id", pa.string())]
    + [(f"{name}_ns", pa.int64()) for name in ("due", "answered", "first_start", "last_end")]
    + [(name, pa.int32()) for name in ("steps", "starts", "ends")]
    + [("outcome_class", pa.string())]
)


@dataclass(frozen=True)
class TrialSummary:
    """A trial: `quantiles_ms` by (metric, quantile), jobs by class, times for charts (ms)."""

    record: TrialRecord
    reasons: tuple[str, ...]
    quantiles_ms: dict[tuple[str, float], float]
    classes: dict[str, int]
    sent: int
    restarted: int
    completion_ms: tuple[float, ...]

    @property
    def valid(self) -> bool:
        """Whether its times may be used."""
        return not self.reasons

    @property
    def accepted(self) -> int:
        """How many jobs were accepted."""
        not_accepted = {
            OutcomeClass.REFUSED,
            OutcomeClass.EXECUTED_THOUGH_REFUSED,
            OutcomeClass.UNKNOWN,
            OutcomeClass.RECOVERED,
            OutcomeClass.PHANTOM,
        }
        return sum(n for name, n in self.classes.items() if name not in not_accepted)


@dataclass(frozen=True)
class Run:
    """A run as its folder tells it."""

    folder: Path
    record: RunRecord
    trials: tuple[TrialSummary, ...]

    @property
    def missing(self) -> int:
        """How many planned trials are not stored."""
        return len(self.record.planned) - len(self.trials)

    def labels(self, workload: str | None = None) -> list[str]:
        """Return the arms' labels, the baseline first, its copy last."""
        baseline = self.record.baseline
        found = {
            t.record.trial.arm.label
            for t in self.trials
            if workload in (None, t.record.trial.arm.workload)
        }
        return sorted(found, key=lambda label: ("#" in label, label != baseline, label))

    def workloads(self) -> list[str]:
        """Return the workloads in the order of the plan."""
        return list(dict.fromkeys(trial.arm.workload for trial in self.record.planned))

    def of(self, label: str, workload: str) -> list[TrialSummary]:
        """Return an arm's valid trials."""
        return [
            t
            for t in self.trials
            if t.valid
            and (t.record.trial.arm.label, t.record.trial.arm.workload) == (label, workload)
        ]


def read(folder: Path) -> Run:
    """Read a run's folder, and write its jobs to tables/jobs.parquet."""
    record = RunRecord.model_validate_json((folder / "run.json").read_text())
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    with pq.ParquetWriter(tables / "jobs.parquet", JOBS_SCHEMA, compression="zstd") as writer:
        found = list(_summaries(folder, record, writer))
    return Run(folder, record, tuple(_without_replaced(record.planned, found)))


def _without_replaced(
    planned: Sequence[Trial], found: list[TrialSummary]
) -> Iterator[TrialSummary]:
    """Give every trial of a block a reason if the block was run again and all of that was valid."""
    valid = {summary.record.trial.id for summary in found if summary.valid}
    again: dict[tuple[str, float, int | None], bool] = {}
    for trial in planned:
        key = (trial.arm.workload, trial.arm.rate_per_s, trial.repeats)
        again[key] = again.get(key, True) and trial.id in valid
    for summary in found:
        trial = summary.record.trial
        if again.get((trial.arm.workload, trial.arm.rate_per_s, trial.block)):
            yield replace(summary, reasons=(*summary.reasons, "its whole block was run again"))
        else:
            yield summary


def _summaries(folder: Path, record: RunRecord, writer: pq.ParquetWriter) -> Iterator[TrialSummary]:
    for trial in record.planned:
        place = folder / "trials" / trial.id
        if (place / "trial.json").exists():
            told = history.read(place)
            steps = len(told.record.offer.steps) if told.record.offer else 0
            jobs = classify(told.jobs, told.events, steps)
            table = jobs.assign(trial=trial.id)[JOBS_SCHEMA.names]
            writer.write_table(pa.Table.from_pandas(table, JOBS_SCHEMA, preserve_index=False))
            yield _summary(told, jobs)


def _summary(told: History, jobs: pd.DataFrame) -> TrialSummary:
    times = _times_ms(told, jobs)
    quantiles = {
        (metric, quantile): float(values.quantile(quantile))
        for metric, values in times.items()
        for quantile in QUANTILES
        if len(values) >= (LEAST_FOR_P99 if quantile == TAIL else 1)
    }
    return TrialSummary(
        record=told.record,
        reasons=(*told.record.reasons, *_found_wrong(told, jobs)),
        quantiles_ms=quantiles,
        classes=dict(Counter(jobs["outcome_class"])),
        sent=len(told.jobs),
        restarted=int(((jobs["starts"] > jobs["ends"]) & (jobs["ends"] > 0)).sum()),
        completion_ms=tuple(times["completion"].to_list()) if times else (),
    )


def _found_wrong(told: History, jobs: pd.DataFrame) -> Iterator[str]:
    """Yield what only the stored events show to be wrong with a trial."""
    if told.corrupt_records:
        yield f"{told.corrupt_records} damaged records in the ledger"
    phantoms = int((jobs["outcome_class"] == OutcomeClass.PHANTOM).sum())
    if phantoms:
        yield f"{phantoms} phantom jobs: work that no request of this trial asked for"


def _times_ms(told: History, jobs: pd.DataFrame) -> dict[str, pd.Series]:
    """Return each metric's values of the measuring window, in ms."""
    load = told.record.load
    if load is None:
        return {}
    start_us, end_us = load.window_start_us, load.window_end_us
    requests = told.requests[told.requests["due_us"].between(start_us, end_us, inclusive="left")]
    answered = requests[requests["response_us"] >= 0]
    mine = answered[answered["stream"] == Stream.JOBS]
    others = answered[answered["stream"] == Stream.BYSTANDER]
    in_window = jobs["due_ns"].between(start_us * 1000, end_us * 1000, inclusive="left")
    done = jobs[in_window & (jobs["last_end_ns"] >= 0) & (jobs["answered_ns"] >= 0)]
    return {
        "response": mine["response_us"] / 1e3,
        "response_uncorrected": (mine["response_us"] - mine["slip_us"]) / 1e3,
        "slip": mine["slip_us"] / 1e3,
        "bystander_response": others["response_us"] / 1e3,
        "queueing_delay": (done["first_start_ns"] - done["answered_ns"]) / 1e6,
        "service": (done["last_end_ns"] - done["first_start_ns"]) / 1e6,
        "completion": (done["last_end_ns"] - done["due_ns"]) / 1e6,
    }
