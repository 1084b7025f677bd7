"""The cells that tables share: an arm's columns, an estimate's, and the mark of one trial."""

from after202.analyse import marks
from after202.analyse.statistics.hodges_lehmann import LEAST_FOR_95, Estimate
from after202.records.experiment import Arm


def arm_cells(arm: Arm) -> list[object]:
    """Return the columns that say which arm it is."""
    return [name_of(arm), arm.variant_label, arm.workload, arm.rate_per_s]


def name_of(arm: Arm) -> str:
    """Return the strategy's name, with the copy's number; the variant has a column of its own."""
    return f"{arm.strategy}#{arm.copy_number}" if arm.is_copy else arm.strategy


def estimate_cells(found: Estimate) -> list[object]:
    """Return the columns of an estimate: its value, its 95 % interval if it has one, its trials."""
    if found.trials < LEAST_FOR_95:
        return [found.value, None, None, found.trials]
    return [found.value, found.low, found.high, found.trials]


def one_trial(trials: int) -> str:
    """Return the mark of a figure that comes from one trial."""
    return marks.IN_WORDS if trials == 1 else ""
