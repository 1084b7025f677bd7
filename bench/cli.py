"""The command line: parse, measure, analyse, print. All of it is thin."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from typer._click.exceptions import ClickException  # typer carries its own click

from bench.errors import After202Error, UsageError
from bench.measure import doctor, load_ui, plan, profile, results, run, strategies
from bench.measure.stack import own_broker
from bench.progress import progress

USAGE, STOPPED = 2, 130
app = typer.Typer(
    help="Where should background work run behind FastAPI?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
console = Console()

ProfileName = Annotated[str, typer.Argument(help="A profile's name, or the path of a .toml file.")]
RunName = Annotated[str, typer.Argument(help="A run's folder, or its name below results/.")]
Strategies = Annotated[list[str] | None, typer.Option("--strategy", help="Only this; repeatable.")]
Workloads = Annotated[list[str] | None, typer.Option("--workload", help="Only this; repeatable.")]
Seed = Annotated[int | None, typer.Option(help="Instead of the profile's.")]
Results = Annotated[Path, typer.Option("--results", help="Where runs are kept.")]
RedisUrl = Annotated[str | None, typer.Option(help="A broker of your own, with an empty database.")]


@app.command("strategies")
def list_strategies() -> None:
    """List the strategies."""
    _print_descriptions("strategy", strategies.APPS)


@app.command("workloads")
def list_workloads() -> None:
    """List the workloads."""
    _print_descriptions("workload", strategies.WORKLOADS)


def _print_descriptions(kind: str, folder: Path) -> None:
    table = Table(kind, "what it does")
    for name, description in strategies.descriptions(folder).items():
        table.add_row(name, description)
    console.print(table)


def _profile(
    name: str, only: Strategies, workloads: Workloads, seed: int | None
) -> profile.Profile:
    chosen = profile.narrow(profile.read_profile(name), only or [], workloads or [])
    return chosen if seed is None else chosen.model_copy(update={"seed": seed})


@app.command("plan")
def show_plan(
    name: ProfileName, strategy: Strategies = None, workload: Workloads = None, seed: Seed = None
) -> None:
    """Say which trials a profile has and how long they take; run nothing."""
    planned = plan.trials(_profile(name, strategy, workload, seed))
    table = Table("trial", "block", "rate", "load")
    for trial in planned:
        rate = f"{trial.arm.rate_per_s:g}/s"
        table.add_row(trial.id, str(trial.block), rate, f"{trial.load_s:g} s")
    console.print(table)
    console.print(f"{len(planned)} trials, about {_minutes(plan.expected_s(planned))}")


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


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
    results_folder: Results = results.RESULTS,
) -> None:
    """Measure a profile, then write its report."""
    if stack not in ("auto", "embedded"):
        raise UsageError(f"unknown stack {stack!r}: there are auto and embedded")
    if resume:
        folder = results.find_run(resume, results_folder)
    elif name:
        chosen = _profile(name, strategy, workload, seed)
        if redis_url:
            own_broker.require_unused(redis_url)
        planned = plan.trials(chosen)
        folder = run.begin(name, chosen, planned, results_folder, run.Options(redis_url))
    else:
        raise UsageError("name a profile to run, or a run to --resume")
    _measure(folder)
    write_report(str(folder))


def _measure(folder: Path) -> None:
    """Carry out what is left of a run; say how to go on if it is stopped."""
    planned = results.read_run(folder).planned
    done = results.measured(folder)
    left = [trial for trial in planned if trial.id not in done]
    expected = _minutes(plan.expected_s(left))
    console.print(f"{len(left)} trials, about {expected}, embedded stack: {folder.name}")
    try:
        with progress(console, left) as observer:
            run.carry_out(folder, observer)
    except KeyboardInterrupt:
        _fail(f"stopped; what was measured stays: go on with --resume {folder.name}", STOPPED)


@app.command("check")
def check_run(
    name: RunName,
    *,
    jobs_only: Annotated[
        bool, typer.Option("--jobs-only", help="Whether times may be used does not matter.")
    ] = False,
    results_folder: Results = results.RESULTS,
) -> None:
    """Decide from stored events: exit 0 all valid and as stated, 1 not, 2 unknown."""
    from bench.analyse import checks  # noqa: PLC0415 - see write_report

    found = checks.check(results.find_run(name, results_folder), jobs_only=jobs_only)
    for line in found.lines:
        console.print(line, markup=False, highlight=False)
    raise typer.Exit(found.exit_code)


@app.command("report")
def write_report(name: RunName, results_folder: Results = results.RESULTS) -> None:
    """Write tables, charts, REPORT.md and index.html from stored events."""
    # pandas and matplotlib take seconds to load, which no other command needs to wait for.
    from bench.analyse import report  # noqa: PLC0415

    folder = results.find_run(name, results_folder)
    with results.writing(folder):
        analysed = report.write(folder)
    found = report.overheads(analysed)
    record = results.read_run(folder).model_copy(update={"overheads": found})
    results.write_json(folder / results.RUN_FILE, record)
    console.print(report.summary_table(analysed))
    for overhead, value in found.items():
        console.print(f"{overhead}: {value:.4g}", highlight=False)
    console.print(f"Report: {_short(folder / 'index.html')}", soft_wrap=True)


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


@app.command("doctor")
def examine() -> None:
    """Say whether this machine is fit to measure, and what would help."""
    for line in doctor.examine():
        console.print(line, markup=False, highlight=False)


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


def _fail(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"after202: {message}\n")
    sys.exit(code)


@contextmanager
def _terminable() -> Iterator[None]:
    """Have SIGTERM end the program as Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """Run the command that was given; an error is one line on stderr."""
    try:
        with _terminable():
            code = app(standalone_mode=False)
    except ClickException as error:
        _fail(f"{error.format_message()} (see python -m bench --help)", USAGE)
    except After202Error as error:
        _fail(str(error), USAGE)
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", STOPPED)
    sys.exit(code)
