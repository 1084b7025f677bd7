"""Evidence for each verdict."""

from loadtests.claims import FALSE, TRUE, Evidence
from loadtests.claims.c22_return_value_is_ignored import COROUTINE, FOUND, IN_DEF, QUEUE, RAN, TASKS


def _seen(*told: str, idle: str = "", kept: int = 1) -> Evidence:
    seen: Evidence = {QUEUE: {RAN: 1, FOUND: kept}}
    for case in TASKS:
        seen[case] = {RAN: float(case != idle), FOUND: float(case in told)}
    return seen


WAYS = [
    (TRUE, [_seen()]),
    (TRUE, [_seen(idle=COROUTINE, kept=0)]),
    (FALSE, [_seen(IN_DEF)]),
]
