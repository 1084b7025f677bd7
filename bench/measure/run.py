"""A run: the trials of a plan, one after the other, each stored before the next begins."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from bench.errors import UsageError
from bench.measure import capacity, environment, overhead, plan, results, side_by_side
from bench.measure.episode import Episode
from bench.measure.guard import guarded
from bench.measure.process import pinned
from bench.measure.profile import Profile
from bench.measure.stack import choice, own_broker
from bench.measure.stack.choice import Choice
from bench.measure.stack.interface import Services
from bench.measure.trial import TrialRun
from bench.model import Persistence, ServiceLevel, Trial
from bench.records import RunRecord, TrialRecord
from loadtests import faults

ENDED, INTERRUPTED = "ended", "interrupted"


Judge = Callable[[Path, ServiceLevel], bool | None]


@dataclass(frozen=True)
class Observer:
    """Whom to tell when a trial begins and when it has been stored."""

    begins: Callable[[Trial], None]
    ended: Callable[[TrialRecord], None]


@dataclass(frozen=True)
class Options:
    """What a run is told beside its profile."""

    stack: Choice
    broker_url: str | None = None


def begin(
    name: str, profile: Profile, planned: Sequence[Trial], results_folder: Path, options: Options
) -> Path:
    """Make a run's folder with its record, and return it."""
    cpus = environment.share_out(environment.available_cpus())
    folder = results.new_run_folder(name, results_folder)
    record = RunRecord(
        run=folder.name,
        profile={"name": name, **profile.model_dump(mode="json")},
        seed=profile.seed,
        stack=options.stack.kind,
        stack_reason=options.stack.reason,
        workers=dict(options.stack.workers),
        baseline=profile.baseline,
        baseline_variant=profile.variants[0],
        level=profile.capacity.level if profile.capacity else None,
        faults={name: faults.title(name) for name in sorted({t.fault for t in planned})},
        planned=tuple(planned),
        machine=environment.machine(),
        versions={**environment.versions(), **options.stack.versions},
        git_commit=environment.git_commit(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        wall_minus_monotonic_ns=environment.wall_minus_monotonic_ns(),
        cpu_sets=cpus.named(),
        options=_described(options),
    )
    results.write_json(folder / results.RUN_FILE, record)
    return folder


def _described(options: Options) -> dict[str, str]:
    if options.broker_url:
        return {"broker": "the user's own server", "broker_url": options.broker_url}
    server = "valkey" if options.stack.kind == choice.EMBEDDED else "redis"
    return {"broker": f"{server}, {Persistence.NONE} but where an episode says otherwise"}


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

        def one(trial: Trial) -> TrialRecord:
            results.require_space(folder)
            if broker_url:
                own_broker.require_unused(broker_url)
            observer.begins(trial)
            return _one(trial, services, folder, broker_url)

        def stored(trial: TrialRecord) -> None:
            # A disk that filled up meanwhile has cost rows or events, which no trial may lack.
            results.require_space(folder)
            place = folder / results.TRIALS / trial.trial.id
            results.write_json(place / results.TRIAL_FILE, trial)
            done[trial.trial.id] = trial
            observer.ended(trial)

        while trial := _next(record, done):
            if trial.episode is None:
                stored(one(trial))
            else:
                _episodes(record, done, services, one, stored)
            record = _with_more(record, done, folder, met)
    return record


def _episodes(
    record: RunRecord,
    done: Mapping[str, TrialRecord],
    services: Services,
    one: Callable[[Trial], TrialRecord],
    stored: Callable[[TrialRecord], None],
) -> None:
    """Carry out what is left of the episodes, on whatever processor is free."""
    left = [t for t in record.planned if t.episode is not None and t.id not in done]
    at_once = profile_of(record).side_by_side
    with services.anywhere():
        side_by_side.carry_out(left, at_once, one, stored, services.stopping)


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


def profile_of(record: RunRecord) -> Profile:
    """Return the profile of a stored run."""
    stored = {name: value for name, value in record.profile.items() if name != "name"}
    return Profile.model_validate(stored)


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


def _one(trial: Trial, services: Services, folder: Path, broker_url: str | None) -> TrialRecord:
    trial_folder = results.fresh_trial_folder(folder, trial.id)
    with results.writing(trial_folder):
        kind = TrialRun if trial.episode is None else Episode
        return kind(trial, services, trial_folder, broker_url).carry_out()
