"""A/A check: identical arms, as labelled, in the design of `quick`."""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from after202.analyse.statistics import hodges_lehmann
from after202.records.design import SIGNIFICANT
from after202.validate import labels
from after202.validate.labels import Numbers
from after202.validate.result import Context, Figure, Result, at_least, at_most
from after202.validate.trials import Matrix, measured, medians_ms, places, shipped

ARMS, SESSIONS = 4, 2
MOST_SLOWDOWN_PERCENT = 10
LEAST_BLOCKS = 6
DRAWS = 500
# The test's 5 %, and what that many draws may add.
MOST_DRAWN_PERCENT = 7


def check(context: Context) -> Result:
    """Measure four copies of quick's baseline as `quick` would, twice."""
    return judge(*measure(context))


def measure(context: Context, instead: Sequence[str] = ()) -> tuple[Matrix, Matrix]:
    """Return the p50 of each arm (column) in each block (row), in ms, and its place in the block.

    Strategies `instead` take the places of as many copies.
    """
    rows = []
    for session in range(SESSIONS):
        chosen = shipped(copies=ARMS - len(instead), beside=instead, session=session)
        run = measured(f"validate-aa-{session + 1}", chosen, context)
        rows.append((medians_ms(run, run.arms()), places(run, run.arms())))
    medians, placed = (np.vstack(parts) for parts in zip(*rows, strict=True))
    return medians, placed


def judge(medians: Matrix, placed: Matrix) -> Result:
    """Judge identical arms (columns) over blocks (rows), as labelled; each test is at 1 %.

    Medians are in ms. A matrix with too much scatter to show an arm that is 10 % slower cannot
    tell, and does not pass.
    """
    question = "Are identical arms called different, and would a slower one be?"
    if len(medians) < LEAST_BLOCKS:
        return Result("aa", question, (at_least("blocks", len(medians), LEAST_BLOCKS),))
    logs = np.log(medians)
    by_place = np.take_along_axis(logs, np.argsort(placed, axis=1), axis=1)
    return Result(
        "aa",
        question,
        (
            Figure("trials", f"{medians.size}, in {len(medians)} blocks"),
            _tested("arms as labelled", labels.p_value(logs)),
            *_pairs(medians),
            _tested("places within a block", labels.p_value(by_place)),
            _caught(labels.smallest_caught_percent(logs)),
        ),
    )


def _tested(name: str, p: float) -> Figure:
    differ = p < labels.LEVEL
    text = f"{'different' if differ else 'no difference seen'}, p = {p:.3g}"
    return Figure(name, text, f"p at least {labels.LEVEL:g}", not differ)


def _pairs(medians: Matrix) -> tuple[Figure, Figure]:
    """Judge how many pairs differ by a report's test: at its level if labels are drawn again.

    As labelled, pairs share arms, so the draws say how many may differ by chance.
    """
    pairs = list(combinations(range(medians.shape[1]), 2))

    def differing(values: Numbers) -> int:
        p_values = (
            hodges_lehmann.p_value((values[:, a] - values[:, b]).tolist()) for a, b in pairs
        )
        return sum(p < SIGNIFICANT for p in p_values)

    found = differing(medians)
    counts = [differing(drawn) for drawn in labels.drawn_again(medians, DRAWS)]
    percent = 100 * float(np.mean(counts)) / len(pairs)
    most = int(np.quantile(counts, 1 - labels.LEVEL, method="inverted_cdf"))
    text = f"{found} of {len(pairs)}"
    return (
        Figure("pairs called different", text, f"at most {most}", found <= most),
        at_most("the same with labels drawn again", percent, MOST_DRAWN_PERCENT, " %"),
    )


def _caught(percent: float) -> Figure:
    enough = percent <= MOST_SLOWDOWN_PERCENT
    shown = f"{percent:g} %" if percent < math.inf else f"more than {labels.MOST_PERCENT} %"
    text = shown if enough else f"cannot tell: {shown}"
    goal = f"at most {MOST_SLOWDOWN_PERCENT} %"
    return Figure("slowdown of one arm caught with 95 % probability", text, goal, enough)
