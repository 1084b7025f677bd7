"""Whether a probe kept its level of service, and what capacity an arm's probes show."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import numpy as np
import pandas as pd
from scipy import stats

from after202.analyse.jobs import evidence
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import classify
from after202.analyse.statistics.response_curve import ResponseCurve, fit
from after202.records.experiment import Arm, ServiceLevel
from after202.records.folder import TrialFolder
from after202.records.trial_record import TrialRecord
from after202.records.tries import interval

PARTS = 10
CONFIDENCE = 0.95
# The variance of the least-squares slope of a Brownian motion over a unit of time is 6/5: it is
# 144 times the integral over both of s and t of (s - 1/2) (t - 1/2) min(s, t).
SLOPE_VARIANCE = 6 / 5
# Probes within this factor of the capacity show how fast the machine was there.
NEAR = 1.06
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class ProbeSummary:
    """One try at a rate: what was seen, and whether the level was met (None: unknown)."""

    record: TrialRecord
    response_ms: float
    completion_ms: float
    backlog_grows: bool
    met: bool | None

    @property
    def rate_per_s(self) -> float:
        """The offered load."""
        return self.record.trial.arm.rate_per_s

    @property
    def cpu_ms(self) -> float | None:
        """CPU time per accepted job, in all roles."""
        jobs = self.record.load.counts.accepted if self.record.load else 0
        taken_s = sum(used.cpu_s for used in self.record.usage.values())
        return taken_s / jobs * 1000 if jobs else None

    @property
    def generator_ms(self) -> float | None:
        """The generator's CPU time per request."""
        request_s = self.record.load.request_cpu_s if self.record.load else None
        return None if request_s is None else request_s * 1000


@dataclass(frozen=True)
class Capacity:
    """An arm's capacity: the rate at which it keeps the level half of the time.

    `curve` has the estimate and its interval; it is None unless some probes kept the level and
    others missed it. `kept_per_s` and `missed_per_s` are where the search ended: the highest rate
    that kept the level in most tries, and the lowest that did not.
    """

    arm: Arm
    curve: ResponseCurve | None
    kept_per_s: float | None
    missed_per_s: float | None
    probes: tuple[ProbeSummary, ...]

    @property
    def cpu_ms(self) -> float | None:
        """CPU time per accepted job near the capacity: the median over probes."""
        return _median(probe.cpu_ms for probe in self._near())

    @property
    def generator_ms(self) -> float | None:
        """The generator's CPU time per request there, which shows how fast the machine was."""
        return _median(probe.generator_ms for probe in self._near())

    def _near(self) -> list[ProbeSummary]:
        half_per_s = self.curve.half_per_s if self.curve else np.inf
        return [p for p in self.probes if half_per_s / NEAR <= p.rate_per_s <= half_per_s * NEAR]


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def level_met(folder: TrialFolder, level: ServiceLevel) -> bool | None:
    """Return whether a stored probe kept the level; None if it does not show either."""
    return read_probe(folder, level).met


def read_probe(folder: TrialFolder, level: ServiceLevel) -> ProbeSummary:
    """Judge a stored probe; answers and ends that never came count as infinitely late.

    Times count from due. By Lindley's recursion, later arrivals never make anything end earlier,
    and if no arrival is late by more than some time, no end is late by more than that time. So
    even with a late generator, a level that is kept is kept, and a level that is missed by more
    than the largest slip is missed. In between, the generator may be why it was missed.
    """
    told = evidence.read(folder)
    if told.record.load is None:
        return ProbeSummary(told.record, np.nan, np.nan, backlog_grows=False, met=None)
    everyone = classify(told.jobs, told.executions.jobs, told.steps)
    jobs = _in_window(told, everyone)
    response = _quantile_ms(jobs, "answered_ns", level.response_quantile)
    completion = _quantile_ms(jobs, "last_end_ns", level.completion_quantile)
    grows = backlog_grows(
        everyone["due_ns"].to_numpy(float) / 1e9,
        np.where(everyone["last_end_ns"] < 0, np.inf, everyone["last_end_ns"]) / 1e9,
        told.record.load.window_start_us / 1e6,
        told.record.load.window_end_us / 1e6,
    )
    kept = response < level.response_ms and completion < level.completion_ms and not grows
    slip_ms = told.jobs["slip_us"].max() / 1000 if told.record.late else 0.0
    missed = response - slip_ms >= level.response_ms or completion - slip_ms >= level.completion_ms
    tells = told.record.valid and (kept or missed or not told.record.late)
    return ProbeSummary(told.record, response, completion, grows, kept if tells else None)


def _in_window(told: History, jobs: pd.DataFrame) -> pd.DataFrame:
    load = told.record.load
    if load is None:
        return jobs[:0]
    start_ns, end_ns = load.window_start_us * 1000, load.window_end_us * 1000
    return jobs[jobs["due_ns"].between(start_ns, end_ns, inclusive="left")]


def _quantile_ms(jobs: pd.DataFrame, until: str, quantile: float) -> float:
    """Return a quantile of the time since due: the upper of two values, never interpolated."""
    times = np.where(jobs[until] < 0, np.inf, (jobs[until] - jobs["due_ns"]) / 1e6)
    return float(np.quantile(times, quantile, method="higher")) if len(times) else np.inf


def backlog_grows(due_s: Values, ended_s: Values, start_s: float, end_s: float) -> bool:
    """Return whether the number of jobs not yet done grows within a window.

    It grows if the line through it (least squares, ten equal parts) gains more jobs than chance
    allows at a steady load that uses all of the system. There the backlog is a random walk whose
    variance is the number of Poisson arrivals; with less load it moves less. So at most 5 % of
    backlogs that do not grow are reported as growing. Jobs that never ended are infinite in
    `ended_s`.
    """
    edges = np.linspace(start_s, end_s, PARTS + 1)
    backlog = [(due_s <= edge).sum() - (ended_s <= edge).sum() for edge in edges]
    gained = stats.linregress(edges, backlog).slope * (end_s - start_s)
    arrivals = ((due_s >= start_s) & (due_s < end_s)).sum()
    by_chance = stats.norm.ppf(CONFIDENCE) * np.sqrt(SLOPE_VARIANCE * arrivals)
    return bool(gained > by_chance)


def capacity(arm: Arm, probes: tuple[ProbeSummary, ...], tries: int) -> Capacity:
    """Return an arm's capacity from its probes; `tries` are the search's `confirmations`."""
    answers = [(probe.rate_per_s, probe.met) for probe in probes if probe.met is not None]
    return Capacity(arm, fit(answers), *interval(answers, tries), probes)
