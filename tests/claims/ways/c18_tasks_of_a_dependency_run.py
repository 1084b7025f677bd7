"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c18_tasks_of_a_dependency_run import (
    CASES,
    FIRST,
    OF_DEPENDENCY,
    OF_ENDPOINT,
    OWN,
    PLAIN,
    STATUS,
)


def _seen(*lost: str) -> Evidence:
    return {
        case: {STATUS: 200, OF_DEPENDENCY: float(case not in lost), OF_ENDPOINT: 1, FIRST: 1}
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen(), _seen()]),
    (DEPENDS, [_seen(), _seen(OWN)]),
    (FALSE, [_seen(PLAIN)]),
    (FALSE, [_seen(*CASES)]),
]
