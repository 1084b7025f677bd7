"""Evidence for each verdict."""

from loadtests.claims import FALSE, TRUE, Evidence
from loadtests.claims.c12_background_tasks_lose_work import ANSWERED, BEGUN, CASES, DONE, JOBS


def _seen(**done: int) -> Evidence:
    return {
        case: {ANSWERED: JOBS, BEGUN: JOBS, DONE: done.get(f"case_{number}", JOBS)}
        for number, case in enumerate(CASES)
    }


WAYS = [
    (TRUE, [_seen(case_1=0, case_2=0)]),
    (TRUE, [_seen(case_2=2)]),
    (FALSE, [_seen()]),
    (FALSE, [_seen(case_3=0)]),
]
