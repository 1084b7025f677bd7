"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c39_graceful_timeout_protects import (
    CASES,
    COUNT,
    DONE,
    ENDED,
    NOT_SET,
    SHORTER,
)


def _seen(*lost: str) -> Evidence:
    return {case: {DONE: 0 if case in lost else COUNT, ENDED: 2.1} for case in CASES}


WAYS = [
    (FALSE, [_seen(SHORTER)]),
    (FALSE, [_seen()]),
    (DEPENDS, [_seen(NOT_SET, SHORTER)]),
    (TRUE, [_seen(NOT_SET)]),
]
