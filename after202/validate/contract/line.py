"""What a check found: it passes, it says what to do, it tells, or it could not be tried here."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended; `UNTRIED` is no pass, and what is `NOTED` is the library's own way."""

    PASSES = "pass"
    FAILS = "FAIL"
    NOTED = "noted"
    UNTRIED = "not tried"


@dataclass(frozen=True)
class Line:
    """What one check found of one variant."""

    verdict: Verdict
    text: str
    check: str = ""
    variant: str = ""

    def __str__(self) -> str:
        """Return the line for a terminal."""
        return f"{self.verdict:<9}  {self.check}, {self.variant}: {self.text}"


def passes(text: str) -> Line:
    """Return that a check passes."""
    return Line(Verdict.PASSES, text)


def fails(what: str, to_do: str) -> Line:
    """Return that a check fails, and what to do."""
    return Line(Verdict.FAILS, f"{what}: {to_do}")


def noted(what: str) -> Line:
    """Return what a library does as its documentation has it, where only hardened must differ."""
    return Line(Verdict.NOTED, what)


def untried(why: str) -> Line:
    """Return that a check does not apply, or would take too long."""
    return Line(Verdict.UNTRIED, why)
