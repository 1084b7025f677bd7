"""What accepted work can rely on: it is done, it is begun only once, its failure can be seen."""

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

    `begun_again` counts the jobs of which a step was begun more than once, whatever came of it. It
    is not `complete` if a record of its ledger is damaged: that may hide a second execution.
    """

    classes: dict[str, int]
    accepted: int
    known: bool
    complete: bool = True
    begun_again: int = 0

    @property
    def tells_of_loss(self) -> bool:
        """Whether it shows that jobs were lost, or that none was."""
        unseen = self.classes.get(OutcomeClass.UNSEEN) and not self.classes.get(OutcomeClass.LOST)
        return self.known and self.accepted > 0 and not unseen


@dataclass(frozen=True)
class Guarantees:
    """What accepted work can rely on.

    `done_at_least_once`: all of it is done. `begun_at_most_once`: no step is begun a second time,
    so a job need not be idempotent. `failure_visible`: what is never done leaves a record that an
    operator can find.
    """

    done_at_least_once: Verdict
    begun_at_most_once: Verdict
    failure_visible: Verdict

    def __str__(self) -> str:
        """Return the three verdicts in one phrase."""
        return (
            f"done at least once: {self.done_at_least_once},"
            f" begun at most once: {self.begun_at_most_once},"
            f" failure visible: {self.failure_visible}"
        )


def decide(seen: Iterable[Seen]) -> Guarantees:
    """Decide the three guarantees over several trials or episodes.

    One job breaks a guarantee, however little else is known: one that is never done, one that is
    begun again, one that is lost without a record. Otherwise a guarantee holds if there is evidence
    for it. While a queue still holds a job, or cannot be inspected, it is unknown whether all is
    done. Whether failures are visible is unknown as long as nothing has failed.
    """
    every = list(seen)
    counts = sum((Counter(one.classes) for one in every), Counter[str]())
    shows = [one for one in every if one.known and one.accepted]
    lost, failed = counts[OutcomeClass.LOST], counts[OutcomeClass.FAILED_VISIBLY]
    twice = counts[OutcomeClass.DUPLICATED] + sum(one.begun_again for one in every)
    open_ = {OutcomeClass.STRANDED, OutcomeClass.UNSEEN}
    settled = shows and not any(open_ & one.classes.keys() for one in shows)
    return Guarantees(
        _verdict(broken=lost + failed, shown=settled),
        _verdict(broken=twice, shown=shows and all(one.complete for one in shows)),
        _verdict(broken=lost, shown=failed),
    )


def _verdict(*, broken: object, shown: object) -> Verdict:
    if broken:
        return Verdict.BROKEN
    return Verdict.HOLDS if shown else Verdict.UNKNOWN
