"""Evidence for each verdict."""

from loadtests.claims import DEPENDS, FALSE, TRUE, Evidence
from loadtests.claims.c08_same_process import CASES, JOBS, KNOWN, PROCESSES, SAME


def _seen(one: int, two: int) -> Evidence:
    return {
        case: {SAME: same, PROCESSES: workers, KNOWN: JOBS // workers}
        for (case, workers), same in zip(CASES.items(), (one, two), strict=True)
    }


WAYS = [
    (TRUE, [_seen(JOBS, JOBS)]),
    (DEPENDS, [_seen(JOBS, JOBS // 2)]),
    (FALSE, [_seen(0, 0)]),
]
