"""`bench check`: what a stored run shows, decided again from its events."""

from dataclasses import dataclass
from pathlib import Path

from after202.analyse.jobs.guarantees import decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run, read
from after202.analyse.trials.comparison import TrialSummary
from after202.analyse.trials.episode import EpisodeSummary
from after202.records.experiment import NO_FAULT

HOLDS, BROKEN, UNKNOWN = 0, 1, 2
WORDS = {HOLDS: "holds  ", BROKEN: "BROKEN ", UNKNOWN: "unknown"}


@dataclass(frozen=True)
class CheckResult:
    """Lines to print, and the exit code: 0 all valid and as stated, 1 not, 2 unknown."""

    lines: tuple[str, ...]
    exit_code: int


def check(folder: Path, *, jobs_only: bool = False) -> CheckResult:
    """Check a stored run, running nothing."""
    return judge(read(folder), jobs_only=jobs_only)


def judge(run: Run, *, jobs_only: bool = False) -> CheckResult:
    """Decide each trial and episode of a run that was read.

    With `jobs_only`, a trial whose times may not be used holds if every job of it does.
    """
    lines = [_line(trial, jobs_only=jobs_only) for trial in run.trials]
    lines += [_episode_line(episode) for episode in run.episodes]
    if run.missing:
        lines.append(f"unknown  {run.missing} of {len(run.record.planned)} trials are not stored")
    codes = [_code(trial, jobs_only=jobs_only) for trial in run.trials]
    codes += [_episode_code(episode) for episode in run.episodes]
    return CheckResult((*lines, _sum(run, codes)), _exit_code(run, codes))


def _exit_code(run: Run, codes: list[int]) -> int:
    if BROKEN in codes:
        return BROKEN
    return UNKNOWN if run.missing or UNKNOWN in codes or not codes else HOLDS


def _code(trial: TrialSummary, *, jobs_only: bool) -> int:
    """Decide a trial without a fault: every accepted job once, and all answered."""
    if trial.classes.get(OutcomeClass.PHANTOM):
        return BROKEN
    if trial.record.load is None:
        return UNKNOWN
    once = trial.classes.get(OutcomeClass.ONCE, 0)
    if once != trial.accepted or once != trial.sent:
        return BROKEN
    return HOLDS if trial.valid or jobs_only else UNKNOWN


def _episode_code(episode: EpisodeSummary) -> int:
    """Decide an episode: it shows its fault, each job has a class, and without a fault all is done.

    What a strategy loses in a fault is what is measured, and no reason to distrust the run.
    """
    if episode.classes.get(OutcomeClass.PHANTOM):
        return BROKEN
    if not episode.known:
        return UNKNOWN
    if episode.record.trial.fault != NO_FAULT:
        return HOLDS
    return HOLDS if episode.classes.get(OutcomeClass.ONCE, 0) == episode.accepted else BROKEN


def _episode_line(episode: EpisodeSummary) -> str:
    word = WORDS[_episode_code(episode)]
    classes = ", ".join(f"{name} {number}" for name, number in sorted(episode.classes.items()))
    why = "; ".join((*episode.reasons, *episode.unknown))
    return (
        f"{word}  {episode.record.trial.id}: accepted {episode.accepted},"
        f" in flight {episode.in_flight}: {classes}; {decide([episode.seen])}"
        + (f"; {why}" if why else "")
    )


def _line(trial: TrialSummary, *, jobs_only: bool) -> str:
    word = WORDS[_code(trial, jobs_only=jobs_only)]
    load = trial.record.load
    if load is None:
        return f"{word}  {trial.record.trial.id}: {'; '.join(trial.reasons)}"
    counts = load.counts
    classes = ", ".join(f"{name} {number}" for name, number in sorted(trial.classes.items()))
    return (
        f"{word}  {trial.record.trial.id}: scheduled {counts.scheduled}, sent {counts.sent},"
        f" answered {counts.answered}, accepted {counts.accepted}: {classes};"
        f" {decide([trial.seen])}" + "".join(f"; not valid: {reason}" for reason in trial.reasons)
    )


def _sum(run: Run, codes: list[int]) -> str:
    valid = sum(trial.valid for trial in run.trials)
    valid += sum(not episode.reasons for episode in run.episodes)
    return (
        f"{len(codes)} trials: {codes.count(HOLDS)} hold, {codes.count(BROKEN)} broken,"
        f" {codes.count(UNKNOWN)} unknown; {valid} valid"
    )
