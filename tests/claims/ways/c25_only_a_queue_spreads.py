"""Evidence for each verdict."""

from loadtests.claims import FALSE, TRUE, Evidence
from loadtests.claims.c25_only_a_queue_spreads import (
    BY,
    DONE,
    ELSEWHERE,
    IN_API,
    IN_QUEUE,
    KILLED_API,
    KILLED_QUEUE,
    PROCESSES,
    TASKS,
)


def _seen(workers: int = PROCESSES, elsewhere: int = 0, done: int = TASKS) -> Evidence:
    return {
        IN_API: {DONE: TASKS, ELSEWHERE: elsewhere, BY: 1},
        IN_QUEUE: {DONE: done, ELSEWHERE: done, BY: workers},
        KILLED_API: {DONE: 0, ELSEWHERE: 0, BY: 0},
        KILLED_QUEUE: {DONE: done, ELSEWHERE: done, BY: workers},
    }


WAYS = [
    (TRUE, [_seen()]),
    (FALSE, [_seen(workers=1)]),
    (FALSE, [_seen(elsewhere=2)]),
    (FALSE, [_seen(), _seen(done=TASKS - 1)]),
]
