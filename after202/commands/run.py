"""Commands that measure a profile, or put one strategy under load by hand."""

from functools import partial
from typing import Annotated

import typer

from after202 import brokers
from after202.commands import (
    RESULTS,
    STOPPED,
    Against,
    Results,
    Seed,
    Strategies,
    Wait,
    Workloads,
    catalogue,
    chosen_profile,
    claims,
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
from after202.kernel.text import HIDDEN, masked
from after202.measure import load_ui, run
from after202.measure.begin import Options, begin
from after202.plan import design, estimate, limits, probes
from after202.plan.catalogue import Catalogue, require_workloads
from after202.plan.remarks import remarks
from after202.records.claims import CLAIMS
from after202.records.claims import known as claims_folder
from after202.records.folder import RunFolder, find_run
from after202.records.profile import Profile
from after202.records.run import BROKER_URL, RunRecord
from after202.stacks import choice

app = typer.Typer()
# The kind of broker that may be the user's own.
REDIS = "redis"
RedisUrl = Annotated[
    str | None,
    typer.Option(
        envvar="AFTER202_REDIS_URL",
        show_envvar=False,
        help="Your own Redis as broker, with an empty database.",
    ),
]


@app.command("run")
def run_profile(  # noqa: PLR0913 - one parameter per option
    name: Annotated[str, typer.Argument(help="Profile name, or a .toml file.")] = "",
    *,
    strategy: Strategies = None,
    workload: Workloads = None,
    seed: Seed = None,
    against: Against = None,
    stack: Annotated[str, typer.Option(help="auto, embedded or compose.")] = choice.AUTO,
    redis_url: RedisUrl = None,
    claim: Annotated[list[int] | None, typer.Option(help="For claims: only this number.")] = None,
    also: Annotated[list[str] | None, typer.Option(help="For claims: with fastapi==0.105.")] = None,
    resume: Annotated[str | None, typer.Option(help="Resume this run.")] = None,
    wait: Wait = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print a line per trial.")] = False,
    results_folder: Results = RESULTS,
) -> None:
    """Measure a profile, or try claims, then write the report."""
    if resume and (stored := claims_folder(resume, results_folder)):
        claims.go_on(stored, wait=wait)
        return
    if name == CLAIMS:
        if strategy or workload or against or redis_url:
            raise UsageError("claims have experiments of their own: choose some with --claim")
        claims.try_them(results_folder, claim or [], also or [], wait=wait)
        return
    if claim or also:
        raise UsageError("--claim and --also are options of: after202 run claims")
    if resume:
        with alone_on_this_machine(wait=wait):
            folder = find_run(resume, results_folder)
            _measure(folder, _same_broker(folder.read(), redis_url), verbose=verbose)
        return
    if not name:
        raise UsageError("name a profile to run, or a run to --resume")
    kind = choice.EMBEDDED if redis_url else stack
    asked, known = chosen_profile(name, strategy, workload, seed, against, stack=kind)
    for line in remarks(asked, known):
        say(line)
    profile = design.sized(asked, known, say)
    with alone_on_this_machine(wait=wait):
        chosen, options = _options(profile, known, stack, redis_url)
        if not estimate.planned_at_first(chosen, known) and chosen.capacity is None:
            raise UsageError("none of the profile's faults can hit these strategies: choose others")
        _measure(begin(name, chosen, known, results_folder, options), redis_url, verbose=verbose)


def _options(
    profile: Profile, known: Catalogue, stack: str, redis_url: str | None
) -> tuple[Profile, Options]:
    """Return the part of the profile that the stack can measure, and the chosen stack."""
    if redis_url is not None:
        if stack == choice.COMPOSE:
            raise UsageError("--redis-url: the compose stack has its own broker; use only one")
        chosen = limits.on_own_broker(profile, known, REDIS, say)
        brokers.load(REDIS).require_unused(redis_url)
        return chosen, Options(choice.OWN_BROKER, redis_url)
    taken = choice.choose(stack)
    if taken.kind == choice.COMPOSE:
        return limits.on_compose(profile, known, say), Options(taken)
    return profile, Options(taken)


def _same_broker(record: RunRecord, redis_url: str | None) -> str | None:
    """Return the address of the broker that a run was begun on; None if it was not the user's.

    The record hides passwords, so an address with one must be given again.
    """
    if not record.has_own_broker:
        return None
    begun_on = record.options[BROKER_URL]
    url = redis_url or begun_on
    if masked(url) != begun_on:
        raise UsageError(f"this run was begun on {begun_on}: resume it there, or start a new one")
    if url == begun_on and HIDDEN in url:
        raise UsageError(
            f"this run was begun on {begun_on}, and passwords are not stored: give the address"
            " again, with --redis-url or in AFTER202_REDIS_URL"
        )
    return url


def _measure(folder: RunFolder, broker_url: str | None = None, *, verbose: bool = False) -> None:
    """Run the remaining trials and write the report; if interrupted, say how to resume."""
    from after202.analyse.trials.pressure import done_per_s  # noqa: PLC0415 - it loads pandas
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
        with progress(console, left, known, profile.side_by_side, verbose=verbose) as observer:
            rigged = partial(run.on_this_machine, broker_url=broker_url)
            run.carry_out(folder, observer, level_met, rigged, done_per_s)
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
    known = catalogue([strategy], choice.EMBEDDED)
    try:
        with alone_on_this_machine(wait=False):
            load_ui.serve(known[strategy], workload, port, console.print)
    except KeyboardInterrupt:
        console.print("stopped")
