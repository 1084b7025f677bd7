"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c33_celery_does_a_task_once import (
    CASES,
    COUNTDOWN,
    LATE,
    RQ_LATER,
    SHORT,
    STARTS,
)


def _seen(*twice: str) -> Evidence:
    return {case: {STARTS: 2 if case in twice else 1} for case in CASES}


WAYS = [
    (TRUE, [_seen()]),
    (TRUE, [_seen(RQ_LATER)]),
    (DEPENDS, [_seen(LATE), _seen(LATE, COUNTDOWN)]),
    (FALSE, [_seen(SHORT, LATE)]),
]
