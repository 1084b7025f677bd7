"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c15_retries_when_worker_dies import (
    CAREFUL,
    CASES,
    DUE,
    PLAIN,
    PROCESS,
    RQ_CAREFUL,
    RQ_PLAIN,
    WORKER,
)


def _seen(*retrying: str) -> Evidence:
    return {
        case: {PROCESS: int(case in retrying), WORKER: int(case in retrying), DUE: None}
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen(*CASES)]),
    (TRUE, [_seen(PLAIN, RQ_PLAIN)]),
    (DEPENDS, [_seen(CAREFUL, RQ_CAREFUL)]),
    (DEPENDS, [_seen(*CASES), _seen(CAREFUL, RQ_CAREFUL, RQ_PLAIN)]),
    (FALSE, [_seen()]),
]
