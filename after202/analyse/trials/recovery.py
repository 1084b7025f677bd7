"""How a system recovered from a fault: a pure function of events, requests and marks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import pandas as pd

from after202.analyse.jobs.history import History
from after202.kernel.ledger import EventKind
from after202.records.experiment import Outcome, Role
from after202.records.trial_record import Mark

STRUCK, STARTED, ANSWERS, OVER = "struck", "started", "answers", "over"


@dataclass(frozen=True)
class Recovery:
    """Seconds since the fault struck; None for what did not happen.

    `service_ready`: the part that was hit answers again, or a worker starts a step;
    `first_new_start`: a step starts that had never started; `first_restart`: an interrupted step
    starts again; `last_end`: the last accepted job is done. Two are durations. `accept_outage`:
    from the first request that was not accepted to the first accepted one after the last such
    request. `done_twice`: the time spent on executions of steps that were executed again.
    """

    service_ready_s: float | None = None
    first_new_start_s: float | None = None
    first_restart_s: float | None = None
    last_end_s: float | None = None
    accept_outage_s: float | None = None
    done_twice_s: float | None = None


RECOVERY_TIMES = tuple(field.name for field in fields(Recovery))


def starts_and_ends(events: pd.DataFrame) -> list[tuple[list[int], list[int]]]:
    """Return the starts and the ends (ns, in order) of each step that started more than once."""
    started = events[events["kind"] == EventKind.START]
    again = started[started.duplicated(["job", "step"], keep=False)]
    mine = events.merge(again[["job", "step"]].drop_duplicates(), on=["job", "step"])
    found = []
    for _, step in mine.groupby(["job", "step"]):
        of = {
            kind: sorted(step.loc[step["kind"] == kind, "at_ns"].tolist())
            for kind in (EventKind.START, EventKind.END)
        }
        found.append((of[EventKind.START], of[EventKind.END]))
    return found


def recovery(told: History, jobs: pd.DataFrame, struck_ns: int) -> Recovery:
    """Return how the system recovered after the fault struck."""
    events = told.events
    marks = told.record.strike.marks if told.record.strike else ()
    starts = events[events["kind"] == EventKind.START]
    after = starts[starts["at_ns"] > struck_ns]
    before = starts[starts["at_ns"] <= struck_ns]
    ended_before = events[(events["kind"] == EventKind.END) & (events["at_ns"] <= struck_ns)]
    new = after[~_keys(after).isin(_keys(starts[starts["at_ns"] <= struck_ns]))]
    interrupted = _keys(before)[~_keys(before).isin(_keys(ended_before))]
    restarts = after[_keys(after).isin(interrupted)]
    last_end_ns = jobs.loc[jobs["outcome"] == Outcome.ACCEPTED, "last_end_ns"].max()
    return Recovery(
        service_ready_s=_since(struck_ns, _ready_ns(marks, starts)),
        first_new_start_s=_since(struck_ns, _first(new["at_ns"])),
        first_restart_s=_since(struck_ns, _first(restarts["at_ns"])),
        last_end_s=_since(struck_ns, int(last_end_ns) if last_end_ns > struck_ns else None),
        accept_outage_s=_outage_s(jobs, struck_ns),
        done_twice_s=_done_twice_s(events, [mark.at_us * 1000 for mark in marks]),
    )


def _keys(events: pd.DataFrame) -> pd.Series:
    """Return a key for each event's step."""
    return events["job"].astype(str) + "/" + events["step"].astype(str)


def _first(at_ns: pd.Series) -> int | None:
    return int(at_ns.min()) if len(at_ns) else None


def _since(struck_ns: int, at_ns: int | None) -> float | None:
    return None if at_ns is None else (at_ns - struck_ns) / 1e9


def _ready_ns(marks: tuple[Mark, ...], starts: pd.DataFrame) -> int | None:
    """Return when the part that was started last answered or, if a worker, started a step."""
    again = [mark for mark in marks if mark.what == STARTED]
    if not again:
        return None
    role, since_us = again[-1].role, again[-1].at_us
    if role is Role.WORKER:
        return _first(starts.loc[starts["at_ns"] > since_us * 1000, "at_ns"])
    answers = [m.at_us for m in marks if m.what == ANSWERS and m.role is role]
    return answers[-1] * 1000 if answers else None


def _outage_s(jobs: pd.DataFrame, struck_ns: int) -> float | None:
    """Return the time from the first request not accepted until requests are accepted again, in s.

    That is the first accepted one after the last that was not; 0 if all were accepted.
    """
    asked = jobs[jobs["due_ns"] >= 0].sort_values("due_ns")
    missed = asked[(asked["outcome"] != Outcome.ACCEPTED) & (asked["due_ns"] >= struck_ns)]
    if not len(missed):
        return 0.0
    later = asked[
        (asked["outcome"] == Outcome.ACCEPTED) & (asked["due_ns"] > missed["due_ns"].max())
    ]
    until_ns = later["due_ns"].min() if len(later) else asked["due_ns"].max()
    return float((until_ns - missed["due_ns"].min()) / 1e9)


def _done_twice_s(events: pd.DataFrame, marks_ns: Sequence[int]) -> float:
    """Return the time spent on executions of a step that was then executed again, in s.

    An execution that did not end counts until the next mark or the step's next start.
    """
    total_ns = 0
    for starts, ends in starts_and_ends(events):
        for start, following in pairwise(starts):
            stops = [following, *(end for end in ends if end > start)]
            stops += [at_ns for at_ns in marks_ns if at_ns > start]
            total_ns += min(stops) - start
    return total_ns / 1e9
