"""`bench check`: what a stored run shows, decided again from its events."""

from dataclasses import dataclass
from pathlib import Path

from bench.analyse.outcomes import OutcomeClass
from bench.analyse.tables import guarantees
from bench.analyse.trials import Run, TrialSummary, read

HOLDS, BROKEN, UNKNOWN = 0, 1, 2


@dataclass(frozen=True)
class CheckResult:
    """Lines to print, and the exit code: 0 all valid and as stated, 1 not, 2 unknown."""

    lines: tuple[str, ...]
    exit_code: int


def check(folder: Path, *, jobs_only: bool = False) -> CheckResult:
    """Check a stored run, running nothing.

    With `jobs_only`, a trial whose times may not be used holds if every job of it does.
    """
    run = read(folder)
    lines = [_line(trial, jobs_only=jobs_only) for trial in run.trials]
    if run.missing:
        lines.append(f"unknown  {run.missing} of {len(run.record.planned)} trials are not stored")
    codes = [_code(trial, jobs_only=jobs_only) for trial in run.trials]
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


def _line(trial: TrialSummary, *, jobs_only: bool) -> str:
    word = {HOLDS: "holds  ", BROKEN: "BROKEN ", UNKNOWN: "unknown"}[
        _code(trial, jobs_only=jobs_only)
    ]
    load = trial.record.load
    if load is None:
        return f"{word}  {trial.record.trial.id}: {'; '.join(trial.reasons)}"
    counts = load.counts
    classes = ", ".join(f"{name} {number}" for name, number in sorted(trial.classes.items()))
    return (
        f"{word}  {trial.record.trial.id}: scheduled {counts.scheduled}, sent {counts.sent},"
        f" answered {counts.answered}, accepted {counts.accepted}: {classes};"
        f" {guarantees([trial])}" + "".join(f"; not valid: {reason}" for reason in trial.reasons)
    )


def _sum(run: Run, codes: list[int]) -> str:
    valid = sum(trial.valid for trial in run.trials)
    return (
        f"{len(run.trials)} trials: {codes.count(HOLDS)} hold, {codes.count(BROKEN)} broken,"
        f" {codes.count(UNKNOWN)} unknown; {valid} valid"
    )
