"""Whole trials by the real harness, of arms with a known difference."""

import numpy as np

from after202.analyse.run import Run, read
from after202.hosts import environments
from after202.measure import run
from after202.measure.begin import Options, begin
from after202.plan.catalogue import Catalogue
from after202.records.experiment import Arm
from after202.records.profile import ComparisonPlan, Profile
from after202.stacks import choice
from after202.validate.result import Context

STRATEGY, WORKLOAD = "_spin", "calibration"
RATE_PER_S, WARM_UP_S = 200.0, 0.3
MEDIAN = ("response", 0.5)
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def profile(
    spins_us: tuple[int, ...], blocks: int, copies: int, window_s: float, turns: int
) -> Profile:
    """Return a profile of arms that differ only in spin time, with copies of the first."""
    comparison = ComparisonPlan(
        workload=WORKLOAD,
        rate_per_s=RATE_PER_S,
        blocks=blocks,
        warm_up_s=WARM_UP_S,
        window_s=window_s,
        turns=turns,
        bystander_per_s=0,
        baseline_copies=copies,
    )
    return Profile(
        description="Arms whose difference is known.",
        baseline=STRATEGY,
        strategies=(STRATEGY,),
        variants=tuple(map(str, spins_us)),
        comparison=(comparison,),
        mail_delay_ms=0,
        repeats=0,
    )


def measured(name: str, chosen: Profile, context: Context) -> Run:
    """Measure a profile like any other, and return the run."""
    known = Catalogue(environments.describe(chosen.strategies))
    options = Options(choice.choose(choice.EMBEDDED))
    folder = begin(name, chosen, known, context.folder, options)
    with context.observe(folder.read().planned, known) as observer:
        run.carry_out(folder, observer)
    return read(folder)


def medians_ms(measured_run: Run, arms: list[Arm]) -> Matrix:
    """Return the arms' p50 response times: a row per block in which all were measured.

    The gates are ignored: they judge the machine, while a check judges the method.
    """
    by_block: dict[int, dict[Arm, float]] = {}
    for trial in measured_run.comparisons:
        planned = trial.record.trial
        if MEDIAN in trial.quantiles_ms:
            by_block.setdefault(planned.block, {})[planned.arm] = trial.quantiles_ms[MEDIAN]
    rows = [[found[arm] for arm in arms] for found in by_block.values() if len(found) == len(arms)]
    return np.array(rows, float).reshape(len(rows), len(arms))
