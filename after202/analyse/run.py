"""A run as its folder tells it: what each trial and each episode says.

One trial at a time is held in memory, and the next, which is read ahead.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from after202.analyse.jobs import history
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import Left, OutcomeClass, classify, count
from after202.analyse.jobs.table import Keep
from after202.analyse.trials import comparison as summaries
from after202.analyse.trials import episode as episodes
from after202.analyse.trials.comparison import TrialSummary
from after202.analyse.trials.episode import EpisodeSummary
from after202.analyse.trials.probe import Capacity, Probe, capacity, read_probe
from after202.records.experiment import Arm, Condition, Trial
from after202.records.trial import RunRecord


@dataclass(frozen=True)
class Run:
    """A run as its folder tells it."""

    folder: Path
    record: RunRecord
    trials: tuple[TrialSummary, ...]
    capacities: tuple[Capacity, ...] = ()
    episodes: tuple[EpisodeSummary, ...] = ()

    @property
    def all(self) -> tuple[TrialSummary | EpisodeSummary, ...]:
        """The trials of comparisons, and the episodes."""
        return (*self.trials, *self.episodes)

    @property
    def missing(self) -> int:
        """How many planned trials are not stored."""
        probes = sum(len(found.probes) for found in self.capacities)
        return len(self.record.planned) - len(self.trials) - len(self.episodes) - probes

    def conditions(self) -> list[Condition]:
        """Return the workloads and rates in the order of the plan."""
        compared = [trial for trial in self.record.planned if trial.is_comparison]
        return list(dict.fromkeys(trial.arm.condition for trial in compared))

    def measured_conditions(self) -> list[Condition]:
        """Return those of which there is a valid trial."""
        valid = {t.record.trial.arm.condition for t in self.trials if t.valid}
        return [condition for condition in self.conditions() if condition in valid]

    def arms(self, condition: Condition | None = None) -> list[Arm]:
        """Return the arms that were tried, the baseline first, its copies last."""
        found = {t.record.trial.arm for t in self.trials}
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
        """Return the arm that the others are compared with."""
        return Arm(
            strategy=self.record.baseline,
            variant=self.record.baseline_variant,
            **condition.model_dump(),
        )

    def without_gates(self) -> "Run":
        """Return the run as if every trial that has times were valid."""
        measured = (replace(t, reasons=()) if t.quantiles_ms else t for t in self.trials)
        return replace(self, trials=tuple(measured))

    def _leads(self, arm: Arm) -> bool:
        return (arm.strategy, arm.variant) == (self.record.baseline, self.record.baseline_variant)

    def of(self, arm: Arm) -> list[TrialSummary]:
        """Return an arm's valid trials."""
        return [trial for trial in self.trials if trial.valid and trial.record.trial.arm == arm]


def read(folder: Path, keep: Keep | None = None) -> Run:
    """Read a run's folder; each trial's classified jobs are given to `keep` and then forgotten."""
    record = RunRecord.model_validate_json((folder / "run.json").read_text())
    found = list(_summaries(folder, record, keep))
    trials = [one for one in found if isinstance(one, TrialSummary)]
    compared = tuple(_without_replaced(record.planned, trials))
    struck = tuple(one for one in found if isinstance(one, EpisodeSummary))
    return Run(folder, record, compared, tuple(_capacities(folder, record)), struck)


def _capacities(folder: Path, record: RunRecord) -> Iterator[Capacity]:
    """Yield what each arm's probes show."""
    if record.level is None:
        return
    arms: dict[Arm, list[Probe]] = {}
    for trial in record.planned:
        place = folder / "trials" / trial.id
        if trial.is_probe and (place / "trial.json").exists():
            arm = trial.arm.model_copy(update={"rate_per_s": 0.0})
            arms.setdefault(arm, []).append(read_probe(place, record.level))
    tries = int(record.profile["capacity"]["confirmations"])
    yield from (capacity(arm, tuple(probes), tries) for arm, probes in arms.items())


def _without_replaced(
    planned: Sequence[Trial], found: list[TrialSummary]
) -> Iterator[TrialSummary]:
    """Give every trial of a block a reason if the block was run again and all of that was valid."""
    valid = {summary.record.trial.id for summary in found if summary.valid}
    again: dict[tuple[Condition, int | None], bool] = {}
    for trial in planned:
        key = (trial.arm.condition, trial.repeats)
        again[key] = again.get(key, True) and trial.id in valid
    for summary in found:
        trial = summary.record.trial
        if again.get((trial.arm.condition, trial.block)):
            yield replace(summary, reasons=(*summary.reasons, "its whole block was run again"))
        else:
            yield summary


def _summaries(
    folder: Path, record: RunRecord, keep: Keep | None
) -> Iterator[TrialSummary | EpisodeSummary]:
    compared = (trial for trial in record.planned if not trial.is_probe)
    places = (folder / "trials" / trial.id for trial in compared)
    for told in _read_ahead(place for place in places if (place / "trial.json").exists()):
        trial = told.record.trial
        steps = len(told.record.offer.steps) if told.record.offer else 0
        jobs = _classified(told, steps)
        if keep is not None:
            keep(trial, jobs)
        reasons = (*told.record.reasons, *_found_wrong(told, jobs))
        kind = summaries if trial.episode is None else episodes
        yield kind.summarise(told, jobs, reasons)


def _read_ahead(places: Iterable[Path]) -> Iterator[History]:
    """Yield each trial's history, and read the next one meanwhile."""
    with ThreadPoolExecutor(1) as reader:
        following: Future[History] | None = None
        for place in places:
            before, following = following, reader.submit(history.read, place)
            if before is not None:
                yield before.result()
        if following is not None:
            yield following.result()


def _classified(told: History, steps: int) -> pd.DataFrame:
    return classify(
        told.jobs,
        told.events,
        steps,
        left=Left(told.record.held, told.record.failed),
        deadline_s=told.record.trial.deadline_s,
    )


def _found_wrong(told: History, jobs: pd.DataFrame) -> Iterator[str]:
    """Yield what only the stored events show to be wrong with a trial."""
    if told.corrupt_records:
        yield f"{told.corrupt_records} damaged records in the ledger"
    phantoms = count(jobs).get(OutcomeClass.PHANTOM, 0)
    if phantoms:
        yield f"{phantoms} phantom jobs: work that no request of this trial asked for"
