"""How charts name things and write numbers: identifiers never show."""

import math
from collections.abc import Iterable, Sequence

from after202.analyse.marks import IN_WORDS
from after202.kernel.model import DOCUMENTED

API_CRASH, WORKER_CRASH = "A3", "W2"
KILLED = {API_CRASH: "the API is killed", WORKER_CRASH: "a worker is killed"}
SPACE = "\N{NO-BREAK SPACE}"
NEVER = "never"
# A row has no room for more of what a profile overrides.
LONGEST_GIVEN = 40


def number(value: float) -> str:
    """Return two digits below ten and none after the point above: 0.95, 1.4, 28."""
    if not math.isfinite(value):
        return NEVER
    size = abs(value)
    digits = 2 if size < 0.995 else 1 if size < 9.95 else 0
    return f"{value:,.{digits}f}"


def ms(value: float) -> str:
    """Return a time in ms, or in s from ten seconds on."""
    if not math.isfinite(value):
        return NEVER
    return f"{number(value / 1000)}{SPACE}s" if value >= 10_000 else f"{number(value)}{SPACE}ms"


def mib(value: float) -> str:
    """Return bytes as MiB."""
    return f"{number(value / 2**20)}{SPACE}MiB"


def times(ratio: float) -> str:
    """Return a ratio: 1.2x, 20x, with the sign of multiplication."""
    return f"{number(ratio)}\N{MULTIPLICATION SIGN}"


def apart(ratio: float) -> str:
    """Return how far a ratio above 1 is from it: 3 %, or 2.4x from twice on."""
    return times(ratio) if ratio >= 2 else f"{number(100 * (ratio - 1))}{SPACE}%"


def percent(share: float) -> str:
    """Return a share in percent; 100 % is said only of all, 0 % only of none."""
    shown = round(100 * share)
    if shown == 100 and share < 1:
        return f"over{SPACE}99{SPACE}%"
    if shown == 0 and share > 0:
        return f"under{SPACE}1{SPACE}%"
    return f"{shown}{SPACE}%"


def listed(names: Iterable[str]) -> str:
    """Return names as a phrase: a, b and c."""
    *others, last = list(names)
    return f"{', '.join(others)} and {last}" if others else last


def is_or_are(names: Sequence[str], one: str, more: str) -> str:
    """Return names as a phrase, and the verb for one or for more."""
    return f"{listed(names)} {one if len(names) == 1 else more}"


def of_one(title: str, trials: int) -> str:
    """Return a title that says so if its figures come from one trial each."""
    return f"{title} ({IN_WORDS} each)" if trials == 1 else title


def spoken(identifier: str) -> str:
    """Return an identifier without its underscores."""
    return identifier.replace("_", " ").strip()


def variant(name: str) -> str:
    """Return a variant's name: what the documentation shows is the default."""
    plain, _, given = name.partition(" (")
    said = "default" if plain == DOCUMENTED else spoken(plain)
    return f"{said} ({overridden(given.removesuffix(')'))})" if given else said


def overridden(given: str) -> str:
    """Return what a profile overrides if it is short, else how many settings that are."""
    settings = given.count(" = ")
    return given if len(given) <= LONGEST_GIVEN else f"{settings} settings overridden"


def opening(text: str) -> str:
    """Return a sentence with a capital first."""
    return text[:1].upper() + text[1:]
