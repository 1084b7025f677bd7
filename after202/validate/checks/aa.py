"""A/A check: how often identical arms are reported as different."""

from random import Random

import numpy as np
from scipy import stats

from after202.analyse.statistics import holm
from after202.analyse.statistics.difference import (
    SIGNIFICANT,
    Difference,
    decide,
    in_ms,
    in_ratio,
)
from after202.analyse.statistics.hodges_lehmann import p_value
from after202.validate.result import Context, Figure, Result, at_most
from after202.validate.trials import Matrix, measured, medians_ms, profile

ARMS, BLOCKS, WINDOW_S, TURNS = 6, 12, 1.2, 5
BLOCKS_EACH, COMPARISONS, RESAMPLES = 8, 4, 500
MOST_BY_WILCOXON, MOST_BY_VERDICT = 0.05, 0.02
SEED = 202
MEDIAN = 0.5
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def check(context: Context) -> Result:
    """Measure six copies of one arm in twelve blocks, and compare them with each other."""
    run = measured("validate-aa", profile((0,), BLOCKS, ARMS, WINDOW_S, TURNS), context)
    return judge(medians_ms(run, run.arms()))


def judge(medians: Matrix) -> Result:
    """Compare identical arms (columns) over blocks (rows) as a report would, many times.

    The plan drew the order of the arms, so within a block any other draw was as likely. Each
    repetition takes eight blocks and draws their labels again. The original labels are judged
    too, because an effect of running one after the other would show there and nowhere else.
    """
    by_wilcoxon, by_verdict = _drawn_again(medians)
    return Result(
        "aa",
        "Are identical arms reported as different?",
        (
            Figure("trials", str(medians.size)),
            at_most("called different by Wilcoxon", 100 * by_wilcoxon, 5, " %"),
            at_most("called different by the verdict", 100 * by_verdict, 2, " %"),
            _as_labelled(medians),
        ),
    )


def _drawn_again(medians: Matrix) -> tuple[float, float]:
    """Return the shares reported as different, by the test alone and by the whole verdict."""
    random = np.random.default_rng(SEED)
    significant = different = 0
    for _ in range(RESAMPLES):
        blocks = random.choice(len(medians), BLOCKS_EACH, replace=False)
        drawn = random.permuted(medians[blocks], axis=1)
        pairs = [_pairs_ms(drawn[:, column], drawn[:, 0]) for column in range(1, COMPARISONS + 1)]
        p_values = [p_value(in_ms(pair, MEDIAN).values) for pair in pairs]
        significant += sum(p < SIGNIFICANT for p in p_values)
        for pair, p_holm in zip(pairs, holm.adjusted(p_values), strict=True):
            verdict = decide([in_ms(pair, MEDIAN), in_ratio(pair, MEDIAN)], p_holm)
            different += verdict in (Difference.FASTER, Difference.SLOWER)
    comparisons = RESAMPLES * COMPARISONS
    return significant / comparisons, different / comparisons


def _pairs_ms(mine: Values, other: Values) -> list[tuple[float, float]]:
    return list(zip(mine.tolist(), other.tolist(), strict=True))


def _as_labelled(medians: Matrix) -> Figure:
    """Judge pairs of arms that share no trial: no more may differ than chance allows."""
    order = list(range(medians.shape[1]))
    Random(SEED).shuffle(order)  # noqa: S311 - a draw that can be repeated is the point
    pairs = list(zip(order[::2], order[1::2], strict=False))
    found = sum(p_value((medians[:, a] - medians[:, b]).tolist()) < SIGNIFICANT for a, b in pairs)
    most = int(stats.binom.ppf(0.99, len(pairs), SIGNIFICANT))
    text = f"{found} of {len(pairs)} pairs differ"
    return Figure("arms as labelled", text, f"at most {most}", found <= most)
