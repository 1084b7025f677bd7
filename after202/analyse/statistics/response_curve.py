"""The rate at which a level of service is kept half of the time, from tries at several rates."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

# Around the capacity, the logarithm of what a probe can take scatters. Poisson arrivals alone make
# that a standard deviation of 1.5 to 10 % (the inverse root of 90 to 4,500 requests in a window),
# the speed of the machine adds some per cent. So the spread, which is the standard deviation times
# the root of 3 over pi, is taken to be 5 %, give or take a factor of e, before anything is tried.
USUAL_SPREAD, LOG_SD = 0.05, 1.0
SPREADS = np.geomspace(0.004, 0.6, 40)
# It is looked for up to a factor of 2 beyond the rates that enclose it, in steps of 0.5 %.
BEYOND, STEP = math.log(2), 0.005
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class ResponseCurve:
    """A level is kept at rate r with probability 1 / (1 + (r / half_per_s) ** (1 / spread)).

    `low_per_s` and `high_per_s` are the ends of the interval of `half_per_s`.
    """

    half_per_s: float
    low_per_s: float
    high_per_s: float
    spread: float

    def kept_at(self, rates: Values) -> Values:
        """Return the probability that the level is kept at each of the rates."""
        kept: Values = _logistic(np.log(self.half_per_s / rates) / self.spread)
        return kept


def fit(answers: Iterable[tuple[float, bool]], confidence: float = 0.95) -> ResponseCurve | None:
    """Fit the curve to pairs of a rate and whether the level was kept there.

    It is the Bayesian fit of a psychometric function on a grid (Kuss, Jäkel and Wichmann 2005):
    logistic in the logarithm of the rate, a flat prior on the logarithm of the threshold, a
    log-normal one on the spread. By the likelihood principle it does not matter that each rate was
    chosen by the answers before it. The prior keeps the interval from collapsing where all answers
    agree with a sharp limit, which a maximum of the likelihood would take for certainty. Estimates
    are posterior medians; the interval has equal tails. None unless some tries kept the level and
    others missed it.
    """
    rates, kept = _columns(answers)
    if kept.all() or not kept.any():
        return None
    ends = rates[kept].max(), rates[~kept].min()
    halves = np.arange(min(ends) - BEYOND, max(ends) + BEYOND, STEP)
    posterior = _posterior(halves, rates, kept)
    tail = (1 - confidence) / 2
    low, half, high = np.exp(_quantiles(halves, posterior.sum(axis=1), (tail, 0.5, 1 - tail)))
    (spread,) = np.exp(_quantiles(np.log(SPREADS), posterior.sum(axis=0), (0.5,)))
    return ResponseCurve(float(half), float(low), float(high), float(spread))


def _columns(
    answers: Iterable[tuple[float, bool]],
) -> tuple[Values, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    pairs = list(answers)
    return np.log([rate for rate, _ in pairs]), np.array([kept for _, kept in pairs], bool)


def _posterior(
    halves: Values, rates: Values, kept: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Return the weight of each pair of a threshold and a spread; rates are logarithms."""
    logits = (halves[:, None, None] - rates) / SPREADS[:, None]
    likelihood = -np.logaddexp(0, np.where(kept, -logits, logits)).sum(axis=2)
    prior = -0.5 * (np.log(SPREADS / USUAL_SPREAD) / LOG_SD) ** 2
    weight = likelihood + prior
    return np.asarray(np.exp(weight - weight.max()))


def _quantiles(values: Values, weights: Values, at: tuple[float, ...]) -> Values:
    cumulative = np.cumsum(weights)
    return np.interp(at, cumulative / cumulative[-1], values)


def _logistic(logits: Values) -> Values:
    return 1 / (1 + np.exp(-logits))
