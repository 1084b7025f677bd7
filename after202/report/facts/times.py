"""Times and verdicts, by strategy, load, metric and quantile."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from after202.analyse.findings.finding import CONTROL
from after202.analyse.statistics.difference import EQUIVALENCE_MS, Difference
from after202.records.experiment import Condition
from after202.report.facts.names import Who
from after202.report.facts.tables import Row, condition_of, who_of

ANSWER, DONE = "response", "completion"
DIFFERENT = (str(Difference.FASTER), str(Difference.SLOWER))
# A size that one block rarely errs by, where there are too few blocks for a verdict.
SIZEABLE = 1.25
Key = tuple[Who, Condition, str, float]


@dataclass(frozen=True)
class Estimate:
    """A time in ms with its interval, over some trials."""

    ms: float
    low_ms: float | None
    high_ms: float | None
    trials: int


@dataclass(frozen=True)
class Judged:
    """A time beside the baseline's in the same blocks: the difference, the ratio, the verdict."""

    ms: float
    low_ms: float | None
    high_ms: float | None
    ratio: float | None
    low: float | None
    high: float | None
    verdict: str
    blocks: int

    @property
    def is_told_apart(self) -> bool:
        """Whether it differs: by its verdict, or where there is none by a size of some blocks."""
        if self.verdict != Difference.TOO_FEW:
            return self.verdict in DIFFERENT
        if self.ratio is None or abs(self.ms) <= EQUIVALENCE_MS[0.5]:
            return False
        return math.isinf(self.ratio) or max(self.ratio, 1 / max(self.ratio, 1e-9)) >= SIZEABLE

    @property
    def is_sooner(self) -> bool:
        """Whether it is told apart, and is the sooner of the two."""
        return self.is_told_apart and self.ms < 0


@dataclass(frozen=True)
class Control:
    """The baseline beside its own copy: a live A/A test."""

    condition: Condition
    metric: str
    quantile: float
    judged: Judged

    @property
    def is_the_same(self) -> bool:
        """Whether the two are shown to be the same."""
        return self.judged.verdict == CONTROL[Difference.SAME]

    @property
    def is_different(self) -> bool:
        """Whether the two are told apart, which they must not be."""
        return self.judged.verdict == CONTROL[Difference.SLOWER]


def estimates(rows: Sequence[Row]) -> dict[Key, Estimate]:
    """Return the times of `latency.csv`."""
    return {
        (who, condition_of(row), row["metric"], row["quantile"]): Estimate(
            row["estimate_ms"], row["low_ms"], row["high_ms"], row["trials"]
        )
        for row in rows
        if (who := who_of(row)) and row["estimate_ms"] is not None
    }


def verdicts(rows: Sequence[Row]) -> dict[Key, Judged]:
    """Return the verdicts of `verdicts.csv`, without those of the A/A test."""
    return {
        (Who(*row["strategy"].split(" ", 1)), condition_of(row), row["metric"], row["quantile"]):
        _judged(row)
        for row in rows
        if "#" not in row["strategy"]
    }  # fmt: skip


def controls(rows: Sequence[Row]) -> list[Control]:
    """Return the live A/A tests of `verdicts.csv`."""
    return [
        Control(condition_of(row), row["metric"], row["quantile"], _judged(row))
        for row in rows
        if "#" in row["strategy"]
    ]


def _judged(row: Row) -> Judged:
    return Judged(
        row["difference_ms"], row["difference_low_ms"], row["difference_high_ms"], row["ratio"],
        row["low"], row["high"], row["verdict"], row["blocks"],
    )  # fmt: skip
