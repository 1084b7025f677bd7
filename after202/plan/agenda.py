"""What a run has still to measure, batch by batch; later batches depend on earlier results."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from after202.kernel.errors import UsageError
from after202.plan import comparisons, pressures, probes, repeats
from after202.plan.catalogue import Catalogue
from after202.records.experiment import Arm, ServiceLevel
from after202.records.folder import RunFolder, TrialFolder
from after202.records.run import INTERRUPTED
from after202.records.trial import Episode, Probe, Trial

if TYPE_CHECKING:
    from after202.records.trial_record import TrialRecord

# Whether a stored probe kept a level of service; None if it cannot tell.
Judge = Callable[[TrialFolder, ServiceLevel], bool | None]

# How many jobs per second were done in a stored trial; None if it does not show that.
Rate = Callable[[TrialFolder], float | None]


@dataclass(frozen=True)
class Batch:
    """Trials that are up together: one alone, a block that takes turns, or episodes.

    At most `at_once` of them are up at the same time. `anywhere` lets them run on any processor,
    because their outcomes do not depend on speed.
    """

    trials: tuple[Trial, ...]
    at_once: int = 1
    anywhere: bool = False


class Agenda:
    """Yields the rest of a run; store every trial of a batch before asking for the next batch.

    Comparisons and probes come first. Once every planned trial is stored, the trials that follow
    from them are planned and added to the run's record: the next probes of the search for the
    capacity, comparisons at a share of it, overloads at a multiple of it, and repeats
    of blocks that had an invalid trial.
    """

    def __init__(
        self, folder: RunFolder, judge: Judge | None = None, done_per_s: Rate | None = None
    ) -> None:
        """Read the run's plan.

        A profile that searches for a capacity needs a `judge`, and one whose bursts show it needs
        `done_per_s`.
        """
        self._folder = folder
        self._record = folder.read()
        self._catalogue = Catalogue(self._record.strategies)
        self._judge = judge
        self._done_per_s = done_per_s
        self._stored: dict[str, TrialRecord] = {}
        self._met = cache(self._kept_level)

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches until nothing is left and nothing follows."""
        while self._extended():
            yield self._next()

    @property
    def is_done(self) -> bool:
        """Whether every planned trial is stored and no other follows."""
        return not self._extended()

    def _left(self) -> list[Trial]:
        """Return the planned trials that are not stored; read each stored one only once."""
        left = []
        for trial in self._record.planned:
            if trial.id in self._stored:
                continue
            if (stored := self._folder.trial(trial.id)).is_stored:
                self._stored[trial.id] = stored.read()
            else:
                left.append(trial)
        return left

    def _next(self) -> Batch:
        left = self._left()
        alone = [trial for trial in left if not isinstance(trial, Episode)]
        if not alone:
            return Batch(tuple(left), self._record.profile.side_by_side, anywhere=True)
        first = alone[0]
        if first.turns == 1:
            return Batch((first,))
        block = (first.block, first.arm.condition)
        together = tuple(t for t in alone if (t.block, t.arm.condition) == block)
        return Batch(together, at_once=len(together))

    def _extended(self) -> bool:
        """Return whether any trial is left; once all are stored, plan those that follow first."""
        if self._left():
            return True
        more = self._following()
        if more:
            planned = (*self._record.planned, *more)
            changed = {"planned": planned, "ended": INTERRUPTED}
            # Read the record again: the measurement of overheads, for example, writes to it too.
            self._record = self._folder.write(self._folder.read().model_copy(update=changed))
        return bool(more)

    def _following(self) -> Sequence[Trial]:
        profile, planned, known = self._record.profile, self._record.planned, self._catalogue
        return (
            probes.probes(profile, known, planned, self._met)
            or comparisons.shares(profile, known, planned, self._searched_per_s)
            or pressures.overloads(profile, known, planned, self._capacity_per_s)
            or repeats.repeats(planned, self._stored, profile.repeats)
        )

    def _searched_per_s(self, arm: Arm) -> float:
        """Return the capacity of an arm's strategy and variant that the search shows."""
        wanted = self._record.profile.capacity
        if wanted is None:
            raise UsageError("a share of the capacity needs a [capacity] to be a share of")
        found = probes.capacity_per_s(wanted, self._record.planned, arm, self._met)
        return found or probes.LOWEST_PER_S

    def _capacity_per_s(self, arm: Arm) -> float | None:
        """Return an arm's capacity: that of the search, or else its median rate in its bursts.

        None if neither shows it.
        """
        profile, planned = self._record.profile, self._record.planned
        if profile.capacity is not None and profile.capacity.workload == arm.workload:
            return probes.capacity_per_s(profile.capacity, planned, arm, self._met)
        if self._done_per_s is None:
            raise UsageError("a profile whose bursts show a capacity needs a reader of them")
        folders = [self._folder.trial(one.id) for one in pressures.bursts(planned, arm)]
        rates = [rate for folder in folders if (rate := self._done_per_s(folder))]
        return float(f"{median(rates):.3g}") if rates else None

    def _kept_level(self, probe: Probe) -> bool | None:
        level = self._record.profile.level
        if self._judge is None or level is None:
            raise UsageError("a profile with a [capacity] needs a judge of its probes")
        return self._judge(self._folder.trial(probe.id), level)
