"""Whether a probe kept its level of service, and what capacity an arm's probes show."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from scipy import stats

from after202.analyse.jobs import history
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import classify
from after202.records.experiment import Arm, ServiceLevel
from after202.records.trial import TrialRecord
from after202.records.tries import interval

PARTS = 10
CONFIDENCE = 0.95
# The variance of the least-squares slope of a Brownian motion over a unit of time is 6/5: it is
# 144 times the integral over both of s and t of (s - 1/2) (t - 1/2) min(s, t).
SLOPE_VARIANCE = 6 / 5
# Probes at rates that differ by no more say how fast the machine was where the capacity lies.
NEAR = 1.06
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Probe:
    """One rate that was tried: what was seen, and whether the level was met (None: unknown)."""

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
        """What an accepted job took of the processors, in all roles."""
        jobs = self.record.load.counts.accepted if self.record.load else 0
        taken_s = sum(used.cpu_s for used in self.record.usage.values())
        return taken_s / jobs * 1000 if jobs else None

    @property
    def generator_ms(self) -> float | None:
        """What a request took of the generator."""
        request_s = self.record.load.request_cpu_s if self.record.load else None
        return None if request_s is None else request_s * 1000


@dataclass(frozen=True)
class Capacity:
    """An arm's capacity as an interval: the highest rate that kept the level, the lowest not."""

    arm: Arm
    low_per_s: float | None
    high_per_s: float | None
    probes: tuple[Probe, ...]

    @property
    def cpu_ms(self) -> float | None:
        """What a job took of the processors near the capacity: the median over probes."""
        return _median(probe.cpu_ms for probe in self._near())

    @property
    def generator_ms(self) -> float | None:
        """What a request took of the generator there: how fast the machine was meanwhile."""
        return _median(probe.generator_ms for probe in self._near())

    def _near(self) -> list[Probe]:
        low_per_s = self.low_per_s or np.inf
        return [p for p in self.probes if low_per_s / NEAR <= p.rate_per_s <= low_per_s * NEAR]


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def level_met(folder: Path, level: ServiceLevel) -> bool | None:
    """Say whether a stored probe kept the level; None if it does not tell."""
    return read_probe(folder, level).met


def read_probe(folder: Path, level: ServiceLevel) -> Probe:
    """Judge a stored probe. What never came counts as infinitely late.

    Times count from due. By Lindley's recursion, where arrivals come later nothing ends earlier,
    and where none comes later than by so much, nothing ends later than by that. So with a late
    generator a level that is kept is kept, and one that is missed by more than the latest request
    was late is missed; else it may have been missed for the generator's sake.
    """
    told = history.read(folder)
    if told.record.load is None:
        return Probe(told.record, np.nan, np.nan, backlog_grows=False, met=None)
    steps = len(told.record.offer.steps) if told.record.offer else 0
    everyone = classify(told.jobs, told.events, steps)
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
    return Probe(told.record, response, completion, grows, kept if tells else None)


def _in_window(told: History, jobs: pd.DataFrame) -> pd.DataFrame:
    load = told.record.load
    if load is None:
        return jobs[:0]
    start_ns, end_ns = load.window_start_us * 1000, load.window_end_us * 1000
    return jobs[jobs["due_ns"].between(start_ns, end_ns, inclusive="left")]


def _quantile_ms(jobs: pd.DataFrame, until: str, quantile: float) -> float:
    """Return a quantile of the time from due; of two values the upper, nothing is interpolated."""
    times = np.where(jobs[until] < 0, np.inf, (jobs[until] - jobs["due_ns"]) / 1e6)
    return float(np.quantile(times, quantile, method="higher")) if len(times) else np.inf


def backlog_grows(due_s: Values, ended_s: Values, start_s: float, end_s: float) -> bool:
    """Say whether the number of jobs not yet done grows within a window.

    It grows if the line through it (least squares, ten equal parts) gains more jobs than chance
    would where work is steady and takes all that the system can do: there the backlog is a random
    walk whose variance is the number of Poisson arrivals, and with less load it moves less. So of
    backlogs that do not grow at most 5 % are said to. Jobs that never ended are infinite in
    `ended_s`.
    """
    edges = np.linspace(start_s, end_s, PARTS + 1)
    backlog = [(due_s <= edge).sum() - (ended_s <= edge).sum() for edge in edges]
    gained = stats.linregress(edges, backlog).slope * (end_s - start_s)
    arrivals = ((due_s >= start_s) & (due_s < end_s)).sum()
    by_chance = stats.norm.ppf(CONFIDENCE) * np.sqrt(SLOPE_VARIANCE * arrivals)
    return bool(gained > by_chance)


def capacity(arm: Arm, probes: tuple[Probe, ...], tries: int) -> Capacity:
    """Return what an arm's probes show, where most of so many tries decide."""
    answers = ((probe.rate_per_s, probe.met) for probe in probes)
    return Capacity(arm, *interval(answers, tries), probes)
