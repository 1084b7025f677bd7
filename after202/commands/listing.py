"""What there is and what it would take: nothing is measured here but the machine."""

from pathlib import Path

import typer
from rich.table import Table

from after202.commands import (
    ProfileName,
    Seed,
    Strategies,
    Workloads,
    chosen_profile,
    console,
    duration,
    say,
)
from after202.measure import doctor
from after202.plan import catalogue as strategies
from after202.plan import comparisons as plan
from after202.plan import probes as capacity
from loadtests import faults

app = typer.Typer()


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


@app.command("faults")
def list_faults() -> None:
    """List the faults, whom they hit, and how Compose makes them."""
    table = Table("fault", "hits", "what happens", "in compose")
    for name in faults.ids():
        fault = faults.load(name)
        compose = fault.compose or "cannot be made"
        table.add_row(name, fault.hits or "-", faults.title(name), compose)
    console.print(table)


@app.command("plan")
def show_plan(
    name: ProfileName, strategy: Strategies = None, workload: Workloads = None, seed: Seed = None
) -> None:
    """Say which trials a profile has and how long they take; run nothing."""
    chosen = chosen_profile(name, strategy, workload, seed)
    planned = plan.foreseen(chosen)
    table = Table("trial", "block", "rate", "load")
    for trial in planned:
        rate = f"{trial.arm.rate_per_s:g}/s"
        table.add_row(trial.id, str(trial.block), rate, f"{trial.load_s:g} s")
    console.print(table)
    search_s = capacity.expected_s(chosen)
    if search_s:
        console.print(f"before them the search for each capacity, about {duration(search_s)}")
    expected = duration(plan.expected_s(planned, chosen.side_by_side) + search_s)
    console.print(f"{len(planned)} trials, about {expected}")


@app.command("doctor")
def examine() -> None:
    """Say whether this machine is fit to measure, and what would help."""
    for line in doctor.examine():
        say(line)
