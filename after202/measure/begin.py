"""Begins a run: creates its folder, and in it `run.json` with everything needed to resume it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from after202.hosts import against, cpus, machine
from after202.kernel.overrides import told
from after202.kernel.text import masked
from after202.plan.catalogue import Catalogue, workload_summaries
from after202.plan.estimate import planned_at_first
from after202.records.experiment import Layout
from after202.records.folder import RunFolder, new_run
from after202.records.profile import Profile
from after202.records.run import BROKER, BROKER_URL, RunRecord
from after202.records.trial import Episode, Trial
from after202.stacks import choice
from after202.stacks.choice import Choice
from loadtests import faults

# What a run without any broker is said to have, as all were before there was another kind.
REDIS = "redis"


@dataclass(frozen=True)
class Options:
    """What a run needs besides its profile."""

    stack: Choice
    broker_url: str | None = None


def begin(
    name: str, profile: Profile, catalogue: Catalogue, results: Path, options: Options
) -> RunFolder:
    """Create a run's folder with its record, and return it.

    UsageError if this machine has too few processors, or if the folder cannot be written.
    """
    planned = planned_at_first(profile, catalogue)
    used = {trial.arm.strategy for trial in planned} | set(profile.strategies or catalogue.names())
    sets = cpus.share_out(cpus.available_cpus())
    layouts = sorted({trial.arm.layout for trial in planned} | set(_layouts(profile)))
    least = _least(catalogue, used)
    folder = new_run(name, results)
    folder.write(
        RunRecord(
            run=folder.name,
            profile_name=name,
            profile=profile,
            strategies={name: catalogue[name] for name in sorted(used)},
            stack=options.stack.kind,
            stack_reason=options.stack.reason,
            workers=dict(options.stack.workers),
            faults=dict(_titles(planned, profile)),
            workloads=workload_summaries(),
            planned=tuple(planned),
            machine=machine.machine(),
            versions={**machine.versions(), **options.stack.versions},
            environments=_environments(catalogue, sorted(used), options.stack),
            unavailable=dict(catalogue.unavailable),
            git_commit=machine.git_commit(),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            wall_minus_monotonic_ns=machine.wall_minus_monotonic_ns(),
            cpu_sets={layout: cpus.laid_out(sets, layout).named() for layout in layouts},
            options=_described(options, least),
            durabilities=least,
        )
    )
    return folder


def _environments(
    catalogue: Catalogue, used: list[str], stack: Choice
) -> dict[str, dict[str, str]]:
    """Return the libraries of every strategy's own environment, or of its image in containers."""
    if stack.kind == choice.COMPOSE:
        return choice.libraries(used)
    if stack.kind != choice.EMBEDDED:
        return {}
    found = {name: dict(against.own_libraries(catalogue[name])) for name in used}
    return {name: libraries for name, libraries in found.items() if libraries}


def _layouts(profile: Profile) -> Iterator[Layout]:
    """Yield the layouts of what is planned later: probes, and comparisons at a share."""
    for comparison in profile.comparison:
        yield from comparison.layouts or ()
    if profile.capacity and profile.capacity.layout:
        yield profile.capacity.layout


def _titles(planned: list[Trial], profile: Profile) -> Mapping[str, str]:
    """Return each fault's description in one line, with the parameters that the profile sets."""
    names = sorted({trial.fault for trial in planned if isinstance(trial, Episode)})
    given = {name: told(profile.fault.get(name, {})) for name in names}
    return {
        name: faults.title(name) + (f" Set by the profile: {given[name]}." if given[name] else "")
        for name in names
    }


def _described(options: Options, least: Mapping[str, str]) -> dict[str, str]:
    """Return where brokers come from, and what each kind of them writes in comparisons."""
    if options.broker_url:
        return {BROKER: "the user's own server", BROKER_URL: masked(options.broker_url)}
    servers = {REDIS: "valkey" if options.stack.kind == choice.EMBEDDED else "redis"}
    told = ", ".join(f"{servers.get(kind, kind)}, {writes}" for kind, writes in least.items())
    return {BROKER: f"{told} unless an episode says otherwise"}


def _least(catalogue: Catalogue, used: Iterable[str]) -> dict[str, str]:
    """Return the least that each kind of broker writes to disk; that of Redis if there is none."""
    kinds = sorted({catalogue[name].broker or REDIS for name in used})
    return {kind: catalogue.brokers[kind].durabilities[0] for kind in kinds}
