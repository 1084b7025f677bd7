"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c14_acks_late_never_loses import (
    DONE,
    EARLY,
    FROZEN,
    HELD,
    LATE,
    STARTS,
    TASKS,
)


def _seen(*missing: str, held: int = 0) -> Evidence:
    return {case: {STARTS: 1, DONE: int(case not in missing), HELD: held} for case in TASKS}


WAYS = [
    (TRUE, [_seen(EARLY)]),
    (FALSE, [_seen(EARLY, FROZEN)]),
    (FALSE, [_seen(EARLY), _seen(EARLY, LATE)]),
    (DEPENDS, [_seen(EARLY, FROZEN, held=1)]),
]
