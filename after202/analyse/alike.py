"""What two runs have in common and what not: profile, machine, versions, settings."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from after202.kernel.errors import UsageError
from after202.records.run import BROKER, RunRecord

MACHINE = ("system", "python", "processor", "cores")
OF_NO_ACCOUNT = {"seed": 0, "description": ""}
NONE = "none"
Name = TypeVar("Name", bound=str)


@dataclass(frozen=True)
class Unlike:
    """Something in which two runs differ, and what it is in either; `none` where it is missing."""

    what: str
    mine: str
    theirs: str

    def __str__(self) -> str:
        """Return all three in one phrase."""
        return f"{self.what}: {self.mine} and {self.theirs}"


def require_alike(records: Sequence[RunRecord]) -> None:
    """Raise UsageError with the first difference that makes runs no sessions of one profile."""
    require_different([record.run for record in records])
    first = records[0]
    for other in records[1:]:
        for found in (*profiles(first, other), *surroundings(first, other)):
            raise UsageError(
                f"{first.run} and {other.run} cannot be pooled: they differ in {found}"
            )


def require_different(runs: Sequence[str]) -> None:
    """Raise UsageError if a run is named twice."""
    if len(set(runs)) < len(runs):
        raise UsageError("the same run is named twice: each run is one session")


def profiles(one: RunRecord, other: RunRecord) -> Iterator[Unlike]:
    """Yield the parts of the profile that differ; its seed and its description do not count."""
    mine, theirs = (
        record.profile.model_copy(update=OF_NO_ACCOUNT).model_dump(mode="json")
        for record in (one, other)
    )
    for found in _different(mine, theirs):
        yield Unlike(f"their profiles' {found.what}", found.mine, found.theirs)


def surroundings(one: RunRecord, other: RunRecord) -> Iterator[Unlike]:
    """Yield what differs in stack, machine and versions."""
    if one.stack != other.stack:
        yield Unlike("their stacks", one.stack, other.stack)
    for name in MACHINE:
        mine, theirs = (str(record.machine.get(name, NONE)) for record in (one, other))
        if mine != theirs:
            yield Unlike(f"their machines' {name}", mine, theirs)
    for found in _different(one.cpu_sets, other.cpu_sets):
        yield Unlike(f"the processors of their parts, {found.what}", found.mine, found.theirs)
    for found in _different(one.versions, other.versions):
        yield Unlike(f"the version of {found.what}", found.mine, found.theirs)
    for found in _different(_environments(one), _environments(other)):
        yield Unlike(f"the version of {found.what}", found.mine, found.theirs)


def origins(one: RunRecord, other: RunRecord) -> Iterator[Unlike]:
    """Yield what differs in the code that ran, the broker, and the seed."""
    pairs = (
        ("their commits", one.git_commit, other.git_commit),
        ("their brokers", one.options.get(BROKER, ""), other.options.get(BROKER, "")),
        ("their seeds", str(one.profile.seed), str(other.profile.seed)),
    )
    for what, mine, theirs in pairs:
        if mine != theirs:
            yield Unlike(what, mine or NONE, theirs or NONE)


def settings(one: RunRecord, other: RunRecord) -> Iterator[Unlike]:
    """Yield the settings that differ, of strategies of both, as they described themselves."""
    shared = one.strategies.keys() & other.strategies.keys()
    for found in _different(_settings(one, shared), _settings(other, shared)):
        yield Unlike(f"the setting {found.what}", found.mine, found.theirs)


def _environments(record: RunRecord) -> dict[str, str]:
    return {
        f"{library} in the environment of {strategy}": version
        for strategy, libraries in record.environments.items()
        for library, version in libraries.items()
    }


def _settings(record: RunRecord, strategies: AbstractSet[str]) -> dict[str, str]:
    return {
        f"{strategy} {variant}, {setting.name}": setting.value
        for strategy, facts in record.strategies.items()
        if strategy in strategies
        for variant, of_it in facts.variants.items()
        for setting in of_it.settings
    }


def _different(mine: Mapping[Name, object], theirs: Mapping[Name, object]) -> Iterator[Unlike]:
    for name in sorted(mine.keys() | theirs.keys()):
        here, there = mine.get(name, NONE), theirs.get(name, NONE)
        if here != there:
            yield Unlike(name, str(here), str(there))
