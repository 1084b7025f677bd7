"""The mark of figures that come from one trial: what they scatter by is not known."""

from after202.analyse.run import Run
from after202.records.experiment import Arm

ONE_TRIAL = "\N{DAGGER}"
IN_WORDS = "one trial"
LEGEND = f"{ONE_TRIAL}: one trial, which is no estimate"


def label(run: Run, arm: Arm) -> str:
    """Return an arm's label, marked if its times come from one trial."""
    return f"{arm.label} {ONE_TRIAL}" if has_one_trial(run, arm) else arm.label


def has_one_trial(run: Run, arm: Arm) -> bool:
    """Return whether an arm has one valid trial."""
    return len(run.of(arm)) == 1


def legend(run: Run) -> str:
    """Return what the mark means; empty if no arm of the run has it."""
    return LEGEND if any(has_one_trial(run, arm) for arm in run.arms()) else ""
