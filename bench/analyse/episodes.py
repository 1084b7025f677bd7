"""What an episode shows: the class of every job, and how the system came back.

Pure functions of what the client saw, what the ledger holds, and what was done when.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import pandas as pd

from bench.analyse.guarantees import Seen
from bench.analyse.history import History
from bench.analyse.outcomes import OutcomeClass, accepted_in
from bench.ledger import EventKind
from bench.model import NO_FAULT, Outcome, Role
from bench.records import Mark, TrialRecord

STRUCK, STARTED, ANSWERS = "struck", "started", "answers"
# Faults in the work itself have no moment at which they strike: their proof is in the ledger.
IN_THE_JOB = ("T1", "T2")


@dataclass(frozen=True)
class Recovery:
    """Seconds since the fault struck; None where there was no such thing.

    `service_ready`: the part that was hit answers again, or a worker starts a step;
    `first_new_start`: a step starts that never had; `first_restart`: one that was interrupted
    starts again; `last_end`: the last accepted job is done. `accept_outage`: from the first
    request that was not accepted to the next one that was. `done_twice`: work that was done
    again, in seconds of it.
    """

    service_ready_s: float | None = None
    first_new_start_s: float | None = None
    first_restart_s: float | None = None
    last_end_s: float | None = None
    accept_outage_s: float | None = None
    done_twice_s: float | None = None


RECOVERY_TIMES = tuple(field.name for field in fields(Recovery))


@dataclass(frozen=True)
class Timeline:
    """Seconds since the fault (or the load's start) at which jobs were accepted and ended."""

    accepted_s: tuple[float, ...] = ()
    ended_s: tuple[float, ...] = ()
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class EpisodeSummary:
    """An episode; `unknown` says why it shows nothing, if it does not."""

    record: TrialRecord
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]
    classes: dict[str, int]
    lost_started: int
    restarted: int
    overlapping: int
    in_flight: int
    recovery: Recovery
    timeline: Timeline

    @property
    def accepted(self) -> int:
        """How many jobs were accepted."""
        return accepted_in(self.classes)

    @property
    def seen(self) -> Seen:
        """What it says of the guarantees: nothing, if it is not valid."""
        if self.reasons:
            return Seen({}, 0, known=False)
        return Seen(self.classes, self.accepted, known=self.known)

    @property
    def known(self) -> bool:
        """Whether the fault happened as it should have, to jobs in flight."""
        return not self.unknown and not self.reasons


def horizons(episodes: Sequence[EpisodeSummary]) -> str:
    """Say after how long without any movement the drains closed, and for whom."""
    found: dict[float, set[str]] = {}
    for episode in episodes:
        if episode.record.strike is not None:
            label = episode.record.trial.arm.label
            found.setdefault(episode.record.strike.horizon_s, set()).add(label)
    (usual, *others) = sorted(found, key=lambda horizon_s: -len(found[horizon_s])) or [0.0]
    named = (f"{other:g} s for {', '.join(sorted(found[other]))}" for other in sorted(others))
    return "; ".join((f"drains closed when nothing had moved for {usual:g} s", *named))


def summarise(told: History, jobs: pd.DataFrame, reasons: tuple[str, ...]) -> EpisodeSummary:
    """Return what an episode shows; `jobs` are classified."""
    marks = told.record.strike.marks if told.record.strike else ()
    struck_ns = _struck_ns(marks)
    lost = jobs["outcome_class"] == OutcomeClass.LOST
    performances = starts_and_ends(told.events)
    in_flight = _in_flight(jobs, struck_ns) if struck_ns is not None else 0
    return EpisodeSummary(
        record=told.record,
        reasons=reasons,
        unknown=tuple(why_unknown(told.record, jobs, in_flight)),
        classes={str(name): n for name, n in jobs["outcome_class"].value_counts().items()},
        lost_started=int((lost & (jobs["starts"] > 0)).sum()),
        restarted=sum(len(starts) > 1 and len(ends) == 1 for starts, ends in performances),
        overlapping=sum(_overlap(starts, ends) for starts, ends in performances),
        in_flight=in_flight,
        recovery=recovery(told, jobs, struck_ns) if struck_ns is not None else Recovery(),
        timeline=_timeline(told, jobs, struck_ns),
    )


def _struck_ns(marks: tuple[Mark, ...]) -> int | None:
    return next((mark.at_us * 1000 for mark in marks if mark.what == STRUCK), None)


def _in_flight(jobs: pd.DataFrame, at_ns: int) -> int:
    """Count the jobs that had been asked for and were not done at a time."""
    asked = (jobs["due_ns"] >= 0) & (jobs["due_ns"] <= at_ns)
    undone = (jobs["last_end_ns"] < 0) | (jobs["last_end_ns"] > at_ns)
    return int((asked & undone & (jobs["outcome"] != Outcome.REFUSED)).sum())


