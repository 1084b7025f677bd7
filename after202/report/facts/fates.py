"""What became of accepted jobs, by fault, by what the broker writes, and by strategy."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from after202.analyse.jobs.guarantees import Verdict
from after202.analyse.statistics.binomial import upper_bound
from after202.records.experiment import NO_FAULT
from after202.records.trial import SHAPES
from after202.report.facts.names import Who
from after202.report.facts.tables import Row, who_of

API_CRASH, API_DEPLOY, WORKER_CRASH, WORKER_DEPLOY = "A3", "A2", "W2", "W5"
DEPLOYS = (API_DEPLOY, WORKER_DEPLOY)
ESSENTIAL = (API_CRASH, API_DEPLOY, WORKER_CRASH, WORKER_DEPLOY)
LOST, FAILED, STUCK, UNSEEN, TWICE, DONE, NONE = (
    "lost", "failed", "stuck", "unseen", "twice", "done", "none",
)  # fmt: skip
Cell = tuple[str, str, Who]


@dataclass(frozen=True)
class Fate:
    """What became of the accepted jobs of some episodes.

    `evidence` is how many of the episodes tell whether a job was lost; `open` is how many cells
    leave it undecided whether everything is done.
    """

    episodes: int = 0
    evidence: int = 0
    accepted: int = 0
    lost: int = 0
    failed: int = 0
    stuck: int = 0
    unseen: int = 0
    twice: int = 0
    again: int = 0
    late: int = 0
    unknown: int = 0
    refused: int = 0
    open: int = 0

    def __add__(self, other: "Fate") -> "Fate":
        """Return what became of the jobs of both."""
        return Fate(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Fate)))

    @property
    def undone(self) -> int:
        """How many accepted jobs were not done, as far as anyone knows."""
        return self.lost + self.failed + self.stuck + self.unseen

    @property
    def keeps_all(self) -> bool:
        """Whether it is shown that every accepted job was done."""
        return self.accepted > 0 and not self.undone and not self.open

    @property
    def worst(self) -> str:
        """The worst that happened to a job."""
        for name in (LOST, STUCK, FAILED, UNSEEN, TWICE):
            if getattr(self, name):
                return name
        return DONE if self.accepted and not self.open else NONE

    @property
    def bound(self) -> float:
        """The 95 % upper bound on the share of such episodes that lose a job, if none here did."""
        return upper_bound(0, self.evidence)


def fates(rows: Sequence[Row]) -> dict[Cell, Fate]:
    """Return the cells of `completion.csv`: by fault, broker, and strategy with its variant."""
    return {(row["fault"], row["broker"], who): _fate(row) for row in rows if (who := who_of(row))}


def struck(found: Iterable[Cell]) -> list[str]:
    """Return the faults, in the order of their ids, without the control and without pressure."""
    return sorted({fault for fault, _, _ in found} - {NO_FAULT, *SHAPES})


def _fate(row: Row) -> Fate:
    return Fate(
        episodes=row["episodes"],
        evidence=_evidence(row),
        accepted=row["accepted"],
        lost=row["lost"],
        failed=row["failed_visibly"],
        stuck=row["stranded"],
        unseen=row["unseen"],
        twice=row["duplicated"],
        again=row["begun_again"],
        late=row["late"],
        unknown=row["unknown"],
        refused=row["refused"],
        open=row["done_at_least_once"] == Verdict.UNKNOWN,
    )


def _evidence(row: Row) -> int:
    """Return how many episodes the bound stands on: without a loss it is 1 - 0.05^(1/n)."""
    bound = row["upper_bound_lost"]
    if bound is None or not 0 < bound < 1 or row["lost"]:
        return 0 if bound is None else int(row["episodes"])
    return round(math.log(0.05) / math.log(1 - bound))
