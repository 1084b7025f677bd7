"""What people say of background work, put to the test: each file `cNN_slug.py` is one claim.

A claim's file defines `CLAIM`, the app and the tasks that it is tried on, an experiment on real
servers, and a judge. The experiment returns figures; the judge is a pure function of them.
"""

import importlib
import pkgutil
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from after202.kernel.errors import After202Error
from after202.records.evidence import Evidence as Evidence
from loadtests.claims.lab import Answer as Answer
from loadtests.claims.lab import Broker as Broker
from loadtests.claims.lab import Connection as Connection
from loadtests.claims.lab import End as End
from loadtests.claims.lab import Lab as Lab
from loadtests.claims.lab import Mark as Mark
from loadtests.claims.lab import Process as Process
from loadtests.claims.lab import Server as Server

TRUE, FALSE, DEPENDS = "true", "false", "depends"
IS_CLAIM = re.compile(r"c(\d\d)_(\w+)")
WEB = ("fastapi", "starlette", "uvicorn")
CELERY, RQ = ("celery", "kombu", "redis"), ("rq", "redis")
# The headings of the index, in its order.
TOPICS = (
    "BackgroundTasks",
    "Blocking and parallel work",
    "Errors",
    "Deploys and crashes",
    "Queues",
    "Brokers",
    "Databases",
)


class CannotRunError(After202Error):
    """The experiment cannot be made on this machine; the message is the reason."""


@dataclass(frozen=True)
class Verdict:
    """A verdict, the sentence that says what was seen, and, if it depends, on what."""

    word: str
    sentence: str
    on: str = ""


def true(sentence: str) -> Verdict:
    """Return that the claim holds."""
    return Verdict(TRUE, sentence)


def false(sentence: str) -> Verdict:
    """Return that the claim does not hold."""
    return Verdict(FALSE, sentence)


def depends(on: str, sentence: str) -> Verdict:
    """Return that it holds in some cases, and what decides that: `on` follows "depends on"."""
    return Verdict(DEPENDS, sentence, on)


@dataclass(frozen=True)
class Seen:
    """The evidence of every run of an experiment."""

    runs: Sequence[Evidence]

    @property
    def conditions(self) -> list[str]:
        """The conditions, in the order in which they were tried."""
        return list(dict.fromkeys(name for run in self.runs for name in run))

    def figures(self, condition: str) -> list[str]:
        """Return the names of a condition's figures."""
        return list(dict.fromkeys(name for run in self.runs for name in run.get(condition, {})))

    def values(self, condition: str, figure: str) -> list[float]:
        """Return a figure in every run in which it happened."""
        found = (run.get(condition, {}).get(figure) for run in self.runs)
        return [value for value in found if value is not None]

    def missing(self, condition: str, figure: str) -> int:
        """Return in how many runs it did not happen."""
        return len(self.runs) - len(self.values(condition, figure))

    def median(self, condition: str, figure: str) -> float:
        """Return the median over the runs; LookupError if it never happened."""
        values = self.values(condition, figure)
        if not values:
            raise LookupError(f"{figure} ({condition}) never happened")
        return statistics.median(values)

    def least(self, condition: str, figure: str) -> float:
        """Return the least over the runs."""
        return min(self.values(condition, figure))

    def most(self, condition: str, figure: str) -> float:
        """Return the most over the runs."""
        return max(self.values(condition, figure))


@dataclass(frozen=True)
class Claim:
    """A claim, its source, how it is tried and how it is judged.

    `says` is the claim as a sentence and `question` how people ask it. `instead` is what to do.
    `topic` is where the index lists it. `about` are the libraries for whose versions the verdict
    holds. A `timed` experiment has the machine to itself; others are made side by side.
    """

    says: str
    question: str
    topic: str
    source: str
    instead: str
    experiment: Callable[[Lab], Evidence]
    judge: Callable[[Seen], Verdict]
    about: tuple[str, ...] = WEB
    runs: int = 3
    timed: bool = True


@dataclass(frozen=True)
class Listed:
    """A claim by its file: `name` is the file's, `number` and `slug` are taken from it."""

    name: str
    number: int
    slug: str


def listed() -> list[Listed]:
    """Return the claims that there are, by number; none of them is loaded."""
    found = (IS_CLAIM.fullmatch(module.name) for module in pkgutil.iter_modules(__path__))
    return [Listed(one[0], int(one[1]), one[2].replace("_", "-")) for one in found if one]


def load(name: str) -> Claim:
    """Return the claim of a file."""
    claim: Claim = importlib.import_module(f"{__name__}.{name}").CLAIM
    return claim
