"""What a count of bad episodes says of the next one."""

from scipy import stats


def upper_bound(bad: int, episodes: int, confidence: float = 0.95) -> float:
    """Return the one-sided upper bound on a share (Clopper and Pearson 1934); 1 without any."""
    if bad >= episodes:
        return 1.0
    return float(stats.beta.ppf(confidence, bad + 1, episodes - bad))
