"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c09_def_and_async_def import AT_ONCE, CASES, DONE, ON_LOOP, PING, TASKS


def _seen(*broken: str) -> Evidence:
    return {
        case: {DONE: 0 if case in broken else TASKS, AT_ONCE: 40, ON_LOOP: 0, PING: 410.0}
        for case in CASES
    }


_, PLAIN, DECORATED, _ = CASES
WAYS = [
    (TRUE, [_seen()]),
    (DEPENDS, [_seen(DECORATED)]),
    (FALSE, [_seen(PLAIN, DECORATED)]),
]
