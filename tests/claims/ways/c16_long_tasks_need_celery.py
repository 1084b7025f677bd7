"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c16_long_tasks_need_celery import (
    CASES,
    COUNT,
    DONE,
    LONG,
    LONG_DEPLOY,
    SHORT_CRASH,
)


def _seen(*lost: str) -> Evidence:
    return {case: {DONE: 0 if case in lost else COUNT} for case in CASES}


WAYS = [
    (TRUE, [_seen(LONG, LONG_DEPLOY)]),
    (DEPENDS, [_seen(SHORT_CRASH, LONG_DEPLOY)]),
    (FALSE, [_seen()]),
    (FALSE, [_seen(*CASES)]),
]
