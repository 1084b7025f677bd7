"""The commands, and what they share: options, the console, how an ending is said."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from after202.plan import reading as profiles
from after202.records import folder as results
from after202.records.profile import Profile

STOPPED = 130
SHORT_S = 100
console = Console()

ProfileName = Annotated[str, typer.Argument(help="A profile's name, or the path of a .toml file.")]
RunName = Annotated[str, typer.Argument(help="A run's folder, or its name below results/.")]
Strategies = Annotated[list[str] | None, typer.Option("--strategy", help="Only this; repeatable.")]
Workloads = Annotated[list[str] | None, typer.Option("--workload", help="Only this; repeatable.")]
Seed = Annotated[int | None, typer.Option(help="Instead of the profile's.")]
Results = Annotated[Path, typer.Option("--results", help="Where runs are kept.")]
RESULTS = results.RESULTS


def chosen_profile(name: str, only: Strategies, workloads: Workloads, seed: int | None) -> Profile:
    """Return what the options leave of a profile."""
    chosen = profiles.narrow(profiles.read(name), only or [], workloads or [])
    return chosen if seed is None else chosen.model_copy(update={"seed": seed})


def duration(seconds: float) -> str:
    """Return a duration as one says it."""
    return f"{seconds:.0f} s" if seconds < SHORT_S else f"{seconds / 60:.1f} min"


def short(path: Path) -> Path:
    """Return a path from here, if it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def say(line: str) -> None:
    """Print one line as it is."""
    console.print(line, markup=False, highlight=False)


def fail(message: str, code: int) -> NoReturn:
    """End the program with one line on stderr."""
    sys.stderr.write(f"after202: {message}\n")
    sys.exit(code)
