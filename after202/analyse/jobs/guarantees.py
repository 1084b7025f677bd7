"""The guarantees of a cell: whether accepted work survives, and whether it is done once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from after202.analyse.jobs.outcomes import OutcomeClass


class Verdict(StrEnum):
    """Three values: what could not be seen is neither kept nor broken."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Seen:
    """What one trial or episode contributes: its jobs by class, and whether it shows anything."""

    classes: dict[str, int]
    accepted: int
    known: bool


@dataclass(frozen=True)
class Guarantees:
    """At least once: nothing that was accepted is lost. At most once: nothing is done twice."""

    at_least_once: Verdict
    at_most_once: Verdict

    def __str__(self) -> str:
        """Say both."""
        return f"at-least-once {self.at_least_once}, at-most-once {self.at_most_once}"


def decide(seen: Iterable[Seen]) -> Guarantees:
    """Decide over several trials or episodes.

    One lost job breaks the first, one that was done twice the second, however little else is
    known. Either holds if there is something that shows it; the first is unknown while somebody
    still holds a job, which may yet be done.
    """
    every = list(seen)
    counts = sum((Counter(one.classes) for one in every), Counter[str]())
    shows = [one for one in every if one.known and one.accepted]
    held = any(one.classes.get(OutcomeClass.STRANDED) for one in shows)
    least = Verdict.HOLDS if shows and not held else Verdict.UNKNOWN
    most = Verdict.HOLDS if shows else Verdict.UNKNOWN
    return Guarantees(
        Verdict.BROKEN if counts[OutcomeClass.LOST] else least,
        Verdict.BROKEN if counts[OutcomeClass.DUPLICATED] else most,
    )
