"""Whether an arm is faster or slower in a second run, from its samples in both."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from after202.analyse.changes.samples import Samples, finite
from after202.analyse.statistics import power, two_samples
from after202.analyse.statistics.difference import Difference, Shift, decide
from after202.analyse.statistics.shifted import Shifted, ratio_of
from after202.records.design import SIGNIFICANT

TOO_FEW = "too few trials"
DECIDED = (Difference.FASTER, Difference.SLOWER)


@dataclass(frozen=True)
class Change(Shifted):
    """The result for one arm, metric and quantile: how far the second run is from the first.

    `p` is that of the times alone, `p_holm` that of the times beside their control. `doubts` are
    reasons why a difference may be the hour's, or the run's, and not the arm's.
    """

    samples: Samples
    p: float
    p_holm: float
    detectable_ratio: float
    doubts: tuple[str, ...] = ()

    @property
    def verdict(self) -> Difference:
        """The verdict on the times alone, by the regions of practical equivalence within a run."""
        scales = [self.shift_ms] if self.log_ratio is None else [self.shift_ms, self.log_ratio]
        return decide(scales, self.p)

    @property
    def is_beyond_doubt(self) -> bool:
        """Whether the second run is faster or slower, and nothing else explains it."""
        return self.verdict in DECIDED and not self.doubts

    @property
    def word(self) -> str:
        """The verdict as a word."""
        return TOO_FEW if self.verdict is Difference.TOO_FEW else str(self.verdict)

    @property
    def said(self) -> str:
        """The verdict in words, with what stands against it."""
        against = self.doubts if self.verdict in DECIDED else ()
        return f"{self.word}, but {'; '.join(against)}" if against else self.word


def judged(found: Samples, p_holm: float, tests: int, untrusted: tuple[str, ...]) -> Change:
    """Judge one comparison; `untrusted` are doubts about the runs themselves."""
    shift_ms, beside = found.shift_ms, found.beside
    return Change(
        shift_ms,
        found.log_ratio,
        found,
        two_samples.p_value(finite(found.after_ms), finite(found.before_ms)),
        p_holm,
        _detectable_ratio(found, beside, tests),
        (*_alike(found, shift_ms, beside, p_holm), *untrusted),
    )


def _detectable_ratio(found: Samples, beside: Shift | None, tests: int) -> float:
    spread = power.scatter(beside.values) if beside else None
    if spread is None:
        return math.inf
    sizes = len(found.before_beside), len(found.after_beside)
    return ratio_of(power.detectable_between(spread, *sizes, tests))


def _alike(found: Samples, shift_ms: Shift, beside: Shift | None, p_holm: float) -> Iterator[str]:
    """Yield that the control may have changed as much, unless it is shown that it did not.

    That is shown if the arm has changed beside its control: in the same direction, by more than is
    practically equal, and beyond what Holm's correction leaves to chance.
    """
    if beside is None:
        yield "nothing beside it tells whether the hour was slower"
    elif (
        p_holm >= SIGNIFICANT
        or not beside.is_relevant
        or beside.found.value * shift_ms.found.value <= 0
    ):
        yield f"{found.control} may have changed as much"
