"""A run as read from its folder: a summary of each trial, and the capacities that were found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from after202.analyse.jobs.table import Keep
from after202.analyse.summaries import Summary, summaries
from after202.analyse.trials.comparison import ComparisonSummary
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.pressure import PressureSummary
from after202.analyse.trials.probe import Capacity, ProbeSummary, capacity, read_probe
from after202.records.experiment import Arm, Condition
from after202.records.folder import RunFolder
from after202.records.run import RunRecord
from after202.records.trial import Comparison, Probe, Trial


@dataclass(frozen=True)
class Run:
    """A run as read from its folder."""

    folder: RunFolder
    record: RunRecord
    comparisons: tuple[ComparisonSummary, ...]
    capacities: tuple[Capacity, ...] = ()
    episodes: tuple[EpisodeSummary, ...] = ()
    pressures: tuple[PressureSummary, ...] = ()

    @property
    def all(self) -> tuple[Summary, ...]:
        """The trials of comparisons, the episodes, and the pressure trials."""
        return (*self.comparisons, *self.episodes, *self.pressures)

    @property
    def timed(self) -> tuple[ComparisonSummary | PressureSummary, ...]:
        """The trials whose times count: of comparisons, leg by leg, and under pressure."""
        return (*self.comparisons, *self.pressures)

    @property
    def missing(self) -> int:
        """How many planned trials are not stored."""
        probes = sum(len(found.probes) for found in self.capacities)
        return len(self.record.planned) - self.stored - probes

    @property
    def stored(self) -> int:
        """How many trials are stored, probes aside."""
        return len({one.record.trial.id for one in self.all})

    def conditions(self) -> list[Condition]:
        """Return the workloads and rates in the order of the plan."""
        return list(dict.fromkeys(leg.arm.condition for leg in self.compared))

    @property
    def compared(self) -> list[Comparison]:
        """The planned trials of comparisons, leg by leg."""
        planned = (one for one in self.record.planned if isinstance(one, Comparison))
        return [leg for trial in planned for leg in trial.legs]

    def measured_conditions(self) -> list[Condition]:
        """Return the conditions that have a valid trial."""
        valid = {t.record.trial.arm.condition for t in self.comparisons if t.valid}
        return [condition for condition in self.conditions() if condition in valid]

    def arms(self, condition: Condition | None = None) -> list[Arm]:
        """Return the arms that were measured: by condition, the baseline first, its copies last."""
        found = {t.record.trial.arm for t in self.comparisons}
        mine = [arm for arm in found if condition in (None, arm.condition)]
        order = {condition: number for number, condition in enumerate(self.conditions())}
        return sorted(
            mine, key=lambda a: (order[a.condition], a.is_copy, not self._leads(a), a.label)
        )

    def labels(self) -> list[str]:
        """Return the arms' labels in the same order, each once."""
        arms = sorted(self.arms(), key=lambda a: (a.is_copy, not self._leads(a), a.label))
        return list(dict.fromkeys(arm.label for arm in arms))

    def baseline(self, condition: Condition) -> Arm:
        """Return the arm that the others of a condition are compared with."""
        return self.record.profile.arm(*self._baseline, condition)

    @property
    def _baseline(self) -> tuple[str, str]:
        return self.record.profile.baseline, self.record.profile.variants[0]

    def without_gates(self) -> "Run":
        """Return the run as if every trial that has times were valid."""
        measured = (replace(t, reasons=()) if t.quantiles_ms else t for t in self.comparisons)
        return replace(self, comparisons=tuple(measured))

    def only_episodes(self) -> "Run":
        """Return the run with its episodes alone."""
        return replace(self, comparisons=(), pressures=())

    def only_comparisons(self) -> "Run":
        """Return the run with its comparisons alone."""
        return replace(self, episodes=(), pressures=())

    def _leads(self, arm: Arm) -> bool:
        return (arm.strategy, arm.variant) == self._baseline

    def of(self, arm: Arm) -> list[ComparisonSummary]:
        """Return an arm's valid trials."""
        return [
            trial for trial in self.comparisons if trial.valid and trial.record.trial.arm == arm
        ]


def read(folder: RunFolder, keep: Keep | None = None) -> Run:
    """Read a run's folder; pass each trial's classified jobs to `keep`, and then drop them."""
    record = folder.read()
    found = list(summaries(folder, record, keep))
    compared = [one for one in found if isinstance(one, ComparisonSummary)]
    return Run(
        folder,
        record,
        comparisons=tuple(_without_replaced(record.planned, compared)),
        capacities=tuple(_capacities(folder, record)),
        episodes=tuple(one for one in found if isinstance(one, EpisodeSummary)),
        pressures=tuple(one for one in found if isinstance(one, PressureSummary)),
    )


def _capacities(folder: RunFolder, record: RunRecord) -> Iterator[Capacity]:
    """Yield the capacity that each arm's probes show."""
    wanted = record.profile.capacity
    if wanted is None:
        return
    arms: dict[Arm, list[ProbeSummary]] = {}
    for trial in record.planned:
        place = folder.trial(trial.id)
        if isinstance(trial, Probe) and place.is_stored:
            arm = trial.arm.model_copy(update={"rate_per_s": 0.0})
            arms.setdefault(arm, []).append(read_probe(place, wanted.level))
    for arm, probes in arms.items():
        yield capacity(arm, tuple(probes), wanted.confirmations)


def _without_replaced(
    planned: Sequence[Trial], found: list[ComparisonSummary]
) -> Iterator[ComparisonSummary]:
    """Reject each trial of a block that was run again, if all trials of the repeat are valid."""
    invalid = {summary.record.trial.id for summary in found if not summary.valid}
    valid = {summary.record.trial.id for summary in found} - invalid
    again: dict[tuple[Condition, int | None], bool] = {}
    for trial in planned:
        for leg in trial.legs if isinstance(trial, Comparison) else ():
            key = (leg.arm.condition, leg.repeats)
            again[key] = again.get(key, True) and leg.id in valid
    for summary in found:
        trial = summary.record.trial
        if again.get((trial.arm.condition, trial.block)):
            yield replace(summary, reasons=(*summary.reasons, "its whole block was run again"))
        else:
            yield summary
