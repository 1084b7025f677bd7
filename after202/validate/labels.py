"""Whether the columns of a matrix differ, as labelled, and what would have been caught.

Under the hypothesis of no difference, any order of a row's values was as likely. Drawing the orders
again gives the exact distribution of any statistic, and so a test of known level.
"""

import numpy as np
from scipy import stats

from after202.validate.trials import Matrix

LEVEL, POWER = 0.01, 0.95
DRAWS, SIMULATIONS = 2000, 1000
MOST_PERCENT = 50
SEED = 202
Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def p_value(logs: Matrix) -> float:
    """Return the p of the hypothesis that no column differs, by `furthest`."""
    drawn = furthest(drawn_again(logs, DRAWS))
    return float(1 + (drawn >= furthest(logs)).sum()) / (1 + DRAWS)


def drawn_again(logs: Matrix, draws: int) -> Numbers:
    """Return the matrix many times, the values of each row in an order drawn at random."""
    random = np.random.default_rng(SEED)
    many: Numbers = random.permuted(np.repeat(logs[None], draws, axis=0), axis=-1)
    return many


def furthest(logs: Numbers) -> Numbers:
    """Return how far the column that is furthest from the others is, in mean aligned ranks.

    Values less their row's median are ranked all together (Hodges and Lehmann 1962), which keeps
    stalls of the machine from deciding. The last two axes are rows and columns.
    """
    aligned = logs - np.median(logs, axis=-1, keepdims=True)
    ranks = stats.rankdata(aligned.reshape(*logs.shape[:-2], -1), axis=-1).reshape(logs.shape)
    means = ranks.mean(axis=-2)
    found: Numbers = np.abs(means - means.mean(axis=-1, keepdims=True)).max(axis=-1)
    return found


def smallest_caught_percent(logs: Matrix) -> float:
    """Return by how many percent one column must be slower to be caught with 95 % probability.

    Simulated with the scatter of the matrix: its residuals without the means of rows and columns,
    of rows drawn with replacement. Infinite if not even 50 % would be caught.
    """
    rows, columns = logs.shape
    if min(rows, columns) < 2:
        return float("inf")
    means = logs.mean(axis=1, keepdims=True) + logs.mean(axis=0, keepdims=True) - logs.mean()
    residuals = (logs - means) * np.sqrt(rows * columns / ((rows - 1) * (columns - 1)))
    random = np.random.default_rng(SEED)
    drawn = residuals[random.integers(rows, size=(SIMULATIONS, rows))]
    simulated: Numbers = random.permuted(drawn, axis=-1)
    critical = np.quantile(furthest(simulated), 1 - LEVEL)
    for percent in range(1, MOST_PERCENT + 1):
        slower = simulated.copy()
        slower[..., 0] += np.log1p(percent / 100)
        if (furthest(slower) > critical).mean() >= POWER:
            return percent
    return float("inf")
