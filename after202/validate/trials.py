"""Whole trials by the real harness, of arms with a known difference."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from after202.analyse.run import Run, read
from after202.analyse.trials.comparison import ComparisonSummary
from after202.hosts import cpus, environments
from after202.measure import run
from after202.measure.begin import Options, begin
from after202.plan import design, layouts, reading
from after202.plan.catalogue import Catalogue
from after202.records.experiment import Arm
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from after202.stacks import choice
from after202.validate.result import Context

SPIN, WORKLOAD = "_spin", "calibration"
SHIPPED = "quick"
MEDIAN = ("response", 0.5)
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def shipped(*, copies: int, session: int, beside: Sequence[str] = ()) -> Profile:
    """Return quick's controlled comparison, of copies of its baseline; sessions differ by seed.

    All else is as it ships: workload, rate, windows, blocks, repeats. `beside` are strategies that
    are measured in the same blocks.
    """
    quick = _quick()
    only_copies = {"baseline_copies": copies, "strategies": (), "variants": ()}
    comparison = _controlled(quick).model_copy(update=only_copies)
    return quick.model_copy(
        update={
            "strategies": (quick.baseline, *beside),
            "seed": quick.seed + session,
            "comparison": (comparison,),
            "matrix": (),
        }
    )


def spinning(profile: Profile, spins_us: tuple[int, ...]) -> Profile:
    """Return the profile with arms that differ only in spin time."""
    comparison = profile.comparison[0].model_copy(update={"workload": WORKLOAD})
    return profile.model_copy(
        update={
            "baseline": SPIN,
            "strategies": (SPIN,),
            "variants": tuple(map(str, spins_us)),
            "comparison": (comparison,),
        }
    )


def family() -> int:
    """Return how many comparisons Holm's correction covers in quick's controlled comparison."""
    quick = _quick()
    return design.family(quick, _catalogue(), _controlled(quick))


def _controlled(profile: Profile) -> ComparisonPlan:
    """Return the first comparison with a live A/A test."""
    return next(one for one in profile.comparison if one.baseline_copies > 1)


def _quick() -> Profile:
    usual = cpus.usual_layout(cpus.available_cpus())
    return layouts.filled_in(
        design.sized(reading.read(SHIPPED), _catalogue(), lambda _: None), usual
    )


@cache
def _catalogue() -> Catalogue:
    return Catalogue(environments.describe(reading.strategies_named(reading.read(SHIPPED))))


def measured(name: str, chosen: Profile, context: Context) -> Run:
    """Measure a profile like any other, and return the run; a strategy may be a .py file."""
    known = Catalogue(environments.describe(chosen.strategies))
    options = Options(choice.choose(choice.EMBEDDED))
    folder = begin(name, reading.by_stems(chosen), known, context.folder, options)
    with context.observe(folder.read().planned, known) as observer:
        run.carry_out(folder, observer)
    return read(folder)


def medians_ms(measured_run: Run, arms: list[Arm]) -> Matrix:
    """Return the arms' p50 response times: a row per block in which all of them are valid."""
    return _matrix(measured_run, arms, lambda trial: trial.quantiles_ms[MEDIAN])


def places(measured_run: Run, arms: list[Arm]) -> Matrix:
    """Return where in the run each trial stood, for the same blocks: only the order tells."""
    order = {trial.id: number for number, trial in enumerate(measured_run.record.planned)}
    return _matrix(measured_run, arms, lambda trial: order[trial.record.trial.id])


def _matrix(
    measured_run: Run, arms: list[Arm], value: Callable[[ComparisonSummary], float]
) -> Matrix:
    by_block: dict[int, dict[Arm, float]] = {}
    for arm in arms:
        for trial in measured_run.of(arm):
            if MEDIAN in trial.quantiles_ms:
                by_block.setdefault(trial.record.trial.block, {})[arm] = value(trial)
    rows = [[found[arm] for arm in arms] for found in by_block.values() if len(found) == len(arms)]
    return np.array(rows, float).reshape(len(rows), len(arms))
