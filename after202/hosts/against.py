"""The other arm of `--against`: a strategy from another checkout, or with another library.

Another library is installed in an environment of its own, on top of the strategy's: whatever it
does not bring is the same for both arms.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from after202.hosts import environments, machine
from after202.hosts.environments import ENVIRONMENTS, Place
from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts

SUFFIX = "_against"


def given(against: str) -> str:
    """Return a checkout's whole path, or a requirement as it is; UsageError if it is neither."""
    if _is_folder(against):
        path = Path(against).resolve()
        if not (path / "apps" / "registry.py").is_file():
            raise UsageError(f"--against {against}: the folder is not a checkout of after202")
        return str(path)
    _requirement(against)
    return against


def place(facts: StrategyFacts) -> Place:
    """Return where a strategy runs; create its environment if it is missing.

    UsageError if the environment cannot be created.
    """
    python = environments.python(facts.name.removesuffix(SUFFIX) if facts.against else facts.name)
    if not facts.against:
        return Place(python)
    if _is_folder(facts.against):
        checkout = Path(facts.against)
        own = checkout / ".venv" / "bin" / "python"
        return Place(str(own) if own.is_file() else python, checkout)
    return Place(on_top_of(python, facts.against))


def own_libraries(facts: StrategyFacts) -> Mapping[str, str]:
    """Return the version of each library of a strategy's own environment, by name.

    Empty if it runs in the common one, or in another checkout's.
    """
    python = Path(place(facts).python)
    made = python.parents[1]
    return environments.libraries(made) if made.parent == ENVIRONMENTS else {}


def other(facts: StrategyFacts, against: str) -> StrategyFacts:
    """Return the same strategy from there, under a name and a label of its own.

    UsageError if it cannot be loaded there.
    """
    elsewhere = place(facts.model_copy(update={"against": against}))
    (found,) = environments.described(elsewhere, [facts.source])
    if _is_folder(against):
        commit = machine.git_commit(elsewhere.folder)
        what = f"at {_short(commit)}" if commit else f"of {elsewhere.folder.name}"
    else:
        wanted = _requirement(against)
        found_there = libraries(elsewhere, facts.source).get(_library(against))
        what = f"with {wanted.name} {found_there or wanted.specifier}"
    return found.model_copy(
        update={
            "name": facts.name + SUFFIX,
            "label": f"{found.label} {what}",
            "summary": f"The same {what}: the other arm of --against.",
            "against": against,
        }
    )


def users(strategies: Iterable[StrategyFacts], against: str) -> list[StrategyFacts]:
    """Return the strategies that load the library; all of them for another checkout."""
    if _is_folder(against):
        return list(strategies)
    library = _library(against)
    return [facts for facts in strategies if library in libraries(place(facts), facts.source)]


def libraries(where: Place, source: str) -> Mapping[str, str]:
    """Return the version of each library that a strategy loads, by the library's name."""
    found: dict[str, str] = json.loads(environments.ask(where, "libraries", source))
    return {canonicalize_name(name): version for name, version in found.items()}


def require_library(text: str) -> None:
    """Raise UsageError unless a text names a library's version."""
    _requirement(text)


def _is_folder(against: str) -> bool:
    return Path(against).is_dir()


def _requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise UsageError(
            f"{text}: give a library's version, such as celery==5.5, or the folder of another"
            " checkout"
        ) from error


def _library(text: str) -> str:
    return canonicalize_name(_requirement(text).name)


def on_top_of(python: str, requirement: str) -> str:
    """Return the interpreter of an environment with this library on top of what `python` has.

    It is created if it is missing; NotMadeError if it cannot be.
    """
    digest = hashlib.sha256(f"{python} {requirement}".encode()).hexdigest()[:16]
    folder = ENVIRONMENTS / f"against-{digest}"
    if not (folder / "complete").exists():
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        base = subprocess.check_output([python, "-c", where], text=True).strip()
        environments.create(folder, requirement, [requirement], base=base)
        (folder / "complete").touch()
    return str(folder / "bin" / "python")


def _short(commit: str) -> str:
    """Return the first digits of a commit, and that there are changes, if there are."""
    digits, _, changed = commit.partition("-")
    return digits[:8] + (f"-{changed}" if changed else "")
