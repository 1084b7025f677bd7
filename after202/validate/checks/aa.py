"""A/A check: how often identical arms are reported as different."""

from random import Random

import numpy as np
from scipy import stats

from after202.analyse.statistics import holm
from after202.analyse.statistics.difference import SIGNIFICANT, Difference, decide
from after202.analyse.statistics.hodges_lehmann import estimate, p_value
from after202.validate.result import Context, Figure, Result, at_most
from after202.validate.trials import Matrix, measured, medians_ms, profile

ARMS, BLOCKS, WINDOW_S, TURNS = 6, 12, 1.2, 5
BLOCKS_EACH, COMPARISONS, RESAMPLES = 8, 4, 500
MOST_BY_WILCOXON, MOST_BY_VERDICT = 0.05, 0.02
SEED = 202


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
    by_wilcoxon, by_verdict = _drawn_again(np.log(medians))
    return Result(
        "aa",
        "Are identical arms reported as different?",
        (
            Figure("trials", str(medians.size)),
            at_most("called different by Wilcoxon", 100 * by_wilcoxon, 5, " %"),
            at_most("called different by the verdict", 100 * by_verdict, 2, " %"),
            _as_labelled(np.log(medians)),
        ),
    )


def _drawn_again(logs: Matrix) -> tuple[float, float]:
    """Return the shares reported as different, by the test alone and by the whole verdict."""
    random = np.random.default_rng(SEED)
    significant = different = 0
    for _ in range(RESAMPLES):
        blocks = random.choice(len(logs), BLOCKS_EACH, replace=False)
        drawn = random.permuted(logs[blocks], axis=1)
        ratios = (drawn[:, 1 : COMPARISONS + 1] - drawn[:, :1]).T
        p_values = [p_value(sample) for sample in ratios]
        significant += sum(p < SIGNIFICANT for p in p_values)
        for sample, p_holm in zip(ratios, holm.adjusted(p_values), strict=True):
            different += _verdict(sample, p_holm) in (Difference.FASTER, Difference.SLOWER)
    comparisons = RESAMPLES * COMPARISONS
    return significant / comparisons, different / comparisons


def _verdict(sample: "np.ndarray[tuple[int], np.dtype[np.float64]]", p_holm: float) -> Difference:
    value = estimate(sample.tolist()).value
    return decide(value, estimate(sample.tolist(), confidence=0.90), p_holm, 0.5)


def _as_labelled(logs: Matrix) -> Figure:
    """Judge pairs of arms that share no trial: no more may differ than chance allows."""
    order = list(range(logs.shape[1]))
    Random(SEED).shuffle(order)  # noqa: S311 - a draw that can be repeated is the point
    pairs = list(zip(order[::2], order[1::2], strict=False))
    found = sum(p_value((logs[:, a] - logs[:, b]).tolist()) < SIGNIFICANT for a, b in pairs)
    most = int(stats.binom.ppf(0.99, len(pairs), SIGNIFICANT))
    text = f"{found} of {len(pairs)} pairs differ"
    return Figure("arms as labelled", text, f"at most {most}", found <= most)
