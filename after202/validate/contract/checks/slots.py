"""Slots: that many jobs run at the same time, and no more."""

from collections.abc import Iterable, Iterator

from after202.kernel.ledger import Event, EventKind
from after202.validate.contract.line import Line, fails, passes, untried
from after202.validate.contract.system import System

WORKLOAD, ROUNDS = "slow", 4


def check(system: System) -> Iterator[Line]:
    """Ask for several times as many slow jobs as there are slots, and see how many overlap."""
    if not system.has_worker:
        yield untried("the API does the work, which has no slots")
        return
    jobs = system.submit(WORKLOAD, ROUNDS * system.slots)
    system.settle({WORKLOAD: jobs})
    most = overlap(event for of_it in system.events(jobs).values() for event in of_it)
    if most == system.slots:
        yield passes(f"{most} of {len(jobs)} jobs ran at the same time, and no more")
    elif most > system.slots:
        yield fails(
            f"{most} jobs ran at the same time where the wiring says {system.slots}",
            "a worker may do as many jobs at a time as settings().slots says, all processes and"
            " threads together",
        )
    else:
        yield fails(
            f"no more than {most} of {len(jobs)} jobs ran at the same time where the wiring says"
            f" {system.slots}",
            "run as many processes or threads as settings().slots says",
        )


def overlap(events: Iterable[Event]) -> int:
    """Return how many steps were under way at the same time, at most."""
    running = most = 0
    # An end and a start at the same moment do not overlap.
    for event in sorted(events, key=lambda one: (one.at_ns, one.kind is EventKind.START)):
        running += 1 if event.kind is EventKind.START else -1
        most = max(most, running)
    return most
