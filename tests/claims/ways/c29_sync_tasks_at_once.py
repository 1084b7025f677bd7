"""Evidence for each verdict."""

from loadtests.claims import FALSE, TRUE, Evidence
from loadtests.claims.c29_sync_tasks_at_once import ASYNC, AT_ONCE, CASES, FEW, LAST, MANY, SYNC


def _seen(few: int, many: int) -> Evidence:
    counts = [few, many, MANY, MANY]
    return {
        case: {AT_ONCE: count, LAST: 1900.0, SYNC: 700.0, ASYNC: 2.0}
        for case, count in zip(CASES, counts, strict=True)
    }


WAYS = [
    (FALSE, [_seen(FEW, 40)]),
    (FALSE, [_seen(1, 1)]),
    (TRUE, [_seen(FEW, MANY)]),
]
