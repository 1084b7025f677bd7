"""Whether a trial's times drift: its first half against its second."""

import numpy as np
from scipy import stats

LEAST_PER_HALF = 8
LEVEL = 0.01
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def drifts(values: Values) -> bool:
    """Return whether the two halves differ, by Mann and Whitney's test (1947) at 1 %.

    `values` are in the order in which requests fell due. One in a hundred trials without drift
    is flagged by chance. Fewer than 16 values are never flagged.
    """
    half = len(values) // 2
    if half < LEAST_PER_HALF:
        return False
    first, second = values[:half], values[half:]
    return bool(stats.mannwhitneyu(first, second).pvalue < LEVEL)
