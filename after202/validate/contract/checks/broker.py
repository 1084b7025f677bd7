"""Broker: where it is dead, a request is answered 5xx soon, and nothing is known of the queue.

What is accepted all the same was stored elsewhere, and is done once the broker is back.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from uuid import UUID

from after202.kernel.errors import TrialError
from after202.kernel.ledger import EventKind
from after202.kernel.model import DOCUMENTED
from after202.records.experiment import Role
from after202.validate.contract.line import Line, Verdict, fails, noted, passes, untried
from after202.validate.contract.system import Answered, System

SOON_S = 10.0
BEFORE = "empty"


def check(system: System) -> Iterator[Line]:
    """Kill the broker, and ask for a job of each workload that is submitted in a way of its own."""
    if Role.BROKER not in system.stack.roles:
        yield untried("the strategy has no broker")
        return
    system.settle({BEFORE: system.submit(BEFORE, 1)})
    system.stack.roles[Role.BROKER].kill()
    yield next(_dead(system))


def _dead(system: System) -> Iterator[Line]:
    """Yield the first thing that is wrong, or that nothing is."""
    slowest_s = 0.0
    jobs = []
    accepted: dict[str, list[UUID]] = {}
    for workload in _different(system):
        try:
            (answer,) = system.ask(workload, 1)
        except TrialError as error:
            yield _waits(system, f"{workload} had no answer: {error}")
            return
        jobs.append(answer.job_id)
        slowest_s = max(slowest_s, answer.took_s)
        if answer.status == HTTPStatus.ACCEPTED:
            accepted[workload] = [answer.job_id]
        else:
            yield from _wrong(system, workload, answer)
    if system.events(jobs):
        yield fails("a job was refused and begun all the same", "enqueue it, or refuse it")
    if not system.stack.api.is_up():
        yield fails("the API no longer answers", "a dead broker must end a request, not the API")
    told = system.look() if system.facts.inspected else None
    later = _done_later(system, accepted) if accepted else None
    if later and later.verdict == Verdict.FAILS:
        yield later
    if told is not None:
        yield fails(
            f"held(wiring) tells {told}",
            "return None if the broker does not answer: nothing there is not nothing known",
        )
    yield later or passes(
        f"{len(jobs)} workloads answered 5xx, the slowest after {slowest_s:.1f} s; held tells"
        " nothing"
    )


def _done_later(system: System, accepted: Mapping[str, list[UUID]]) -> Line:
    """Start the broker again, and return whether what was accepted without it is done.

    The worker is started again too: some end with their broker, sooner or later.
    """
    system.stack.start(Role.BROKER)
    if Role.WORKER in system.stack.roles:
        system.stack.roles[Role.WORKER].kill()
        system.stack.start(Role.WORKER)
    settled = system.settle(accepted)
    if settled and all(_is_done(system, *one) for one in accepted.items()):
        return passes(f"{len(accepted)} workloads were accepted, and done once the broker was back")
    return fails(
        f"{', '.join(accepted)} was answered 202 while the broker was dead, and never done",
        "wait until the broker has the message: what is not enqueued is not accepted",
    )


def _is_done(system: System, workload: str, jobs: list[UUID]) -> bool:
    ended = [
        (job, event.step)
        for job, events in system.events(jobs).items()
        for event in events
        if event.kind is EventKind.END
    ]
    return len(set(ended)) == len(jobs) * len(system.offers[workload].steps)


def _different(system: System) -> list[str]:
    """Return a workload for each number of steps, ordered or not."""
    found = {(len(offer.steps), offer.ordered): name for name, offer in system.offers.items()}
    return sorted(found.values())


def _wrong(system: System, workload: str, answer: Answered) -> Iterator[Line]:
    if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        yield fails(
            f"{workload} was answered {answer.status} while the broker was dead",
            "a dead broker is an error of the server",
        )
    elif answer.took_s > SOON_S:
        late = f"{workload} was answered {answer.status} only after {answer.took_s:.0f} s"
        yield _waits(system, late)


def _waits(system: System, found: str) -> Line:
    """Return that a request waits for its dead broker, as a library may until it is hardened."""
    if system.variant == DOCUMENTED:
        return noted(f"{found}; as documented the library waits for its broker")
    return fails(
        found, f"have its client give up within {SOON_S:g} s, as a setting with its reason"
    )
