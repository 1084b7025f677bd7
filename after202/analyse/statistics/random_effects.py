"""A random-effects estimate: what sessions have in common, and by how much they differ.

Sessions' estimates differ by more than their own scatter explains, because the machine of another
hour is another machine. The variance between sessions is Paule and Mandel's estimate (1982); the
interval is Hartung and Knapp's (2001), Sidik and Jonkman's (2002), never narrower than the usual
one (Rover, Knapp and Friede 2015).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

LEAST_SESSIONS = 2
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class Pooled:
    """The estimate over sessions, on the scale of theirs.

    `between` is the standard deviation between sessions, tau. `inconsistency` is the share of the
    sessions' scatter that their own errors do not explain, I squared (Higgins and Thompson 2002).
    """

    value: float
    error: float
    sessions: int
    between: float
    inconsistency: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval, by Student's t with one degree of freedom less than sessions."""
        reach = float(stats.t.ppf((1 + confidence) / 2, self.sessions - 1)) * self.error
        return self.value - reach, self.value + reach

    @property
    def p_value(self) -> float:
        """The two-sided p of no difference."""
        return float(2 * stats.t.sf(abs(self.value) / self.error, self.sessions - 1))


def pooled(estimates: Sequence[float], errors: Sequence[float]) -> Pooled:
    """Pool sessions' estimates with their standard errors; ValueError for fewer than two."""
    if len(estimates) < LEAST_SESSIONS:
        raise ValueError("pooling needs two sessions or more")
    values, variances = np.asarray(estimates, float), np.asarray(errors, float) ** 2
    # Where all blocks agree to the last digit, a session's own error would be 0.
    variances = np.maximum(variances, np.finfo(float).tiny + 1e-12 * values**2)
    freedom = len(values) - 1

    def excess(tau2: float) -> float:
        return _spread(values, variances + tau2) - freedom

    tau2 = _root(excess)
    weights = 1 / (variances + tau2)
    value = float(np.average(values, weights=weights))
    scale = max(1.0, _spread(values, variances + tau2) / freedom)
    explained = _spread(values, variances)
    return Pooled(
        value=value,
        error=math.sqrt(scale / float(weights.sum())),
        sessions=len(values),
        between=math.sqrt(tau2),
        inconsistency=max(0.0, 1 - freedom / explained) if explained else 0.0,
    )


def _spread(values: Values, variances: Values) -> float:
    """Return Cochran's Q: the weighted squares of the deviations from the weighted mean."""
    deviations = values - np.average(values, weights=1 / variances)
    return float((deviations**2 / variances).sum())


def _root(excess: Callable[[float], float]) -> float:
    """Return where a falling function is 0; 0 if it is nowhere above."""
    if excess(0.0) <= 0:
        return 0.0
    high = 1e-12
    while excess(high) > 0:
        high *= 4
    return float(optimize.brentq(excess, 0.0, high))
