"""Whether accepted work fares worse in a second run: episodes by what befell their jobs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from scipy import stats

from after202.analyse.jobs.guarantees import Seen
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run
from after202.analyse.summaries import Summary
from after202.analyse.tables import Cell, cells
from after202.records.design import SIGNIFICANT
from after202.records.experiment import NO_FAULT


class Mishap(StrEnum):
    """What can befall a job that should be accepted, and done once."""

    LOST = "lost"
    DOUBLED = "begun twice"
    FAILED = "failed visibly"
    REFUSED = "not accepted"


class Fate(StrEnum):
    """What a second run shows of a mishap, compared with a first."""

    WORSE = "more often"
    BETTER = "less often"
    OPEN = "may be chance"
    SAME = "as before"


# Without a fault nothing takes a job away, or does it again: once is enough.
NEVER_BY_CHANCE = (Mishap.LOST, Mishap.DOUBLED)
NOT_ACCEPTED = (
    OutcomeClass.REFUSED, OutcomeClass.EXECUTED_THOUGH_REFUSED, OutcomeClass.UNKNOWN,
    OutcomeClass.RECOVERED, OutcomeClass.ORPHANED,
)  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """In how many trials of one run it befell a job, of how many that tell, and how many jobs."""

    bad: int
    trials: int
    jobs: int

    def __str__(self) -> str:
        """Return the trials in one phrase."""
        return f"{self.bad} of {self.trials}"

    @property
    def share(self) -> float:
        """The share of trials in which it befell a job."""
        return self.bad / self.trials


@dataclass(frozen=True)
class Tallies:
    """One mishap in the trials and episodes that both runs have of a cell."""

    cell: Cell
    mishap: Mishap
    before: Tally
    after: Tally

    @property
    def p_value(self) -> float:
        """The two-sided p of Fisher's exact test (1935), before correction."""
        return _fisher(self.before.bad, self.after.bad, self.before.trials, self.after.trials)

    @property
    def least_p(self) -> float:
        """The smallest p with as many bad trials in all, however the runs share them."""
        bad, n, m = self.before.bad + self.after.bad, self.before.trials, self.after.trials
        ends = (max(0, bad - m), min(bad, n))
        return min(_fisher(end, bad - end, n, m) for end in ends)

    @property
    def is_new(self) -> bool:
        """Whether the second run lost or doubled work without a fault, and the first did not."""
        without_fault = self.cell[2] == NO_FAULT and self.mishap in NEVER_BY_CHANCE
        return without_fault and self.after.bad > 0 and not self.before.bad


@dataclass(frozen=True)
class MishapChange:
    """What became of one mishap, with Holm's p over all that is compared."""

    tallies: Tallies
    p_holm: float

    @property
    def fate(self) -> Fate:
        """Whether it befalls jobs more often, less often, or neither can be told."""
        before, after = self.tallies.before.share, self.tallies.after.share
        if before == after:
            return Fate.SAME
        if self.tallies.is_new:
            return Fate.WORSE
        if self.p_holm >= SIGNIFICANT:
            return Fate.OPEN
        return Fate.WORSE if after > before else Fate.BETTER


def tallies(before: Run, after: Run) -> list[Tallies]:
    """Return every mishap in every cell that both runs tell something of."""
    mine, theirs = cells(before), cells(after)
    found = [
        Tallies(cell, mishap, _tally(mishap, mine[cell]), _tally(mishap, theirs[cell]))
        for cell in mine
        if cell in theirs
        for mishap in Mishap
    ]
    return [one for one in found if one.before.trials and one.after.trials]


def _tally(mishap: Mishap, trials: Iterable[Summary]) -> Tally:
    befell = (_befell(mishap, one.seen) for one in trials)
    jobs = [number for number in befell if number is not None]
    return Tally(sum(number > 0 for number in jobs), len(jobs), sum(jobs))


def _befell(mishap: Mishap, seen: Seen) -> int | None:
    """Return how many jobs of a trial it befell; None if the trial does not tell."""
    number, tells = OF[mishap](seen)
    return number if number or tells else None


def _lost(seen: Seen) -> tuple[int, bool]:
    return _counted(seen, OutcomeClass.LOST), seen.tells_of_loss


def _doubled(seen: Seen) -> tuple[int, bool]:
    number = max(_counted(seen, OutcomeClass.DUPLICATED), seen.begun_again)
    return number, seen.known and seen.accepted > 0 and seen.complete


def _failed(seen: Seen) -> tuple[int, bool]:
    return _counted(seen, OutcomeClass.FAILED_VISIBLY), seen.known and seen.accepted > 0


def _not_accepted(seen: Seen) -> tuple[int, bool]:
    return _counted(seen, *NOT_ACCEPTED), seen.known


OF: dict[Mishap, Callable[[Seen], tuple[int, bool]]] = {
    Mishap.LOST: _lost,
    Mishap.DOUBLED: _doubled,
    Mishap.FAILED: _failed,
    Mishap.REFUSED: _not_accepted,
}


def _counted(seen: Seen, *classes: OutcomeClass) -> int:
    return sum(seen.classes.get(one, 0) for one in classes)


@cache
def _fisher(before: int, after: int, n: int, m: int) -> float:
    return float(stats.fisher_exact([[before, n - before], [after, m - after]]).pvalue)


def changed(found: Iterable[MishapChange]) -> Iterator[MishapChange]:
    """Yield those whose shares differ."""
    return (one for one in found if one.fate is not Fate.SAME)
