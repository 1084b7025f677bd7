"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c40_errors_reach_monitoring import CASES, HANDLED, MONITORS, OF_CLASS, TASKS


def _seen(*saw: str, but_not: str = "") -> Evidence:
    found: Evidence = {}
    for case in CASES:
        found[case] = {one: int(one in saw and case != but_not) for one in MONITORS}
        found[case][OF_CLASS] = 0 if case == HANDLED else None
    return found


ASYNC = list(TASKS)[-1]
WAYS = [
    (DEPENDS, [_seen("error log", "ASGI middleware")]),
    (TRUE, [_seen(*MONITORS)]),
    (FALSE, [_seen()]),
    (FALSE, [_seen(*MONITORS, but_not=ASYNC)]),
]
