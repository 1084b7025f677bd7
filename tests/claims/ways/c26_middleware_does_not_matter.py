"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c26_middleware_does_not_matter import CASES, GOES, NONE, STAYS


def _seen(*lost: str, staying: int = 0) -> Evidence:
    return {
        case: {STAYS: staying if case in lost else 1, GOES: float(case not in lost)}
        for case in CASES
    }


LAST = list(CASES)[-1]
WAYS = [
    (TRUE, [_seen()]),
    (DEPENDS, [_seen(LAST)]),
    (DEPENDS, [_seen(LAST, staying=1)]),
    (FALSE, [_seen(*(case for case in CASES if case != NONE))]),
]
