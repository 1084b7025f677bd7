"""The guarantees of a cell: whether accepted work survives, and whether it is done once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from after202.analyse.jobs.outcomes import OutcomeClass


class Verdict(StrEnum):
    """Three-valued: a guarantee that could not be observed is neither kept nor broken."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Seen:
    """What one trial or episode contributes: its jobs by class, and whether it is evidence.

    It is not `complete` if a record of its ledger is damaged: that may hide a second execution.
    """

    classes: dict[str, int]
    accepted: int
    known: bool
    complete: bool = True

    @property
    def tells_of_loss(self) -> bool:
        """Whether it shows that jobs were lost, or that none was."""
        unseen = self.classes.get(OutcomeClass.UNSEEN) and not self.classes.get(OutcomeClass.LOST)
        return self.known and self.accepted > 0 and not unseen


@dataclass(frozen=True)
class Guarantees:
    """At least once: nothing that was accepted is lost. At most once: nothing is done twice."""

    at_least_once: Verdict
    at_most_once: Verdict

    def __str__(self) -> str:
        """Return both verdicts in one phrase."""
        return f"at-least-once {self.at_least_once}, at-most-once {self.at_most_once}"


def decide(seen: Iterable[Seen]) -> Guarantees:
    """Decide both guarantees over several trials or episodes.

    One lost job breaks at-least-once, and one job done twice breaks at-most-once, however little
    else is known. Otherwise a guarantee holds if there is evidence for it. At-least-once is
    unknown while a queue still holds a job, which may yet be done, or cannot be inspected.
    """
    every = list(seen)
    counts = sum((Counter(one.classes) for one in every), Counter[str]())
    shows = [one for one in every if one.known and one.accepted]
    open_ = {OutcomeClass.STRANDED, OutcomeClass.UNSEEN}
    held = any(open_ & one.classes.keys() for one in shows)
    least = Verdict.HOLDS if shows and not held else Verdict.UNKNOWN
    complete = all(one.complete for one in shows)
    most = Verdict.HOLDS if shows and complete else Verdict.UNKNOWN
    return Guarantees(
        Verdict.BROKEN if counts[OutcomeClass.LOST] else least,
        Verdict.BROKEN if counts[OutcomeClass.DUPLICATED] else most,
    )