def why_unknown(record: TrialRecord, jobs: pd.DataFrame, in_flight: int) -> list[str]:
    """Return why an episode shows nothing of its fault; nothing if it does."""
    fault, strike = record.trial.fault, record.strike
    if strike is None:
        return ["it did not come to its end"]
    if not (jobs["outcome"] == Outcome.ACCEPTED).any() and fault not in IN_THE_JOB:
        return ["nothing was accepted"]
    if fault == NO_FAULT:
        return []
    if fault in IN_THE_JOB:
        return [] if (jobs["fails"] > 0).any() else ["no job raised"]
    if not any(mark.what == STRUCK for mark in strike.marks):
        return ["the fault did not strike"]
    found = [] if strike.proven else ["the fault was not seen to happen"]
    hits_client = all(mark.role is Role.CLIENT for mark in strike.marks)
    return found if in_flight or hits_client else [*found, "no job was in flight"]


def starts_and_ends(events: pd.DataFrame) -> list[tuple[list[int], list[int]]]:
    """Return the starts and the ends (ns, in order) of each step that started more than once."""
    started = events[events["kind"] == EventKind.START]
    again = started[started.duplicated(["job_id", "step"], keep=False)]
    mine = events.merge(again[["job_id", "step"]].drop_duplicates(), on=["job_id", "step"])
    found = []
    for _, step in mine.groupby(["job_id", "step"]):
        of = {
            kind: sorted(step.loc[step["kind"] == kind, "at_ns"].tolist())
            for kind in (EventKind.START, EventKind.END)
        }
        found.append((of[EventKind.START], of[EventKind.END]))
    return found


def _overlap(starts: list[int], ends: list[int]) -> bool:
    """Say whether a step that ended twice was begun again before its first end."""
    return len(ends) > 1 and len(starts) > 1 and starts[1] < ends[0]


def recovery(told: History, jobs: pd.DataFrame, struck_ns: int) -> Recovery:
    """Return how the system came back after the fault struck."""
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
    """Return one value for each event's step."""
    return events["job_id"].astype(str) + "/" + events["step"].astype(str)


def _first(at_ns: pd.Series) -> int | None:
    return int(at_ns.min()) if len(at_ns) else None


def _since(struck_ns: int, at_ns: int | None) -> float | None:
    return None if at_ns is None else (at_ns - struck_ns) / 1e9


def _ready_ns(marks: tuple[Mark, ...], starts: pd.DataFrame) -> int | None:
    """Return when the part that was started last answered, or did its first step."""
    again = [mark for mark in marks if mark.what == STARTED]
    if not again:
        return None
    role, since_us = again[-1].role, again[-1].at_us
    if role is Role.WORKER:
        return _first(starts.loc[starts["at_ns"] > since_us * 1000, "at_ns"])
    answers = [m.at_us for m in marks if m.what == ANSWERS and m.role is role]
    return answers[-1] * 1000 if answers else None


def _outage_s(jobs: pd.DataFrame, struck_ns: int) -> float | None:
    """Return from the first request that was not accepted to the next one that was, in s."""
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
    """Return the work in performances that were followed by another of the same step, in s.

    One that did not end lasted until the system was struck next, or until the next one began.
    """
    total_ns = 0
    for starts, ends in starts_and_ends(events):
        for start, following in pairwise(starts):
            stops = [following, *(end for end in ends if end > start)]
            stops += [at_ns for at_ns in marks_ns if at_ns > start]
            total_ns += min(stops) - start
    return total_ns / 1e9


def _timeline(told: History, jobs: pd.DataFrame, struck_ns: int | None) -> Timeline:
    load = told.record.load
    zero_ns = struck_ns if struck_ns is not None else load.load_start_us * 1000 if load else 0
    accepted = jobs[jobs["outcome"] == Outcome.ACCEPTED]
    ended_ns = accepted.loc[accepted["last_end_ns"] >= 0, "last_end_ns"]
    marks = told.record.strike.marks if told.record.strike else ()
    return Timeline(
        accepted_s=_seconds(accepted["answered_ns"], zero_ns),
        ended_s=_seconds(ended_ns, zero_ns),
        marks=tuple(((m.at_us * 1000 - zero_ns) / 1e9, f"{m.role} {m.what}") for m in marks),
    )


def _seconds(at_ns: pd.Series, zero_ns: int) -> tuple[float, ...]:
    return tuple(np.sort((at_ns.to_numpy("int64") - zero_ns) / 1e9).tolist())
