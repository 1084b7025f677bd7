"""Claims: what a paragraph of the page says about cells of its tables, in a form that is checked.

    <!-- claim: W2 | celery_queue documented | lost > 0, stranded > 0 -->

stands above the paragraph. Row and column are those of the tables that are made from a run; `*`
stands for any text, and the claim is then about every cell that it names. Conditions compare a
number of jobs with a number.
"""

import operator
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from tests.guarantees import outcomes, regions

CLAIM = re.compile(r"<!-- claim: (.+?) \| (.+?) \| (.+?) -->")
CONDITION = re.compile(r"([a-z ]+?) (=|>|<=) (\d+)")
MEANS = {"=": operator.eq, ">": operator.gt, "<=": operator.le}


def broken(page: str) -> Iterator[str]:
    """Yield a line for each claim that no cell can decide, or that a cell contradicts."""
    cells = regions.cells(page)
    for row, column, conditions in CLAIM.findall(page):
        said = f"{row} | {column} | {conditions}"
        chosen = {
            place: cell
            for place, cell in cells.items()
            if fnmatchcase(place[0], row) and fnmatchcase(place[1], column)
        }
        if not chosen:
            yield f"{said}: there is no such cell"
        for place, cell in chosen.items():
            if not _holds(conditions, outcomes.counts(cell)):
                yield f"{said}: {' | '.join(place)} is {cell!r}"


def _holds(conditions: str, counts: dict[str, int]) -> bool:
    """Return whether every condition holds; ValueError for one that cannot be read."""
    for condition in conditions.split(", "):
        found = CONDITION.fullmatch(condition)
        if found is None or found[1] not in counts:
            raise ValueError(f"claim {conditions!r}: {condition!r} is no condition")
        if not MEANS[found[2]](counts[found[1]], int(found[3])):
            return False
    return True
