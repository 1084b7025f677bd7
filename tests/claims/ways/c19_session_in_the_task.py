"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c19_session_in_the_task import (
    CASES,
    CLOSED,
    COMMITTED,
    FUNCTION,
    KEPT,
    REQUEST,
    WORKED,
)

NAMES = (WORKED, COMMITTED, KEPT, CLOSED)


def _seen(*closed: str, without: str = "") -> Evidence:
    return {
        case: dict.fromkeys(NAMES)
        if case == without
        else {WORKED: float(case not in closed), COMMITTED: 0, KEPT: 0, CLOSED: 500.0}
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen()]),
    (TRUE, [_seen(without=FUNCTION)]),
    (DEPENDS, [_seen(FUNCTION)]),
    (FALSE, [_seen(REQUEST, without=FUNCTION)]),
    (FALSE, [_seen(REQUEST, FUNCTION)]),
]
