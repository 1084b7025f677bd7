"""Whether runs can be pooled: only what is the same is measured again."""

from collections.abc import Iterator, Sequence

from after202.kernel.errors import UsageError
from after202.records.run import RunRecord

MACHINE = ("system", "python", "processor", "cores")


def require_alike(records: Sequence[RunRecord]) -> None:
    """Raise UsageError with the first difference that makes runs incomparable."""
    names = [record.run for record in records]
    if len(set(names)) < len(names):
        raise UsageError("the same run is named twice: each run is one session")
    first = records[0]
    for other in records[1:]:
        for what in _differences(first, other):
            raise UsageError(f"{first.run} and {other.run} cannot be pooled: they differ in {what}")


def _differences(one: RunRecord, other: RunRecord) -> Iterator[str]:
    ignored = {"seed": 0, "description": ""}
    if one.profile.model_copy(update=ignored) != other.profile.model_copy(update=ignored):
        yield "their profiles"
    if one.stack != other.stack:
        yield "their stacks"
    for name in sorted(one.versions.keys() | other.versions.keys()):
        mine, theirs = one.versions.get(name), other.versions.get(name)
        if mine != theirs:
            yield f"the version of {name} ({mine} and {theirs})"
    for name in MACHINE:
        if one.machine.get(name) != other.machine.get(name):
            yield f"their machines' {name}"
    if one.cpu_sets != other.cpu_sets:
        yield "the processors of their parts"
