"""`after202 check`: judge a stored run again from its events."""

from after202.analyse.findings.judged import BROKEN, HOLDS, UNKNOWN, CheckResult, Judged
from after202.analyse.jobs.guarantees import decide
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run, read
from after202.analyse.summaries import Summary
from after202.analyse.trials.comparison import ComparisonSummary
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.pressure import PressureSummary
from after202.records.experiment import NO_FAULT
from after202.records.folder import RunFolder


def check(folder: RunFolder, *, jobs_only: bool = False) -> CheckResult:
    """Check a stored run from its events; run nothing."""
    return judge(read(folder), jobs_only=jobs_only)


def judge(run: Run, *, jobs_only: bool = False) -> CheckResult:
    """Judge each trial and episode of an analysed run.

    With `jobs_only`, a trial whose times are not valid still holds if all its jobs do.
    """
    found = [_trial(trial, jobs_only=jobs_only) for trial in run.comparisons]
    found += [_episode(episode) for episode in run.episodes]
    found += [_pressure(trial, jobs_only=jobs_only) for trial in run.pressures]
    return CheckResult(tuple(found), run.missing, len(run.record.planned))


def _judged(one: Summary, code: int, said: str, reasons: tuple[str, ...]) -> Judged:
    guarantees = decide([one.seen])
    return Judged(
        one.record.trial.id, one.record.trial.name, code, said, not one.reasons, one.accepted,
        one.classes, guarantees, reasons,
    )  # fmt: skip


def _outcome(one: Summary) -> str:
    """Return the jobs by class, and what that says of the guarantees."""
    classes = ", ".join(f"{name} {number}" for name, number in sorted(one.classes.items()))
    return f"{classes}; {decide([one.seen])}"


def _not_valid(one: Summary) -> str:
    return "".join(f"; not valid: {reason}" for reason in one.reasons)


def _trial(trial: ComparisonSummary, *, jobs_only: bool) -> Judged:
    load = trial.record.load
    said = "; ".join(trial.reasons)
    if load is not None:
        counts = load.counts
        said = (
            f"scheduled {counts.scheduled}, sent {counts.sent}, answered {counts.answered},"
            f" accepted {counts.accepted}: {_outcome(trial)}{_not_valid(trial)}"
        )
    return _judged(trial, _code(trial, jobs_only=jobs_only), said, trial.reasons)


def _episode(episode: EpisodeSummary) -> Judged:
    reasons = (*episode.reasons, *episode.unknown)
    said = f"accepted {episode.accepted}, in flight {episode.in_flight}: {_outcome(episode)}"
    why = "; ".join(reasons)
    return _judged(episode, _episode_code(episode), f"{said}; {why}" if why else said, reasons)


def _pressure(trial: PressureSummary, *, jobs_only: bool) -> Judged:
    said = f"accepted {trial.accepted}: {_outcome(trial)}{_not_valid(trial)}"
    return _judged(trial, _pressure_code(trial, jobs_only=jobs_only), said, trial.reasons)


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
