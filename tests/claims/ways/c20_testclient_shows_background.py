"""Evidence for each verdict."""

from loadtests.claims import FALSE, TRUE, Evidence
from loadtests.claims.c20_testclient_shows_background import (
    ANSWERED,
    CLIENT,
    DONE,
    RAISED,
    SERVER,
    TASK_MS,
)


def _seen(*, waits: bool) -> Evidence:
    answered = TASK_MS + 5.0 if waits else 5.0
    return {
        CLIENT: {ANSWERED: answered, DONE: float(waits), RAISED: float(waits)},
        SERVER: {ANSWERED: 5.0, DONE: 0, RAISED: 0},
    }


WAYS = [
    (FALSE, [_seen(waits=True)]),
    (TRUE, [_seen(waits=False)]),
]
