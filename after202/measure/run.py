"""A run: the trials of a plan, one after the other, each stored before the next begins."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

from after202.brokers import own as own_broker
from after202.hosts import machine as environment
from after202.hosts.guard import guarded
from after202.hosts.processes import pinned
from after202.kernel.errors import UsageError
from after202.measure import overhead
from after202.measure.batches import side_by_side
from after202.measure.batches.rotation import Rotation
from after202.measure.begin import profile_of
from after202.measure.courses.episode import Episode
from after202.measure.trial import TrialRun
from after202.plan import comparisons as plan
from after202.plan import probes as capacity
from after202.records import folder as results
from after202.records.experiment import ServiceLevel, Trial
from after202.records.trial import RunRecord, TrialRecord
from after202.stacks import choice
from after202.stacks.interface import Services

ENDED, INTERRUPTED = "ended", "interrupted"


Judge = Callable[[Path, ServiceLevel], bool | None]
One = Callable[[Trial, Rotation], TrialRecord]


@dataclass(frozen=True)
class Observer:
    """Whom to tell when a trial begins and when it has been stored."""

    begins: Callable[[Trial], None]
    ended: Callable[[TrialRecord], None]


def carry_out(folder: Path, observer: Observer, judge: Judge | None = None) -> None:
    """Measure every planned trial that is not stored yet, and what follows from them.

    `judge` says whether a stored probe kept the profile's level of service.

    However it ends, the trials that were stored stay, `run.json` says so, and nothing that
    was started goes on.
    """
    record = results.read_run(folder)
    done = results.measured(folder)
    results.write_json(folder / results.RUN_FILE, record.model_copy(update={"ended": INTERRUPTED}))
    results.point_latest_at(folder)
    level = record.level

    @cache
    def met(trial: Trial) -> bool | None:
        if judge is None or level is None:
            raise UsageError("nobody was named to judge the probes")
        return judge(folder / results.TRIALS / trial.id, level)

    if _next(_with_more(record, done, folder, met), done):
        record = _measure(results.read_run(folder), folder, observer, met)
    results.write_json(folder / results.RUN_FILE, record.model_copy(update={"ended": ENDED}))


def _measure(record: RunRecord, folder: Path, observer: Observer, met: capacity.Met) -> RunRecord:
    cpus = environment.share_out(environment.available_cpus())
    broker_url = record.options.get("broker_url")
    with ExitStack() as running:
        scratch = Path(tempfile.mkdtemp(prefix="after202-"))
        running.callback(shutil.rmtree, scratch, ignore_errors=True)
        scratch.chmod(0o755)  # PostgreSQL runs as another user where this one is root
        running.enter_context(guarded(uuid4().hex, scratch))
        # The harness itself stays off the processors of the system under test.
        running.enter_context(pinned(cpus.generator))
        logs = folder / results.LOGS
        services = choice.services(record, scratch, logs, cpus)
        running.enter_context(services)
        record = _with_overhead(record, services, folder)
        done = results.measured(folder)
        record = _with_more(record, done, folder, met)

        def one(trial: Trial, rotation: Rotation) -> TrialRecord:
            results.require_space(folder)
            if broker_url:
                own_broker.require_unused(broker_url)
            observer.begins(trial)
            return _one(trial, services, folder, broker_url, rotation)

        def stored(trial: TrialRecord) -> None:
            # A disk that filled up meanwhile has cost rows or events, which no trial may lack.
            results.require_space(folder)
            place = folder / results.TRIALS / trial.trial.id
            results.write_json(place / results.TRIAL_FILE, trial)
            done[trial.trial.id] = trial
            observer.ended(trial)

        while trial := _next(record, done):
            left = [trial for trial in record.planned if trial.id not in done]
            if trial.episode is None:
                _block(_with_whom(trial, left), services, one, stored)
            else:
                _episodes(left, profile_of(record).side_by_side, services, one, stored)
            record = _with_more(record, done, folder, met)
    return record


def _with_whom(trial: Trial, left: Sequence[Trial]) -> list[Trial]:
    """Return the trials that are up together: a block's if they take turns, else this one."""
    if trial.turns == 1:
        return [trial]
    return [t for t in left if (t.block, t.arm.condition) == (trial.block, trial.arm.condition)]


def _block(
    trials: Sequence[Trial], services: Services, one: One, stored: Callable[[TrialRecord], None]
) -> None:
    """Carry out a trial, or several that take turns."""
    rotation = Rotation(trials, services.stopping)
    if len(trials) == 1:
        stored(one(trials[0], rotation))
        return
    mine = lambda trial: one(trial, rotation)  # noqa: E731 - what each of them does
    side_by_side.carry_out(trials, len(trials), mine, stored, services.stopping)


def _episodes(
    trials: Sequence[Trial],
    at_once: int,
    services: Services,
    one: One,
    stored: Callable[[TrialRecord], None],
) -> None:
    """Carry out episodes, on whatever processor is free."""
    alone = lambda trial: one(trial, Rotation([trial], services.stopping))  # noqa: E731
    with _anywhere(services):
        side_by_side.carry_out(trials, at_once, alone, stored, services.stopping)


@contextmanager
def _anywhere(services: Services) -> Iterator[None]:
    """Let what the services start meanwhile run on any processor."""
    before, services.cpus = services.cpus, environment.anywhere(services.cpus)
    try:
        yield
    finally:
        services.cpus = before


def _next(record: RunRecord, done: Mapping[str, TrialRecord]) -> Trial | None:
    """Return the first planned trial that is not stored."""
    left = (trial for trial in record.planned if trial.id not in done)
    return min(left, key=lambda trial: trial.episode is not None, default=None)


def _with_more(
    record: RunRecord, done: Mapping[str, TrialRecord], folder: Path, met: capacity.Met
) -> RunRecord:
    """Once all that is planned is stored, plan what follows from it, if anything does.

    First the search for the capacity goes on, then come the comparisons at a share of it, then
    blocks that are to run again since a trial of theirs was not valid.
    """
    if _next(record, done):
        return record
    profile, planned = profile_of(record), record.planned
    more = (
        capacity.probes(profile, planned, met)
        or plan.shares(profile, planned, lambda: capacity.slowest_per_s(profile, planned, met))
        or plan.repeats(planned, done, profile.repeats)
    )
    if not more:
        return record
    record = record.model_copy(update={"planned": (*planned, *more), "ended": INTERRUPTED})
    results.write_json(folder / results.RUN_FILE, record)
    return record


def _with_overhead(record: RunRecord, services: Services, folder: Path) -> RunRecord:
    """Measure what recording costs, once per run."""
    # Comparisons at a share of the capacity are planned only once that is known.
    if overhead.NAME in record.overheads or not profile_of(record).comparison:
        return record
    ratio = overhead.instrumented_to_bare(
        services.database_url, services.scratch, folder / results.LOGS, services.cpus
    )
    record = record.model_copy(update={"overheads": {overhead.NAME: ratio}, "ended": INTERRUPTED})
    results.write_json(folder / results.RUN_FILE, record)
    return record


def _one(
    trial: Trial, services: Services, folder: Path, broker_url: str | None, rotation: Rotation
) -> TrialRecord:
    trial_folder = results.fresh_trial_folder(folder, trial.id)
    with results.writing(trial_folder):
        kind = TrialRun if trial.episode is None else Episode
        return kind(trial, services, trial_folder, broker_url, rotation).carry_out()
