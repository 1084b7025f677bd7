"""Figures and curves of one pressure trial, from its jobs in seconds since the pressure began."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from after202.analyse.jobs.history import History
from after202.analyse.statistics.quantiles import quantiles
from after202.analyse.trials.comparison import MOST_KEPT
from after202.records.experiment import Outcome, Stream
from after202.records.trial import Pressure

BIN_S = 0.1
HALF, TAIL = 0.5, 0.9
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Curves:
    """What charts draw, in seconds since the pressure began; what never ended is infinite.

    `backlog` has the backlog at `at_s`. `answered_s` and `done_s` belong to the requests of the
    pressure, `waits_s` to those after it: when each was due, and how long until its job started.
    `worker_s` is when the worker was started on a filled queue.
    """

    at_s: tuple[float, ...] = ()
    backlog: tuple[int, ...] = ()
    answered_s: tuple[float, ...] = ()
    done_s: tuple[float, ...] = ()
    waits_s: tuple[tuple[float, float], ...] = ()
    worker_s: float = np.inf


def rate_per_s(ended_s: Values) -> float | None:
    """Return ends per second from the first to the last; None for fewer than two moments.

    Negative times, and infinite ones, are of jobs that were not done.
    """
    ended_s = ended_s[(ended_s >= 0) & np.isfinite(ended_s)]
    took_s = float(np.ptp(ended_s)) if len(ended_s) else 0.0
    return (len(ended_s) - 1) / took_s if took_s else None


def backlog(due_s: Values, ended_s: Values, at_s: Values) -> Values:
    """Return how many jobs were due and not done at each time; one that is never done stays."""
    due = np.searchsorted(np.sort(due_s), at_s, side="right")
    return np.asarray(due - np.searchsorted(np.sort(ended_s), at_s, side="right"), np.float64)


def recovered_after_s(at_s: Values, jobs: Values, from_s: float, until_s: float) -> float:
    """Return how long after `until_s` the backlog is back at its highest before `from_s`.

    Infinite if it never is. Without a time before, it has to be 0.
    """
    before = jobs[at_s < from_s]
    level = before.max() if len(before) else 0
    back = at_s[(at_s >= until_s) & (jobs <= level)]
    return float(back[0] - until_s) if len(back) else np.inf


class Pressed:
    """The jobs of a trial, in seconds since the pressure began."""

    def __init__(self, planned: Pressure, told: History, jobs: pd.DataFrame, zero_ns: int) -> None:
        """Take the classified jobs that had a due time, and when the pressure began."""
        self._planned = planned
        self._requests = told.requests
        self._zero_ns = zero_ns
        self._outcome = jobs["outcome"].to_numpy(object)
        names = ("due_ns", "answered_ns", "first_start_ns", "last_end_ns")
        self._due, self._answered, self._started, self._ended = (
            _seconds(jobs[name].to_numpy("int64"), zero_ns) for name in names
        )
        self._accepted = self._outcome == Outcome.ACCEPTED
        started_us = told.record.worker_started_us
        self._worker_s = np.inf if started_us is None else (started_us * 1000 - zero_ns) / 1e9
        self._pressed = (self._due >= 0) & (self._due < planned.pressed.for_s)
        self._later = self._due >= planned.pressed.for_s
        self._at, self._backlog = self._curve()

    def _curve(self) -> tuple[Values, Values]:
        """Return the backlog in steps of 0.1 s: accepted requests, from due until their job ends.

        What waits for its answer is in it: Inline answers when the work is done.
        """
        ended = self._ended[np.isfinite(self._ended)]
        load_s = self._planned.load_s - self._planned.pressed_from_s
        last_s = max(float(ended.max(initial=0)), load_s)
        begin, end = round(-self._planned.pressed_from_s / BIN_S), int(last_s / BIN_S) + 2
        at_s: Values = np.round(np.arange(begin, end, dtype=np.float64) * BIN_S, 1)
        due, ended = self._due[self._accepted], self._ended[self._accepted]
        return at_s, backlog(due, ended, at_s)

    def figures(self) -> dict[str, float]:
        """Return the figures of the trial's shape; shares are of the requests under pressure."""
        response = np.where(self._accepted, self._answered, np.inf) - self._due
        asked = max(int(self._pressed.sum()), 1)
        found = {
            "requests": float(self._pressed.sum()),
            **{
                f"{outcome}_share": float((self._outcome[self._pressed] == outcome).sum() / asked)
                for outcome in Outcome
            },
            **_quantiles("response", response[self._pressed]),
            **_quantiles("bystander", self._pings_s()),
            "backlog_peak": float(self._backlog.max(initial=0)),
            "all_done_s": float(np.max(self._ended[self._pressed & self._accepted], initial=0)),
        }
        match self._planned.shape:
            case "overload":
                return {**found, **self._recovery()}
            case "burst":
                return {**found, **self._order()}
            case "backlog":
                return {**found, **self._waits()}
            case "prefill":
                return {**found, **self._order(), **self._drained()}

    def _recovery(self) -> dict[str, float]:
        until_s = self._planned.pressed.for_s
        at_end = self._backlog[np.searchsorted(self._at, until_s)]
        recovery_s = recovered_after_s(self._at, self._backlog, 0, until_s)
        return {
            "backlog_at_end": float(at_end),
            "recovery_s": round(recovery_s, 1) if np.isfinite(recovery_s) else np.inf,
        }

    def _order(self) -> dict[str, float]:
        """Return the rate, and Kendall's tau of due and done: 1 is first come, first served."""
        done = self._pressed & np.isfinite(self._ended)
        rate = rate_per_s(self._ended[done])
        found = {} if rate is None else {"done_per_s": rate}
        tau = stats.kendalltau(self._due[done], self._ended[done]).statistic if done.any() else None
        return found if tau is None or np.isnan(tau) else {**found, "order_tau": float(tau)}

    def _drained(self) -> dict[str, float]:
        """Return how long after the worker's start its first job began, and its last was done."""
        mine = self._pressed & self._accepted
        if not mine.any() or np.isinf(self._worker_s):
            return {}
        return {
            "begun_s": float(self._started[mine].min() - self._worker_s),
            "drained_s": float(self._ended[mine].max() - self._worker_s),
        }

    def _waits(self) -> dict[str, float]:
        """Return how long the later jobs waited, and the jobs ahead not begun when they began."""
        mine = self._later & self._accepted
        if not mine.any():
            return {}
        waits = self._started[mine] - self._due[mine]
        ahead = np.sort(self._started[self._pressed & self._accepted])
        begun = np.searchsorted(ahead, self._started[mine], side="right")
        overtaken = np.where(np.isfinite(waits), len(ahead) - begun, 0)
        return {
            **_quantiles("wait", waits),
            "wait_longest_ms": float(waits.max() * 1000),
            "overtaken_most": float(overtaken.max()),
        }

    def _pings_s(self) -> Values:
        """Return the response times of bystander requests that fell due under pressure."""
        pings = self._requests[self._requests["stream"] == Stream.BYSTANDER]
        due = _seconds(pings["due_us"].to_numpy("int64") * 1000, self._zero_ns)
        answered = pings["response_us"].to_numpy("int64") >= 0
        accepted = answered & (pings["outcome"] == Outcome.ACCEPTED).to_numpy(bool)
        response = np.where(accepted, pings["response_us"].to_numpy("int64") / 1e6, np.inf)
        return response[(due >= 0) & (due < self._planned.pressed.for_s)]

    def curves(self) -> Curves:
        """Return what the charts draw."""
        answered = np.where(self._accepted, self._answered - self._due, np.inf)[self._pressed]
        done = np.where(self._accepted, self._ended, np.inf)[self._pressed]
        waits = (self._started - self._due)[self._later]
        return Curves(
            tuple(self._at.tolist()),
            tuple(self._backlog.astype(int).tolist()),
            _thinned(answered),
            _thinned(done),
            tuple(zip(self._due[self._later].tolist(), waits.tolist(), strict=True)),
            self._worker_s,
        )


def _seconds(at_ns: "np.ndarray[tuple[int], np.dtype[np.int64]]", zero_ns: int) -> Values:
    """Return seconds since a moment; infinite where there is no time."""
    return np.where(at_ns < 0, np.inf, (at_ns - zero_ns) / 1e9)


def _quantiles(name: str, values_s: Values) -> dict[str, float]:
    """Return the p50 and the p90 in ms, by name; none without values."""
    if not len(values_s):
        return {}
    half, tail = quantiles(values_s * 1000, (HALF, TAIL))
    return {f"{name}_p50_ms": half, f"{name}_p90_ms": tail}


def _thinned(values: Values) -> tuple[float, ...]:
    """Return the values in ascending order, of many a few hundred, evenly spread."""
    ordered = np.sort(values)
    kept = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_KEPT)).astype(int)
    return tuple(ordered[kept].tolist())
