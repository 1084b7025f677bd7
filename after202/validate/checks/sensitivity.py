"""Sensitivity: how small a known difference is still found, in the design of `quick`."""

from collections.abc import Sequence

import numpy as np

from after202.analyse.statistics.hodges_lehmann import estimate
from after202.records.design import SIGNIFICANT
from after202.validate.result import Context, Figure, Result, at_most
from after202.validate.trials import (
    Matrix,
    family,
    measured,
    medians_ms,
    shipped,
    spinning,
)

SPINS_US = (0, 100, 300, 1000)
SESSIONS = 2
MUST_BE_FOUND_US = 300
MOST_US = 300.0
SIMULATIONS, FOUND = 2000, 0.95
SEED = 202


def check(context: Context) -> Result:
    """Measure arms that spin for 0 to 1,000 us in sessions of quick's number of blocks."""
    sessions = []
    for session in range(SESSIONS):
        chosen = spinning(shipped(copies=1, session=session), SPINS_US)
        run = measured(f"validate-sensitivity-{session + 1}", chosen, context)
        arms = sorted(run.arms(), key=lambda arm: int(arm.variant))
        sessions.append(medians_ms(run, arms))
    return judge(sessions, family())


def judge(sessions: Sequence[Matrix], tests: int) -> Result:
    """Judge sessions of medians in ms: rows are blocks, columns arms in order of their spins.

    A difference counts as found as in the first of Holm's `tests` tests, the strictest.
    """
    confidence = 1 - SIGNIFICANT / tests
    added_ms = [session[:, 1:] - session[:, :1] for session in sessions]
    figures = [Figure("sessions", f"{len(added_ms)}, of {_listed(map(len, added_ms))} blocks")]
    if min(map(len, added_ms)) < 2:
        figures.append(Figure("found", "cannot tell", "two blocks in each session", passed=False))
        return Result("sensitivity", "Is a small difference found?", tuple(figures))
    base_ms = float(np.median(np.vstack(sessions)[:, 0]))
    figures.append(Figure("p50 without a difference", f"{base_ms:.3f} ms"))
    for column, spin_us in enumerate(SPINS_US[1:]):
        found = sum(_lowest(session[:, column], confidence) > 0 for session in added_ms)
        text = f"{found} of {len(added_ms)}"
        must = spin_us >= MUST_BE_FOUND_US
        passed = found == len(added_ms) if must else None
        figures.append(Figure(f"{spin_us} us found in sessions", text, "all" * must, passed))
    smallest_ms = smallest_found(added_ms, confidence)
    name = "smallest difference found in 95 % of sessions"
    figures.append(at_most(name, smallest_ms * 1000, MOST_US, " us"))
    figures.append(Figure("the same as a share of the p50", f"{smallest_ms / base_ms:.0%}"))
    return Result("sensitivity", "Is a small difference found?", tuple(figures))


def smallest_found(sessions: Sequence[Matrix], confidence: float) -> float:
    """Return by how many ms an arm must be slower to be found in 95 % of sessions like these.

    Simulated sessions have blocks drawn from the scatter within the measured ones, and differ by a
    normal deviation whose variance is that of the sessions' means beyond what their blocks explain.
    It is estimated from few sessions of one hour, so differences between hours are not in it.
    """
    random, blocks = np.random.default_rng(SEED), min(map(len, sessions))
    centred = [_residuals(session) for session in sessions]
    means = np.array([session.mean(axis=0) for session in sessions])
    within = float(np.mean([residuals.var() for residuals in centred]))
    apart = float(means.var(axis=0, ddof=1).mean()) if len(means) > 1 else 0.0
    between = max(apart - within / blocks, 0.0) ** 0.5
    needed = []
    for _ in range(SIMULATIONS):
        residuals = centred[random.integers(len(centred))]
        column = residuals[:, random.integers(residuals.shape[1])]
        simulated = random.choice(column, blocks) + random.normal(0, between)
        # The test finds a difference if it lifts the interval's lower end above 0.
        needed.append(-_lowest(simulated, confidence))
    return float(np.quantile(needed, FOUND))


def _residuals(session: Matrix) -> Matrix:
    """Return a session's differences less their means, with the variance that blocks have."""
    residuals: Matrix = (session - session.mean(axis=0)) * (
        len(session) / (len(session) - 1)
    ) ** 0.5
    return residuals


def _lowest(
    differences: "np.ndarray[tuple[int], np.dtype[np.float64]]", confidence: float
) -> float:
    """Return the lower end of the interval; minus infinity with too few blocks for one."""
    low = estimate(differences.tolist(), confidence).low
    return -np.inf if low is None else low


def _listed(counts: "map[int]") -> str:
    return " and ".join(map(str, counts))
