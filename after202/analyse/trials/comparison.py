"""What one trial of a comparison shows: quantiles, outcome classes, goodput and drift."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from after202.analyse.jobs.guarantees import Seen
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import accepted_in, count
from after202.analyse.statistics.drift import drifts
from after202.records.experiment import Stream
from after202.records.trial import TrialRecord

QUANTILES = (0.5, 0.9, 0.99)
# Fewer values do not support a p99.
LEAST_FOR_P99 = 100
TAIL = 0.99
# Completion times kept per trial for the run's charts: memory must not grow with the jobs.
MOST_KEPT = 500
DRIFT_METRICS = ("response", "completion")
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class ComparisonSummary:
    """A trial: `quantiles_ms` by (metric, quantile), jobs by class, times for charts (ms)."""

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

    @property
    def valid(self) -> bool:
        """Whether its times may be used."""
        return not self.reasons

    @property
    def accepted(self) -> int:
        """How many jobs were accepted."""
        return accepted_in(self.classes)

    @property
    def seen(self) -> Seen:
        """Its evidence about the guarantees."""
        return Seen(self.classes, self.accepted, known=True, complete=self.complete)


def summarise(told: History, jobs: pd.DataFrame, reasons: tuple[str, ...]) -> ComparisonSummary:
    """Return what a trial of a comparison shows; `jobs` are classified."""
    times = _times_ms(told, jobs)
    quantiles = {
        (metric, quantile): float(value)
        for metric, values in times.items()
        if len(values)
        for quantile, value in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
        if quantile < TAIL or len(values) >= LEAST_FOR_P99
    }
    return ComparisonSummary(
        record=told.record,
        reasons=reasons,
        quantiles_ms=quantiles,
        classes=count(jobs),
        sent=len(told.jobs),
        restarted=int(((jobs["starts"] > jobs["ends"]) & (jobs["ends"] > 0)).sum()),
        goodput_per_s=_goodput_per_s(told, jobs),
        drifting=tuple(
            metric for metric in DRIFT_METRICS if metric in times and drifts(times[metric])
        ),
        completion_ms=_thinned(times["completion"]) if times else (),
        complete=not told.damaged,
    )


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


def _times_ms(told: History, jobs: pd.DataFrame) -> dict[str, Values]:
    """Return each metric's values in the measuring window, in ms (at rest: before the load)."""
    load = told.record.load
    if load is None:
        return {}
    start_us, end_us = load.window_start_us, load.window_end_us
    rows = told.requests[["due_us", "slip_us", "response_us"]].to_numpy("int64").T
    due_us, slip_us, response_us = rows
    counts = (due_us >= start_us) & (due_us < end_us) & (response_us >= 0)
    is_job = (told.requests["stream"] == Stream.JOBS).to_numpy(bool)
    mine, others = counts & is_job, counts & ~is_job
    at_rest = (due_us < load.load_start_us) & (response_us >= 0) & ~is_job
    names = ["due_ns", "answered_ns", "first_start_ns", "last_end_ns"]
    due, answered, started, ended = jobs[names].to_numpy("int64").T
    done = (due >= start_us * 1000) & (due < end_us * 1000) & (ended >= 0) & (answered >= 0)
    return {
        "response": response_us[mine] / 1e3,
        "response_uncorrected": (response_us - slip_us)[mine] / 1e3,
        "slip": slip_us[mine] / 1e3,
        "bystander_response": response_us[others] / 1e3,
        "bystander_at_rest": response_us[at_rest] / 1e3,
        "start": (started - due)[done] / 1e6,
        "queueing_delay": (started - answered)[done] / 1e6,
        "service": (ended - started)[done] / 1e6,
        "completion": (ended - due)[done] / 1e6,
    }
