"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c38_worker_outlives_a_reset import (
    BUSY,
    CASES,
    DONE,
    IDLE,
    LATE,
    RQ_IDLE,
    RUNS,
    STARTS,
    TASKS,
)


def _seen(*stopped: str, ended: str = "", twice: str = "") -> Evidence:
    return {
        case: {
            RUNS: int(case != ended),
            DONE: 0 if case in stopped else TASKS,
            STARTS: TASKS + (case == twice),
        }
        for case in CASES
    }


WAYS = [
    (TRUE, [_seen()]),
    (TRUE, [_seen(twice=LATE)]),
    (DEPENDS, [_seen(BUSY), _seen()]),
    (DEPENDS, [_seen(ended=IDLE)]),
    (FALSE, [_seen(BUSY, RQ_IDLE)]),
]
