"""How a run begins: its folder, and in it `run.json`, with everything that it takes to go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from after202.hosts import machine as environment
from after202.records import folder as results
from after202.records.experiment import Persistence, Trial
from after202.records.profile import Profile
from after202.records.trial import RunRecord
from after202.stacks import choice
from after202.stacks.choice import Choice
from loadtests import faults


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


def profile_of(record: RunRecord) -> Profile:
    """Return the profile of a stored run."""
    stored = {name: value for name, value in record.profile.items() if name != "name"}
    return Profile.model_validate(stored)
