"""What the commands share: options, the catalogue, the console, formatting and exits."""

import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from after202 import brokers
from after202.commands.against import beside
from after202.hosts import cpus, environments
from after202.kernel import paths
from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts
from after202.kernel.text import masked, printable
from after202.plan import groups, layouts, narrowing, reading
from after202.plan.catalogue import (
    BrokerFacts,
    Catalogue,
    require_strategies,
    strategy_files,
)
from after202.records.profile import Profile
from after202.stacks import choice

STOPPED = 130
SHORT_S = 100
NO_SERVICE = "docker-compose.yml has no service of it: measure it with --stack embedded"
NOT_UP = "its services are not up: make up STRATEGIES={}"
RESULTS = paths.results()
console = Console()

ProfileName = Annotated[str, typer.Argument(help="Profile name, or a .toml file.")]
RunName = Annotated[str, typer.Argument(help="Run folder, or its name.")]
Strategies = Annotated[
    list[str] | None, typer.Option("--strategy", help="Only these, a group, or a .py file.")
]
Workloads = Annotated[list[str] | None, typer.Option("--workload", help="Only this workload.")]
Against = Annotated[
    str | None,
    typer.Option(help="Beside it, the same with rq==2.6, or of a checkout."),
]
Seed = Annotated[int | None, typer.Option(help="Override the profile's seed.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for a running measurement to end.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON (see: schema).")]
Results = Annotated[
    Path, typer.Option("--results", help="Folder that holds the runs.", show_default="results")
]


def catalogue(named: Iterable[str] = (), stack: str = choice.EMBEDDED) -> Catalogue:
    """Return the strategies in `named`: in apps/, hidden ones too, or .py files.

    Those that cannot run here on that stack are unavailable. UsageError if a strategy does not
    exist or cannot be loaded.
    """
    sources = [str(Path(name).resolve()) if name.endswith(".py") else name for name in named]
    require_strategies(sources)
    _require_own_names(sources)
    unavailable = environments.unavailable(dict.fromkeys(sources))
    described = environments.describe(n for n in dict.fromkeys(sources) if n not in unavailable)
    unavailable |= _closed(described.values(), stack)
    known = {name: facts for name, facts in described.items() if name not in unavailable}
    return Catalogue(known, broker_facts(), unavailable)


def _closed(strategies: Collection[StrategyFacts], stack: str) -> dict[str, str]:
    """Return why strategies cannot be had on a stack, for each one of which that is so.

    Asking for containers takes a while, and is left out where it makes no difference.
    """
    servers = {facts.name: why for facts in strategies if (why := _without_server(facts))}
    services = {facts.name: NO_SERVICE for facts in strategies if _lacks_service(facts)}
    others = [f.name for f in strategies if _is_behind_a_profile(f) and f.name not in services]
    if not servers and not services and not others:
        return {}
    if choice.choose(stack).kind == choice.EMBEDDED:
        return servers
    return services | {name: NOT_UP.format(name) for name in choice.not_up(others)}


def _without_server(facts: StrategyFacts) -> str:
    if facts.broker is None:
        return ""
    if facts.broker not in brokers.names():
        known = ", ".join(brokers.names())
        raise UsageError(f"{facts.name}: unknown broker {facts.broker!r}: there are {known}")
    return brokers.load(facts.broker).missing()


def _lacks_service(facts: StrategyFacts) -> bool:
    return facts.name in strategy_files() and not choice.has_service(facts.name)


def _is_behind_a_profile(facts: StrategyFacts) -> bool:
    """Whether its services have an image of their own, which only it brings up."""
    return facts.name in strategy_files() and not environments.is_common(facts.name)


def broker_facts() -> dict[str, BrokerFacts]:
    """Return what each broker can write to disk, and what it lacks."""
    loaded = {name: brokers.load(name) for name in brokers.names()}
    return {
        name: BrokerFacts(tuple(one.durabilities), one.usual, one.lacks)
        for name, one in loaded.items()
    }


def _require_own_names(sources: Iterable[str]) -> None:
    """Raise UsageError for a file with the same name as a strategy in apps/."""
    for path in (Path(source) for source in sources if source.endswith(".py")):
        if path.stem in strategy_files():
            raise UsageError(f"{path}: strategy {path.stem!r} already exists; rename the file")


def chosen_profile(  # noqa: PLR0913 - one parameter per option
    name: str,
    only: list[str] | None,
    workloads: list[str] | None,
    seed: int | None,
    against: str | None,
    *,
    stack: str = choice.AUTO,
) -> tuple[Profile, Catalogue]:
    """Return the profile as narrowed by the options, and the strategies that it may name.

    Strategies that cannot run on the stack are left out. Layouts that the profile leaves open are
    this machine's usual one.
    """
    profile = reading.read(name)
    wanted = listed(only)
    known = catalogue(
        [profile.baseline, *wanted] if wanted else reading.strategies_named(profile), stack
    )
    narrowed = narrowing.narrow(
        reading.by_stems(profile), list(map(reading.stem, wanted)), workloads or []
    )
    chosen = narrowing.without(narrowed, known.unavailable)
    reading.require_known(chosen, known)
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    if against is not None:
        chosen, known = beside(chosen, known, against)
    return layouts.filled_in(chosen, cpus.usual_layout(cpus.available_cpus())), known


def listed(only: list[str] | None) -> list[str]:
    """Return the strategies that `--strategy` names, with groups as the strategies in them."""
    return groups.expanded(one for given in only or () for one in given.split(","))


def duration(seconds: float) -> str:
    """Format a duration for people, such as 42 s or 3.5 min."""
    return f"{seconds:.0f} s" if seconds < SHORT_S else f"{seconds / 60:.1f} min"


def count(number: int, what: str) -> str:
    """Format a count with its noun, such as 1 trial or 12 trials."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def short(path: Path) -> Path:
    """Return the path relative to the working directory if it is inside it, else unchanged."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def say(line: str) -> None:
    """Print one line as it is, but with control characters escaped and passwords hidden."""
    console.print(printable(masked(line)), markup=False, highlight=False)


def fail(message: str, code: int) -> NoReturn:
    """Write one line to stderr and exit with `code`."""
    sys.stderr.write(f"after202: {printable(masked(message))}\n")
    sys.exit(code)
