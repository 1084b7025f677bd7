"""What one trial of a comparison shows: quantiles, outcome classes, goodput and drift."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from after202.analyse.jobs.guarantees import Seen
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import OutcomeClass, accepted_in, begun_again, count
from after202.analyse.statistics.drift import drifts
from after202.analyse.statistics.quantiles import quantiles
from after202.records import design
from after202.records.experiment import Outcome, Stream
from after202.records.trial_record import TrialRecord, Usage

# The fewest requests in a window that support each quantile; with fewer, the trial has none.
LEAST_REQUESTS = {0.5: 1, **design.LEAST_REQUESTS}
# Completion times kept per trial for the run's charts: memory must not grow with the jobs.
MOST_KEPT = 500
# The classes of jobs that were done, and of those whose clients were not told otherwise.
FINISHED = (
    OutcomeClass.ONCE, OutcomeClass.LATE, OutcomeClass.DUPLICATED, OutcomeClass.RECOVERED,
)  # fmt: skip
DONE = (*FINISHED, OutcomeClass.EXECUTED_THOUGH_REFUSED)
DRIFT_METRICS = ("response", "completion")
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class ComparisonSummary:
    """A trial: `quantiles_ms` by (metric, quantile), jobs by class, times for charts (ms).

    A time is infinite if what it measures never ended: a job that was not done, a request that was
    refused or not answered.
    """

    record: TrialRecord
    reasons: tuple[str, ...]
    quantiles_ms: dict[tuple[str, float], float]
    classes: dict[str, int]
    sent: int
    restarted: int
    goodput_per_s: float | None
    drifting: tuple[str, ...]
    completion_ms: tuple[float, ...]
    complete: bool = True
    begun_again: int = 0

    @property
    def valid(self) -> bool:
        """Whether its times may be used."""
        return not self.reasons

    @property
    def accepted(self) -> int:
        """How many jobs were accepted."""
        return accepted_in(self.classes)

    @property
    def done(self) -> int:
        """How many jobs were done, whatever their clients were told."""
        return sum(self.classes.get(one, 0) for one in DONE)

    @property
    def is_charged(self) -> bool:
        """Whether what was used is known, and was used for jobs alone."""
        return bool(self.record.usage) and not self.record.trial.bystander_per_s

    @property
    def usage(self) -> dict[str, Usage]:
        """What each role and each service used, by name."""
        return {**self.record.usage, **self.record.services}

    def cpu_s_per_1000_jobs(self, names: Iterable[str]) -> float:
        """Return the CPU-seconds of these roles or services per 1,000 jobs done.

        Infinite if none was done.
        """
        taken_s = sum(self.usage[name].cpu_s for name in names)
        return taken_s / self.done * 1000 if self.done else math.inf

    @property
    def unfinished(self) -> int:
        """How many requests were refused, or asked for a job that was not done."""
        return self.sent - sum(self.classes.get(one, 0) for one in FINISHED)

    @property
    def seen(self) -> Seen:
        """Its evidence about the guarantees."""
        return Seen(
            self.classes,
            self.accepted,
            known=True,
            complete=self.complete,
            begun_again=self.begun_again,
        )


def summarise(told: History, jobs: pd.DataFrame, reasons: tuple[str, ...]) -> ComparisonSummary:
    """Return what a trial of a comparison shows; `jobs` are classified."""
    of_each: dict[tuple[str, float], float] = {}
    drifting: list[str] = []
    completion_ms: tuple[float, ...] = ()
    for metric, values in _times_ms(told, jobs):
        of_each |= {(metric, quantile): value for quantile, value in _supported(values)}
        if metric in DRIFT_METRICS and drifts(values):
            drifting.append(metric)
        if metric == "completion":
            completion_ms = _thinned(values)
    return ComparisonSummary(
        record=told.record,
        reasons=reasons,
        quantiles_ms=of_each,
        classes=count(jobs),
        sent=len(told.jobs),
        restarted=int(((jobs["starts"] > jobs["ends"]) & (jobs["ends"] > 0)).sum()),
        goodput_per_s=_goodput_per_s(told, jobs),
        drifting=tuple(drifting),
        completion_ms=completion_ms,
        complete=not told.damaged,
        begun_again=begun_again(jobs),
    )


def _supported(values: Values) -> Iterator[tuple[float, float]]:
    """Yield each quantile that so many values support, with its value."""
    supported = [quantile for quantile, least in LEAST_REQUESTS.items() if len(values) >= least]
    if supported:
        yield from zip(supported, quantiles(values, supported), strict=True)


def _thinned(values: Values) -> tuple[float, ...]:
    """Return the values in ascending order; of more than 500, that many, evenly spread."""
    ordered = np.sort(values)
    if len(ordered) <= MOST_KEPT:
        return tuple(ordered.tolist())
    return tuple(ordered[np.linspace(0, len(ordered) - 1, MOST_KEPT).astype(int)].tolist())


def _goodput_per_s(told: History, jobs: pd.DataFrame) -> float | None:
    """Return the jobs done per second from the first to the last one; None for fewer than two.

    If the load came in turns, each turn counts from its own first job done to its last.
    """
    due_ns, end_ns = jobs["due_ns"].to_numpy(), jobs["last_end_ns"].to_numpy()
    begins_us = told.record.load.turns_us if told.record.load else ()
    turn = np.searchsorted(np.array(begins_us) * 1000, due_ns, side="right")
    turns = [end_ns[(turn == number) & (end_ns >= 0)] for number in range(len(begins_us) + 1)]
    counted = [ends for ends in turns if len(ends) > 1]
    took_ns = sum(float(np.ptp(ends)) for ends in counted)
    return sum(len(ends) - 1 for ends in counted) / (took_ns / 1e9) if took_ns else None


def _times_ms(told: History, jobs: pd.DataFrame) -> Iterator[tuple[str, Values]]:
    """Yield each metric's values in the measuring window, in ms (at rest: before the load).

    Leaving out what never ended would make whoever loses or refuses the slow half look fast. They
    are yielded one by one, because all of them together would need the most memory of a report.
    """
    load = told.record.load
    if load is None:
        return
    start_us, end_us = load.window_start_us, load.window_end_us
    names = ("due_us", "slip_us", "response_us")
    due_us, slip_us, response_us = (told.requests[name].to_numpy("int64") for name in names)
    counts = (due_us >= start_us) & (due_us < end_us)
    is_job = (told.requests["stream"] == Stream.JOBS).to_numpy(bool)
    mine, others = counts & is_job, counts & ~is_job
    at_rest = (due_us < load.load_start_us) & ~is_job
    accepted = (told.requests["outcome"] == Outcome.ACCEPTED).to_numpy(bool)
    response = np.where(accepted & (response_us >= 0), response_us / 1e3, np.inf)
    yield "response", response[mine]
    yield "response_uncorrected", (response - slip_us / 1e3)[mine]
    yield "slip", slip_us[mine] / 1e3
    yield "bystander_response", response[others]
    yield "bystander_at_rest", response[at_rest]
    del response
    yield from _times_of_jobs_ms(jobs, start_us * 1000, end_us * 1000)


def _times_of_jobs_ms(
    jobs: pd.DataFrame, start_ns: int, end_ns: int
) -> Iterator[tuple[str, Values]]:
    """Yield the metrics of the jobs that were due in the window."""
    in_window = jobs["due_ns"].between(start_ns, end_ns, inclusive="left").to_numpy(bool)
    done = (jobs["last_end_ns"] >= 0) & (jobs["outcome"] != Outcome.REFUSED)

    def between(first: str, last: str) -> Values:
        begun_ns, ended_ns = jobs[first].to_numpy("int64"), jobs[last].to_numpy("int64")
        known = (done & (begun_ns >= 0)).to_numpy(bool)
        return np.where(known, (ended_ns - begun_ns) / 1e6, np.inf)[in_window]

    yield "start", between("due_ns", "first_start_ns")
    yield "queueing_delay", between("answered_ns", "first_start_ns")
    yield "service", between("first_start_ns", "last_end_ns")
    yield "completion", between("due_ns", "last_end_ns")
