"""Whole trials of the real harness, of arms whose difference is known."""

import numpy as np

from after202.analyse import run as trials
from after202.analyse.run import Run
from after202.measure import run
from after202.measure.begin import Options, begin
from after202.plan import comparisons as plan
from after202.records.experiment import Arm
from after202.records.profile import Comparison, Profile
from after202.stacks import choice
from after202.validate.finding import Context

STRATEGY, WORKLOAD = "_spin", "calibration"
RATE_PER_S, WARM_UP_S = 200.0, 0.3
MEDIAN = ("response", 0.5)
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def profile(
    spins_us: tuple[int, ...], blocks: int, copies: int, window_s: float, turns: int
) -> Profile:
    """Return a profile of arms that differ by what they spin, and copies of the first."""
    comparison = Comparison(
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
    """Measure a profile as any other, and return the run."""
    planned = plan.trials(chosen)
    folder = begin(name, chosen, planned, context.folder, Options(choice.choose(choice.EMBEDDED)))
    with context.observe(planned) as observer:
        run.carry_out(folder, observer)
    return trials.read(folder)


def medians_ms(measured_run: Run, arms: list[Arm]) -> Matrix:
    """Return the arms' p50 response times: a row per block in which all were measured.

    The gates do not count: they judge the machine, and here the method is judged.
    """
    by_block: dict[int, dict[Arm, float]] = {}
    for trial in measured_run.trials:
        planned = trial.record.trial
        if MEDIAN in trial.quantiles_ms:
            by_block.setdefault(planned.block, {})[planned.arm] = trial.quantiles_ms[MEDIAN]
    rows = [[found[arm] for arm in arms] for found in by_block.values() if len(found) == len(arms)]
    return np.array(rows, float).reshape(len(rows), len(arms))
