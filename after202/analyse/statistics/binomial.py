"""An upper bound on the share of bad episodes, from their count."""

from scipy import stats


def upper_bound(bad: int, episodes: int, confidence: float = 0.95) -> float:
    """Return the one-sided upper bound on a share (Clopper and Pearson 1934).

    It is 1 if all episodes are bad or there are none.
    """
    if bad >= episodes:
        return 1.0
    return float(stats.beta.ppf(confidence, bad + 1, episodes - bad))
