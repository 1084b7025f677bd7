"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c13_celery_survives_restarts import API, CASES, DONE, KILLED, SAVED, TASKS


def _seen(**lost: int) -> Evidence:
    return {case: {DONE: TASKS - lost.get(case, 0)} for case in CASES}


WAYS = [
    (TRUE, [_seen()]),
    (DEPENDS, [_seen(**{KILLED: 1})]),
    (DEPENDS, [_seen(), _seen(**{SAVED: TASKS})]),
    (FALSE, [_seen(**{API: 1, SAVED: TASKS})]),
]
