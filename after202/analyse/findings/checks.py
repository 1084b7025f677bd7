"""`after202 check`: judge a stored run again from its events."""

from collections.abc import Iterator
from dataclasses import dataclass

from after202.analyse.jobs.guarantees import decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run, read
from after202.analyse.trials.comparison import ComparisonSummary
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.pressure import PressureSummary
from after202.records.experiment import NO_FAULT
from after202.records.folder import RunFolder

HOLDS, BROKEN, UNKNOWN = 0, 1, 2
WORDS = {HOLDS: "holds  ", BROKEN: "BROKEN ", UNKNOWN: "unknown"}


@dataclass(frozen=True)
class CheckResult:
    """The lines to print, and the exit code: 0 holds, 1 broken, 2 unknown."""

    lines: tuple[str, ...]
    exit_code: int


def check(folder: RunFolder, *, jobs_only: bool = False) -> CheckResult:
    """Check a stored run from its events; run nothing."""
    return judge(read(folder), jobs_only=jobs_only)


def judge(run: Run, *, jobs_only: bool = False) -> CheckResult:
    """Judge each trial and episode of an analysed run.

    With `jobs_only`, a trial whose times are not valid still holds if all its jobs do.
    """
    lines = [_line(trial, jobs_only=jobs_only) for trial in run.comparisons]
    lines += [_episode_line(episode) for episode in run.episodes]
    lines += [_pressure_line(trial, jobs_only=jobs_only) for trial in run.pressures]
    if run.missing:
        lines.append(f"unknown  {run.missing} of {len(run.record.planned)} trials are not stored")
    codes = list(_codes_of_comparisons(run, jobs_only=jobs_only))
    codes += [_episode_code(episode) for episode in run.episodes]
    codes += [_pressure_code(trial, jobs_only=jobs_only) for trial in run.pressures]
    return CheckResult((*lines, _sum(run, codes)), _exit_code(run, codes))


def _codes_of_comparisons(run: Run, *, jobs_only: bool) -> Iterator[int]:
    """Yield a code for each trial: broken if one of its legs is, and unknown if one is."""
    of_trial: dict[str, set[int]] = {}
    for leg in run.comparisons:
        of_trial.setdefault(leg.record.trial.id, set()).add(_code(leg, jobs_only=jobs_only))
    for codes in of_trial.values():
        yield BROKEN if BROKEN in codes else max(codes)


def _exit_code(run: Run, codes: list[int]) -> int:
    if BROKEN in codes:
        return BROKEN
    return UNKNOWN if run.missing or UNKNOWN in codes or not codes else HOLDS


def _code(trial: ComparisonSummary, *, jobs_only: bool) -> int:
    """Judge a trial without a fault: every request must be accepted and its job done once."""
    if trial.classes.get(OutcomeClass.PHANTOM):
        return BROKEN
    if trial.record.load is None:
        return UNKNOWN
    once, unseen = (trial.classes.get(c, 0) for c in (OutcomeClass.ONCE, OutcomeClass.UNSEEN))
    if once + unseen != trial.accepted or once + unseen != trial.sent:
        return BROKEN
    if unseen:
        return UNKNOWN
    return HOLDS if trial.valid or jobs_only else UNKNOWN


def _episode_code(episode: EpisodeSummary) -> int:
    """Judge an episode: it must show its fault; without one, every accepted job must be done once.

    What a strategy loses under a fault is a measurement, not a reason to distrust the run.
    """
    if episode.classes.get(OutcomeClass.PHANTOM):
        return BROKEN
    if not episode.known:
        return UNKNOWN
    if episode.planned.fault != NO_FAULT:
        return HOLDS
    if episode.classes.get(OutcomeClass.UNSEEN):
        return UNKNOWN
    return HOLDS if episode.classes.get(OutcomeClass.ONCE, 0) == episode.accepted else BROKEN


def _pressure_code(trial: PressureSummary, *, jobs_only: bool) -> int:
    """Judge a pressure trial: what is refused, late or lost under pressure is a measurement."""
    if trial.classes.get(OutcomeClass.PHANTOM):
        return BROKEN
    if trial.record.load is None or trial.classes.get(OutcomeClass.UNSEEN):
        return UNKNOWN
    return HOLDS if trial.valid or jobs_only else UNKNOWN


def _pressure_line(trial: PressureSummary, *, jobs_only: bool) -> str:
    word = WORDS[_pressure_code(trial, jobs_only=jobs_only)]
    classes = ", ".join(f"{name} {number}" for name, number in sorted(trial.classes.items()))
    return (
        f"{word}  {trial.record.trial.id}: accepted {trial.accepted}: {classes};"
        f" {decide([trial.seen])}" + "".join(f"; not valid: {reason}" for reason in trial.reasons)
    )


def _episode_line(episode: EpisodeSummary) -> str:
    word = WORDS[_episode_code(episode)]
    classes = ", ".join(f"{name} {number}" for name, number in sorted(episode.classes.items()))
    why = "; ".join((*episode.reasons, *episode.unknown))
    return (
        f"{word}  {episode.record.trial.id}: accepted {episode.accepted},"
        f" in flight {episode.in_flight}: {classes}; {decide([episode.seen])}"
        + (f"; {why}" if why else "")
    )


def _line(trial: ComparisonSummary, *, jobs_only: bool) -> str:
    word = WORDS[_code(trial, jobs_only=jobs_only)]
    load = trial.record.load
    if load is None:
        return f"{word}  {trial.record.trial.name}: {'; '.join(trial.reasons)}"
    counts = load.counts
    classes = ", ".join(f"{name} {number}" for name, number in sorted(trial.classes.items()))
    return (
        f"{word}  {trial.record.trial.name}: scheduled {counts.scheduled}, sent {counts.sent},"
        f" answered {counts.answered}, accepted {counts.accepted}: {classes};"
        f" {decide([trial.seen])}" + "".join(f"; not valid: {reason}" for reason in trial.reasons)
    )


def _sum(run: Run, codes: list[int]) -> str:
    valid = len({leg.record.trial.id for leg in run.comparisons if leg.valid})
    valid += sum(trial.valid for trial in run.pressures)
    valid += sum(not episode.reasons for episode in run.episodes)
    trials = "1 trial" if len(codes) == 1 else f"{len(codes)} trials"
    return (
        f"{trials}: {codes.count(HOLDS)} hold, {codes.count(BROKEN)} broken,"
        f" {codes.count(UNKNOWN)} unknown; {valid} valid"
    )
