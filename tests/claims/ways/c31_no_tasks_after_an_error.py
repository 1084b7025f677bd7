"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c31_no_tasks_after_an_error import (
    CARRIED,
    CASES,
    FAILS,
    HANDLED,
    RAN,
    REFUSES,
    RETURNS,
    STATUS,
)


def _seen(*ran: str) -> Evidence:
    return {case: {STATUS: 409, RAN: float(case in ran)} for case in CASES}


WAYS = [
    (TRUE, [_seen(RETURNS, CARRIED)]),
    (TRUE, [_seen(RETURNS)]),
    (DEPENDS, [_seen(RETURNS, HANDLED, CARRIED)]),
    (FALSE, [_seen(RETURNS, REFUSES, FAILS, HANDLED, CARRIED)]),
]
