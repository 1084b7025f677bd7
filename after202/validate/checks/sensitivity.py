"""Sensitivity: how small a known difference is still found."""

import numpy as np

from after202.analyse.statistics import holm
from after202.analyse.statistics.difference import SIGNIFICANT
from after202.analyse.statistics.hodges_lehmann import estimate, p_value
from after202.validate.result import Context, Figure, Result, at_least
from after202.validate.trials import Matrix, measured, medians_ms, profile

SPINS_US = (0, 50, 100, 300, 1000)
MUST_BE_FOUND_US = 100
BLOCKS, BLOCKS_EACH, RESAMPLES = 12, 8, 500
FOUND_PERCENT = 95.0
WINDOW_S, TURNS = 2.7, 20
SEED = 202


def check(context: Context) -> Result:
    """Measure arms that spin for 0 to 1,000 us in twelve blocks."""
    run = measured("validate-sensitivity", profile(SPINS_US, BLOCKS, 1, WINDOW_S, TURNS), context)
    arms = sorted(run.arms(), key=lambda arm: int(arm.variant))
    return judge(medians_ms(run, arms))


def judge(medians: Matrix) -> Result:
    """Return how often each difference is found with eight of the blocks.

    Columns are the arms in order of spin time, which is 0 for the first; rows are blocks.
    """
    shares = _found_shares(medians)
    figures = [Figure("p50 without a difference", f"{np.median(medians[:, 0]):.3f} ms")]
    for column, (spin_us, share) in enumerate(zip(SPINS_US[1:], shares, strict=True), start=1):
        added_us = float(np.median(medians[:, column] - medians[:, 0])) * 1000
        name = f"{spin_us} us (measured: {added_us:.0f} us) found"
        if spin_us >= MUST_BE_FOUND_US:
            figures.append(at_least(name, 100 * share, FOUND_PERCENT, " %"))
        else:
            figures.append(Figure(name, f"{100 * share:.3g} %"))
    return Result("sensitivity", "Is a small difference found?", tuple(figures))


def _found_shares(medians: Matrix) -> list[float]:
    """Return the share of resamples in which each arm is found slower, after Holm."""
    random = np.random.default_rng(SEED)
    found = np.zeros(medians.shape[1] - 1)
    for _ in range(RESAMPLES):
        blocks = medians[random.choice(len(medians), BLOCKS_EACH, replace=False)]
        differences = (blocks[:, 1:] - blocks[:, :1]).T
        adjusted = holm.adjusted([p_value(sample) for sample in differences])
        slower = [estimate(sample.tolist()).value > 0 for sample in differences]
        found += [p < SIGNIFICANT and s for p, s in zip(adjusted, slower, strict=True)]
    return [float(count) / RESAMPLES for count in found]
