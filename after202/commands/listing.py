"""Commands that list and estimate; none starts a run."""

from collections.abc import Mapping

import typer
from rich.table import Table

from after202.commands import (
    Against,
    AsJson,
    ProfileName,
    Seed,
    Strategies,
    Workloads,
    chosen_profile,
    console,
    count,
    duration,
    say,
)
from after202.kernel.overrides import told
from after202.measure import doctor
from after202.plan import design, estimate, probes, reading
from after202.plan.catalogue import Catalogue, strategy_summaries, workload_summaries
from after202.plan.remarks import remarks
from after202.records.answers import PlanAnswer
from after202.records.profile import Profile
from after202.records.trial import Episode, Trial
from loadtests import faults

app = typer.Typer()


@app.command("strategies")
def list_strategies() -> None:
    """List the strategies."""
    _print_summaries("strategy", strategy_summaries())


@app.command("workloads")
def list_workloads() -> None:
    """List the workloads."""
    _print_summaries("workload", workload_summaries())


@app.command("profiles")
def list_profiles() -> None:
    """List the profiles."""
    _print_summaries("profile", {n: reading.read(n).description for n in reading.names()})


def _print_summaries(kind: str, summaries: Mapping[str, str]) -> None:
    table = Table(kind, "what it does")
    for name, summary in summaries.items():
        table.add_row(name, summary)
    console.print(table)


@app.command("faults")
def list_faults() -> None:
    """List the faults, what they hit, and what a profile may set."""
    table = Table("fault", "hits", "what happens", "in compose")
    for name in faults.ids():
        fault = faults.load(name)
        compose = fault.compose or "not possible"
        usual = {one: default for one, (_, default) in faults.parameters(name).items()}
        what = "\n".join(filter(None, (faults.title(name), told(usual))))
        table.add_row(name, fault.hits or "-", what, compose)
    console.print(table)


@app.command("plan")
def show_plan(  # noqa: PLR0913 - one parameter per option
    name: ProfileName,
    *,
    strategy: Strategies = None,
    workload: Workloads = None,
    seed: Seed = None,
    against: Against = None,
    as_json: AsJson = False,
) -> None:
    """List a profile's trials and estimate its duration."""
    asked, known = chosen_profile(name, strategy, workload, seed, against)
    answer = _planned(name, asked, known)
    if as_json:
        typer.echo(answer.text(), nl=False)
    else:
        _print_plan(answer)


def _planned(name: str, asked: Profile, known: Catalogue) -> PlanAnswer:
    notes: list[str] = []
    chosen = design.sized(asked, known, notes.append)
    return PlanAnswer(
        profile=name,
        trials=tuple(_foreseen(chosen, known)),
        search_s=probes.expected_s(chosen, known),
        expected_s=_expected_s(chosen, known),
        asked_s=_expected_s(asked, known),
        notes=(*remarks(chosen, known), *notes, *design.windows(chosen)),
    )


def _print_plan(answer: PlanAnswer) -> None:
    table = Table("trial", "block", "condition", "rate", "load")
    for trial in answer.trials:
        rate = f"{trial.arm.rate_per_s:g}/s"
        condition = trial.arm.condition.label
        table.add_row(trial.id, str(trial.block), condition, rate, f"{trial.load_s:g} s")
    console.print(table)
    if answer.search_s:
        console.print(
            f"First comes the search for each capacity, about {duration(answer.search_s)}."
        )
    for line in answer.notes:
        say(line)
    is_as_asked = answer.asked_s == answer.expected_s
    as_asked = "" if is_as_asked else f", {duration(answer.asked_s)} as asked"
    expected = duration(answer.expected_s)
    console.print(f"{count(len(answer.trials), 'trial')}, about {expected}{as_asked}")
    if any(isinstance(trial, Episode) for trial in answer.trials):
        console.print("If work stays in a queue, an episode takes longer, by up to its horizon.")


def _foreseen(profile: Profile, known: Catalogue) -> list[Trial]:
    return estimate.foreseen(profile, known, estimate.planned_at_first(profile, known))


def _expected_s(profile: Profile, known: Catalogue) -> float:
    expected_s = estimate.expected_s(_foreseen(profile, known), known, profile.side_by_side)
    return expected_s + probes.expected_s(profile, known)


@app.command("doctor")
def examine() -> None:
    """Check whether this machine is fit to measure."""
    for line in doctor.examine():
        say(line)
