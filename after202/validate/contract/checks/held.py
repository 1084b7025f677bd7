"""Held: `held` tells what a real queue holds, in each state of it."""

import time
from collections.abc import Callable, Collection, Iterator
from uuid import UUID

from after202.kernel.ledger import Event, EventKind
from after202.kernel.model import Look
from after202.records.experiment import Role
from after202.validate.contract.line import Line, fails, passes, untried
from after202.validate.contract.system import System, steps

WORKLOAD = "slow"
STOPPED_S, BORN_S, AGREES_S = 60.0, 30.0, 10.0
# What was taken from the queue for a free slot begins this soon.
ON_ITS_WAY_S, POLL_S = 0.2, 0.1
WHERE = "see the list of the queue's functions in docs/adding.md"


def check(system: System) -> Iterator[Line]:
    """Look while no worker runs, while one is at work, and when all is done."""
    if not system.has_worker and not system.facts.broker:
        yield untried("the API does the work: nothing is held outside its processes")
        return
    if not system.facts.inspected:
        yield fails(
            "the strategy's file in workers/ has no held(wiring)",
            f"without it every verdict on loss is unknown; {WHERE}",
        )
        return
    yield next(_states(system))


def _states(system: System) -> Iterator[Line]:
    """Yield the first thing that is wrong, or that nothing is."""
    number = 2 * system.slots + 2
    if system.has_worker:
        if not system.stack.roles[Role.WORKER].stop(STOPPED_S):
            yield fails(f"an idle worker did not end within {STOPPED_S:g} s of TERM", "end on TERM")
        jobs = system.submit(WORKLOAD, number)
        yield from _queued(system, jobs)
        system.stack.start(Role.WORKER)
    else:
        jobs = system.submit(WORKLOAD, number)
    if not system.began(jobs, BORN_S):
        yield fails(f"nothing was begun in {BORN_S:g} s", "see the worker's or the API's log")
    look, looked_ns = system.look(), time.monotonic_ns()
    time.sleep(ON_ITS_WAY_S)
    running, wrong = _in_progress(look, looked_ns, system.events(jobs), jobs)
    yield from wrong
    system.settle({WORKLOAD: jobs})
    yield from _done(system)
    waiting = f"{number} jobs that wait, " if system.has_worker else ""
    yield passes(f"{waiting}those that were taken ({running}), and none when all are done")


def _queued(system: System, jobs: Collection[UUID]) -> Iterator[Line]:
    """Require that exactly the jobs that wait are held."""
    wanted = set(map(str, jobs))

    def agrees(look: Look | None) -> bool:
        return look is not None and look.held.keys() == wanted and not look.unread

    look = _awaited(system, agrees)
    if not agrees(look):
        yield fails(
            f"{len(jobs)} jobs wait while no worker runs, and held(wiring) tells"
            f" {_told(look, wanted)}",
            f"read every structure in which messages wait, and take the job's own id; {WHERE}",
        )


def _in_progress(
    look: Look | None, looked_ns: int, events: dict[UUID, list[Event]], jobs: Collection[UUID]
) -> tuple[str, Iterator[Line]]:
    """Return what is known of jobs that run, and what is wrong with those that have not begun."""
    there = look or Look()
    began = {job: found[0].at_ns for job, found in events.items()}
    ended = {
        job: max(one.at_ns for one in found)
        for job, found in events.items()
        if steps(found, EventKind.END)
    }
    soon_ns = looked_ns + int(ON_ITS_WAY_S * 1e9)
    waiting = [job for job in jobs if began.get(job, soon_ns + 1) > soon_ns]
    missing = [job for job in waiting if str(job) not in there.held]
    at_work = [
        job for job, at_ns in began.items() if at_ns < looked_ns < ended.get(job, soon_ns + 1)
    ]
    held = sum(str(job) in there.held for job in at_work)
    running = f"{held} of the {len(at_work)} at work"

    def wrong() -> Iterator[Line]:
        if look is None or there.unread or missing:
            yield fails(
                f"{len(waiting)} jobs have not begun, and held(wiring) does not tell"
                f" {len(missing)} of them ({_told(look, set())})",
                "a worker may have fetched them ahead: read what it has not acknowledged, too;"
                f" {WHERE}",
            )

    return running, wrong()


def _done(system: System) -> Iterator[Line]:
    """Require that nothing is held, or kept as failed, when all jobs are done."""
    look = _awaited(system, lambda found: found == Look())
    if look != Look():
        yield fails(
            f"all jobs are done, and held(wiring) tells {_told(look, set())} {AGREES_S:g} s later",
            "leave out results and registries of what is done, and acknowledge what is done",
        )


def _awaited(system: System, agrees: Callable[[Look | None], bool]) -> Look | None:
    """Look until an answer agrees, for a while: a message may be on its way."""
    deadline_s = time.monotonic() + AGREES_S
    while not agrees(found := system.look()) and time.monotonic() < deadline_s:
        time.sleep(POLL_S)
    return found


def _told(look: Look | None, wanted: Collection[str]) -> str:
    if look is None:
        return "None, as if the broker did not answer"
    strange = f", {len(look.held.keys() - set(wanted))} of other jobs" if wanted else ""
    return (
        f"{len(look.held)} held{strange}, {len(look.failed)} failed, {look.unread} whose job cannot"
        " be told"
    )
