"""Commands that measure a profile, or put one strategy under load by hand."""

from typing import Annotated

import typer

from after202 import brokers
from after202.commands import (
    RESULTS,
    STOPPED,
    Results,
    Seed,
    Strategies,
    Wait,
    Workloads,
    catalogue,
    chosen_profile,
    console,
    count,
    duration,
    fail,
    say,
)
from after202.commands.progress import progress
from after202.commands.report import write_report
from after202.hosts.alone import alone_on_this_machine
from after202.kernel.errors import UsageError
from after202.measure import load_ui, run
from after202.measure.begin import Options, begin
from after202.plan import estimate, limits, probes
from after202.plan.catalogue import Catalogue, require_workloads
from after202.records.folder import RunFolder, find_run
from after202.records.profile import Profile
from after202.stacks import choice

app = typer.Typer()
RedisUrl = Annotated[str | None, typer.Option(help="Your own broker, with an empty database.")]


@app.command("run")
def run_profile(  # noqa: PLR0913 - one parameter per option
    name: Annotated[str, typer.Argument(help="Profile name, or a .toml file.")] = "",
    *,
    strategy: Strategies = None,
    workload: Workloads = None,
    seed: Seed = None,
    stack: Annotated[str, typer.Option(help="auto, embedded or compose.")] = choice.AUTO,
    redis_url: RedisUrl = None,
    resume: Annotated[str | None, typer.Option(help="Resume this run.")] = None,
    wait: Wait = False,
    results_folder: Results = RESULTS,
) -> None:
    """Measure a profile, then write its report."""
    if resume:
        with alone_on_this_machine(wait=wait):
            _measure(find_run(resume, results_folder))
        return
    if not name:
        raise UsageError("name a profile to run, or a run to --resume")
    profile, known = chosen_profile(name, strategy, workload, seed)
    with alone_on_this_machine(wait=wait):
        chosen, options = _options(profile, known, stack, redis_url)
        if not estimate.planned_at_first(chosen, known) and chosen.capacity is None:
            raise UsageError("none of the profile's faults can hit these strategies: choose others")
        _measure(begin(name, chosen, known, results_folder, options))


def _options(
    profile: Profile, known: Catalogue, stack: str, redis_url: str | None
) -> tuple[Profile, Options]:
    """Return the part of the profile that the stack can measure, and the chosen stack."""
    if redis_url is not None:
        if stack == choice.COMPOSE:
            raise UsageError("--redis-url: the compose stack has its own broker; use only one")
        chosen = limits.on_own_broker(profile, say)
        brokers.load("redis").require_unused(redis_url)
        return chosen, Options(choice.OWN_BROKER, redis_url)
    taken = choice.choose(stack)
    if taken.kind == choice.COMPOSE:
        return limits.on_compose(profile, known, say), Options(taken)
    return profile, Options(taken)


def _measure(folder: RunFolder) -> None:
    """Run the remaining trials and write the report; if interrupted, say how to resume."""
    from after202.analyse.trials.probe import level_met  # noqa: PLC0415 - it loads pandas

    record = folder.read()
    if not record.strategies:
        raise UsageError(f"{folder.name} is from an earlier version: report it, or start a new run")
    profile, known = record.profile, Catalogue(record.strategies)
    done = folder.stored(record)
    left = [trial for trial in record.planned if trial.id not in done]
    ahead = left if done else estimate.foreseen(profile, known, record.planned)
    search_s = 0 if done else probes.expected_s(profile, known)
    expected = duration(estimate.expected_s(ahead, known, profile.side_by_side) + search_s)
    search = "the search for each capacity, and " if search_s else ""
    console.print(f"{search}{count(len(ahead), 'trial')}, about {expected}: {folder.name}")
    console.print(f"{record.stack} stack: {record.stack_reason}", markup=False)
    try:
        with progress(console, left, known, profile.side_by_side) as observer:
            run.carry_out(folder, observer, level_met)
    except KeyboardInterrupt:
        fail(f"stopped; finished trials are kept: continue with --resume {folder.name}", STOPPED)
    write_report(str(folder.path))


@app.command("load-ui")
def open_load_ui(
    strategy: Annotated[str, typer.Argument(help="Strategy to load.")] = "background_tasks",
    workload: Annotated[str, typer.Option(help="Workload to request.")] = "signup",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web page.")] = 8089,
) -> None:
    """Open Locust's web page for one strategy."""
    require_workloads([workload])
    known = catalogue([strategy])
    try:
        with alone_on_this_machine(wait=False):
            load_ui.serve(known[strategy], workload, port, console.print)
    except KeyboardInterrupt:
        console.print("stopped")
