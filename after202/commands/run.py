"""Measure a profile, or put one strategy under load by hand."""

from pathlib import Path
from typing import Annotated

import typer

from after202.brokers import own as own_broker
from after202.commands import (
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
from after202.commands.progress import progress
from after202.commands.report import write_report
from after202.kernel.errors import UsageError
from after202.measure import load_ui, run
from after202.measure.begin import Options, begin, profile_of
from after202.plan import comparisons as plan
from after202.plan import probes as capacity
from after202.records import folder as results
from after202.records.profile import Profile
from after202.stacks import choice
from loadtests import faults

app = typer.Typer()
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
    stack: Annotated[str, typer.Option(help="auto, embedded or compose")] = choice.AUTO,
    redis_url: RedisUrl = None,
    resume: Annotated[str | None, typer.Option(help="Go on with this run.")] = None,
    results_folder: Results = RESULTS,
) -> None:
    """Measure a profile, then write its report."""
    if resume:
        folder = results.find_run(resume, results_folder)
    elif name:
        chosen = chosen_profile(name, strategy, workload, seed)
        if redis_url:
            chosen = _without_turns(_without_faults(chosen))
            _require_own_broker(redis_url, stack)
        taken = choice.choose(stack) if redis_url is None else choice.OWN_BROKER
        if taken.kind == choice.COMPOSE:
            chosen = _one_at_a_time(chosen)
        planned = plan.trials(chosen)
        if not planned and chosen.capacity is None:
            raise UsageError("none of the profile's faults can hit these strategies: name others")
        folder = begin(name, chosen, planned, results_folder, Options(taken, redis_url))
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


def _require_own_broker(url: str, stack: str) -> None:
    """Raise UsageError if a broker of the user's own cannot be taken."""
    if stack == choice.COMPOSE:
        raise UsageError("--redis-url: the compose stack has its own broker; leave one of them out")
    own_broker.require_unused(url)


def _without_turns(chosen: Profile) -> Profile:
    """Have trials follow each other: there is one broker, and turns are for stacks that are up."""
    if any(comparison.turns > 1 for comparison in chosen.comparison):
        console.print("Trials follow each other instead of taking turns: there is one broker.")
    one_by_one = (c.model_copy(update={"turns": 1}) for c in chosen.comparison)
    return chosen.model_copy(update={"comparison": tuple(one_by_one)})


def _one_at_a_time(chosen: Profile) -> Profile:
    """Take the profile as Compose can do it: one stack, and the faults that it can make."""
    chosen = _without_turns(chosen)
    cannot = {name for m in chosen.matrix for name in m.faults if not faults.load(name).compose}
    if cannot:
        console.print(f"Left out, for Compose cannot make them: {', '.join(sorted(cannot))}")
    matrix = (
        m.model_copy(update={"faults": tuple(name for name in m.faults if name not in cannot)})
        for m in chosen.matrix
    )
    return chosen.model_copy(update={"matrix": tuple(matrix), "side_by_side": 1})


def _measure(folder: Path) -> None:
    """Carry out what is left of a run; say how to go on if it is stopped."""
    from after202.analyse.trials.probe import level_met  # noqa: PLC0415 - see after202.commands.report

    record = results.read_run(folder)
    profile, done = profile_of(record), results.measured(folder)
    left = [trial for trial in record.planned if trial.id not in done]
    ahead = left if done else plan.foreseen(profile)
    search_s = 0 if done else capacity.expected_s(profile)
    at_once = profile.side_by_side
    expected = duration(plan.expected_s(ahead, at_once) + search_s)
    search = "the search for each capacity, and " if search_s else ""
    console.print(f"{search}{len(ahead)} trials, about {expected}: {folder.name}")
    console.print(f"{record.stack} stack: {record.stack_reason}", markup=False)
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
