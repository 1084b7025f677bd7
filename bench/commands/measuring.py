"""Measure a profile, or put one strategy under load by hand."""

from pathlib import Path
from typing import Annotated

import typer

from bench.commands import (
    RESULTS,
    STOPPED,
    Results,
    Seed,
    Strategies,
    Workloads,
    chosen_profile,
    console,
    duration,
    fail,
)
from bench.commands.reading import write_report
from bench.errors import UsageError
from bench.measure import capacity, load_ui, plan, results, run
from bench.measure.profile import Profile
from bench.measure.stack import own_broker
from bench.progress import progress

app = typer.Typer()
STACKS = ("auto", "embedded")
RedisUrl = Annotated[str | None, typer.Option(help="A broker of your own, with an empty database.")]


@app.command("run")
def run_profile(  # noqa: PLR0913 - one parameter per option
    name: Annotated[
        str, typer.Argument(help="A profile's name or file; left out with --resume.")
    ] = "",
    *,
    strategy: Strategies = None,
    workload: Workloads = None,
    seed: Seed = None,
    stack: Annotated[str, typer.Option(help="auto or embedded")] = "auto",
    redis_url: RedisUrl = None,
    resume: Annotated[str | None, typer.Option(help="Go on with this run.")] = None,
    results_folder: Results = RESULTS,
) -> None:
    """Measure a profile, then write its report."""
    if stack not in STACKS:
        raise UsageError(f"unknown stack {stack!r}: there are {' and '.join(STACKS)}")
    if resume:
        folder = results.find_run(resume, results_folder)
    elif name:
        chosen = chosen_profile(name, strategy, workload, seed)
        if redis_url:
            chosen = _without_faults(chosen)
            own_broker.require_unused(redis_url)
        planned = plan.trials(chosen)
        if not planned and chosen.capacity is None:
            raise UsageError("none of the profile's faults can hit these strategies: name others")
        folder = run.begin(name, chosen, planned, results_folder, run.Options(redis_url))
    else:
        raise UsageError("name a profile to run, or a run to --resume")
    _measure(folder)
    write_report(str(folder))


def _without_faults(chosen: Profile) -> Profile:
    """Leave the episodes out: a broker of the user's own is not stopped, killed or shared."""
    if not chosen.comparison:
        raise UsageError("--redis-url: faults are not tried on a broker of yours; leave it out")
    if chosen.matrix:
        console.print("The episodes are left out: faults are not tried on a broker of yours.")
    return chosen.model_copy(update={"matrix": ()})


def _measure(folder: Path) -> None:
    """Carry out what is left of a run; say how to go on if it is stopped."""
    from bench.analyse.capacity import level_met  # noqa: PLC0415 - see bench.commands.reading

    record = results.read_run(folder)
    done = results.measured(folder)
    left = [trial for trial in record.planned if trial.id not in done]
    search_s = 0 if done else capacity.expected_s(run.profile_of(record))
    at_once = run.profile_of(record).side_by_side
    expected = duration(plan.expected_s(left, at_once) + search_s)
    console.print(f"{len(left)} trials, about {expected}, embedded stack: {folder.name}")
    try:
        with progress(console, left, at_once) as observer:
            run.carry_out(folder, observer, level_met)
    except KeyboardInterrupt:
        fail(f"stopped; what was measured stays: go on with --resume {folder.name}", STOPPED)


@app.command("load-ui")
def open_load_ui(
    strategy: Annotated[str, typer.Argument()] = "background_tasks",
    workload: Annotated[str, typer.Option()] = "signup",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8089,
) -> None:
    """Start one strategy and Locust's web page for it; Ctrl-C ends both."""
    try:
        load_ui.serve(strategy, workload, port, console.print)
    except KeyboardInterrupt:
        console.print("stopped")
