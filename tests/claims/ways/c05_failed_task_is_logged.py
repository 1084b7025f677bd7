"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c05_failed_task_is_logged import CASES, DONE, FAILING, LOGGED, OK


def _seen(*, ok: int = 1, logged: tuple[str, ...] = tuple(FAILING), done: int = 1) -> Evidence:
    return {case: {OK: ok, LOGGED: int(case in logged), DONE: done} for case in CASES}


WAYS = [
    (TRUE, [_seen()]),
    (TRUE, [_seen(done=2)]),
    (DEPENDS, [_seen(logged=(FAILING[0],))]),
    (FALSE, [_seen(logged=())]),
    (FALSE, [_seen(ok=0)]),
]
