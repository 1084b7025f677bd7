"""What one episode shows: jobs by class, whether it is evidence, recovery and a timeline."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from after202.analyse.jobs.guarantees import Seen
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import OutcomeClass, accepted_in, begun_again, count
from after202.analyse.trials.recovery import OVER, STRUCK, Recovery, recovery, starts_and_ends
from after202.records.experiment import Outcome, Reach, Role
from after202.records.trial import Episode
from after202.records.trial_record import Mark, Strike, TrialRecord


@dataclass(frozen=True)
class Timeline:
    """Seconds since the fault (or the load's start) at which jobs were accepted and ended."""

    accepted_s: tuple[float, ...] = ()
    ended_s: tuple[float, ...] = ()
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class EpisodeSummary:
    """An episode; `unknown` has the reasons why it is no evidence about its fault, if any."""

    planned: Episode
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
    complete: bool = True
    begun_again: int = 0

    @property
    def accepted(self) -> int:
        """How many jobs were accepted."""
        return accepted_in(self.classes)

    @property
    def seen(self) -> Seen:
        """Its evidence about the guarantees: none if it is not valid."""
        if self.reasons:
            return Seen({}, 0, known=False)
        return Seen(
            self.classes,
            self.accepted,
            known=self.known,
            complete=self.complete,
            begun_again=self.begun_again,
        )

    @property
    def known(self) -> bool:
        """Whether the fault happened as it should have, to jobs in flight."""
        return not self.unknown and not self.reasons


def horizons(episodes: Sequence[EpisodeSummary]) -> str:
    """State after how long without any movement the drains closed, and for which arms."""
    found: dict[float, set[str]] = {}
    for episode in episodes:
        if episode.record.strike is not None:
            label = episode.record.trial.arm.label
            found.setdefault(episode.record.strike.horizon_s, set()).add(label)
    (usual, *others) = sorted(found, key=lambda horizon_s: -len(found[horizon_s])) or [0.0]
    named = (f"{other:g} s for {', '.join(sorted(found[other]))}" for other in sorted(others))
    return "; ".join((f"drains closed when nothing had moved for {usual:g} s", *named))


def summarise(
    planned: Episode, told: History, jobs: pd.DataFrame, reasons: tuple[str, ...]
) -> EpisodeSummary:
    """Return what an episode shows; `jobs` are classified."""
    marks = told.record.strike.marks if told.record.strike else ()
    struck_ns = _struck_ns(marks)
    lost = jobs["outcome_class"] == OutcomeClass.LOST
    performances = starts_and_ends(told.events)
    in_flight = _in_flight(jobs, marks, planned.reach)
    return EpisodeSummary(
        planned=planned,
        record=told.record,
        reasons=reasons,
        unknown=tuple(why_unknown(planned, told.record.strike, jobs, in_flight)),
        classes=count(jobs),
        lost_started=int((lost & (jobs["starts"] > 0)).sum()),
        restarted=sum(len(starts) > 1 and len(ends) == 1 for starts, ends in performances),
        overlapping=sum(_overlap(starts, ends) for starts, ends in performances),
        in_flight=in_flight,
        recovery=recovery(told, jobs, struck_ns) if struck_ns is not None else Recovery(),
        timeline=_timeline(told, jobs, struck_ns),
        complete=not told.damaged,
        begun_again=begun_again(jobs),
    )


def _struck_ns(marks: tuple[Mark, ...]) -> int | None:
    return next((mark.at_us * 1000 for mark in marks if mark.what == STRUCK), None)


def _in_flight(jobs: pd.DataFrame, marks: tuple[Mark, ...], reach: Reach) -> int:
    """Count the jobs that a strike could take: due and not refused by then, and not done.

    A fault may strike several times: a worker is frozen, and killed with what it was sent
    meanwhile. One that reaches on takes also what is due until it is over, refused or not if it is
    about requests.
    """
    found = np.zeros(len(jobs), bool)
    over_us = max((mark.at_us for mark in marks if mark.what == OVER), default=0)
    for struck_us in (mark.at_us for mark in marks if mark.what == STRUCK):
        until_us = struck_us if reach is Reach.STRIKE else max(struck_us, over_us)
        asked = (jobs["due_ns"] >= 0) & (jobs["due_ns"] <= until_us * 1000)
        undone = (jobs["last_end_ns"] < 0) | (jobs["last_end_ns"] > struck_us * 1000)
        taken = (jobs["outcome"] != Outcome.REFUSED) | (reach is Reach.REQUESTS)
        found |= (asked & undone & taken).to_numpy(bool)
    return int(found.sum())


def why_unknown(
    planned: Episode, strike: Strike | None, jobs: pd.DataFrame, in_flight: int
) -> list[str]:
    """Return why an episode is no evidence about its fault; empty if it is.

    A fault in the work itself does not strike at a moment: its proof is in the ledger.
    """
    in_the_work = planned.hits is Role.JOB
    if strike is None:
        return ["it did not run to its end"]
    if not (jobs["outcome"] == Outcome.ACCEPTED).any() and not in_the_work:
        return ["nothing was accepted"]
    if planned.hits is None:
        return []
    if in_the_work:
        failed = (jobs["fails"] > 0) | (jobs["starts"] > jobs["ends"])
        return [] if failed.any() else ["no job raised, and none ended its process"]
    if not any(mark.what == STRUCK for mark in strike.marks):
        return ["the fault did not strike"]
    found = [] if strike.proven else ["the fault was not seen to happen"]
    hits_client = all(mark.role is Role.CLIENT for mark in strike.marks)
    return found if in_flight or hits_client else [*found, "no job was in flight"]


def _overlap(starts: list[int], ends: list[int]) -> bool:
    """Return whether a step that ended twice started again before its first end."""
    return len(ends) > 1 and len(starts) > 1 and starts[1] < ends[0]


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
