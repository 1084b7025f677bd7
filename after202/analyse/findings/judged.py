"""What `after202 check` finds: a verdict on each trial, and on the run."""

from dataclasses import dataclass

from after202.analyse.jobs.guarantees import Guarantees
from after202.records.document import Checked

HOLDS, BROKEN, UNKNOWN = 0, 1, 2
WORDS: tuple[Checked, ...] = ("holds", "broken", "unknown")


@dataclass(frozen=True)
class Judged:
    """What was found of one trial or episode; `said` explains it.

    A trial with several legs has one for each, under a name of its own and the same id.
    """

    id: str
    trial: str
    code: int
    said: str
    valid: bool
    accepted: int
    classes: dict[str, int]
    guarantees: Guarantees
    reasons: tuple[str, ...]

    @property
    def word(self) -> Checked:
        """The verdict as a word."""
        return WORDS[self.code]

    @property
    def line(self) -> str:
        """The verdict with its explanation."""
        word = self.word.upper() if self.code == BROKEN else self.word
        return f"{word:7}  {self.trial}: {self.said}"


@dataclass(frozen=True)
class CheckResult:
    """What was found of every stored trial, leg by leg.

    `missing` of the `planned` trials are not stored.
    """

    judged: tuple[Judged, ...]
    missing: int
    planned: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to print: one per trial, and the sum."""
        found = [one.line for one in self.judged]
        if self.missing:
            found.append(f"unknown  {self.missing} of {self.planned} trials are not stored")
        return (*found, self._sum())

    @property
    def exit_code(self) -> int:
        """0 holds, 1 broken, 2 unknown."""
        codes = {one.code for one in self.judged}
        if BROKEN in codes:
            return BROKEN
        return UNKNOWN if self.missing or UNKNOWN in codes or not codes else HOLDS

    @property
    def word(self) -> Checked:
        """The verdict on the run."""
        return WORDS[self.exit_code]

    def count(self, code: int) -> int:
        """Return how many trials have this verdict: broken or unknown if one of their legs is."""
        return sum(self._verdict(found) == code for found in self._trials())

    @property
    def valid(self) -> int:
        """How many trials are valid."""
        return sum(all(one.valid for one in found) for found in self._trials())

    @property
    def trials(self) -> int:
        """How many trials are stored."""
        return len(self._trials())

    def _trials(self) -> list[list[Judged]]:
        by_id: dict[str, list[Judged]] = {}
        for one in self.judged:
            by_id.setdefault(one.id, []).append(one)
        return list(by_id.values())

    def _verdict(self, legs: list[Judged]) -> int:
        codes = {one.code for one in legs}
        return BROKEN if BROKEN in codes else max(codes)

    def _sum(self) -> str:
        trials = "1 trial" if self.trials == 1 else f"{self.trials} trials"
        return (
            f"{trials}: {self.count(HOLDS)} hold, {self.count(BROKEN)} broken,"
            f" {self.count(UNKNOWN)} unknown; {self.valid} valid"
        )
