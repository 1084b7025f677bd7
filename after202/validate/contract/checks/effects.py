"""Effects: every job of every workload is done exactly once, by the ledger and by the services."""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from after202.kernel.ledger import EventKind
from after202.validate.contract.line import Line, fails, passes
from after202.validate.contract.system import System, steps

JOBS = 4
Jobs = Mapping[str, list[UUID]]


def check(system: System) -> Iterator[Line]:
    """Ask for jobs of each workload, and count what the ledger and the services have of each."""
    jobs = {workload: system.submit(workload, JOBS) for workload in system.offers}
    system.settle(jobs)
    for workload, of_it in jobs.items():
        if wrong := _by_the_ledger(system, workload, of_it):
            yield wrong
            return
    found = of_workloads(system, jobs)
    for workload, counted in system.reference.items():
        if wrong := _by_the_services(workload, counted, found[workload]):
            yield wrong
            return
    number = sum(map(len, jobs.values()))
    yield passes(
        f"{number} jobs of {len(jobs)} workloads, each step begun and ended once, with the effects"
        " that they have where the request itself does the work"
    )


def of_workloads(system: System, jobs: Jobs) -> dict[str, Counter[str]]:
    """Return what the jobs of each workload left, by kind."""
    workload_of = {job: workload for workload, of_it in jobs.items() for job in of_it}
    found: dict[str, Counter[str]] = {workload: Counter() for workload in jobs}
    for (job, kind), number in system.effects().items():
        if job in workload_of:
            found[workload_of[job]][kind] += number
    return found


def _by_the_ledger(system: System, workload: str, jobs: list[UUID]) -> Line | None:
    """Return what is wrong with a workload's jobs: not done, failed, done again."""
    events, wanted = system.events(jobs), list(range(len(system.offers[workload].steps)))
    failed = [job for job, of_it in events.items() if steps(of_it, EventKind.FAIL)]
    ended = {job: sorted(steps(events.get(job, []), EventKind.END)) for job in jobs}
    again = [job for job, found in ended.items() if len(found) > len(set(found))]
    undone = [job for job, found in ended.items() if set(found) != set(wanted)]
    if failed:
        return fails(
            f"{len(failed)} of {len(jobs)} jobs of {workload} raised",
            "see the API's and the worker's log; a step must be given its job as it was submitted",
        )
    if again:
        return fails(
            f"{len(again)} of {len(jobs)} jobs of {workload} were done more than once",
            "submit each step once, and acknowledge it once it is done",
        )
    if undone:
        return fails(
            f"{len(undone)} of {len(jobs)} jobs of {workload} were accepted and not done",
            "hand every step over before the answer, and do each through workers.perform",
        )
    return None


def _by_the_services(
    workload: str, wanted: Mapping[str, int], found: Mapping[str, int]
) -> Line | None:
    """Return in what the effects differ from those where the request itself does the work."""
    for kind in sorted({*wanted, *found}):
        right, number = wanted.get(kind, 0), found.get(kind, 0)
        if number != right and kind in wanted:
            return fails(
                f"{JOBS} jobs of {workload} left {number} {kind}, where {right} are right",
                "do each step through workers.perform, and nothing of it beside that",
            )
    return None
