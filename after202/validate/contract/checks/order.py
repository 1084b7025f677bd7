"""Order: no step of ordered work begins before the one before it has ended."""

from collections.abc import Iterator

from after202.kernel.ledger import EventKind
from after202.validate.contract.line import Line, fails, passes
from after202.validate.contract.system import System

JOBS = 5


def check(system: System) -> Iterator[Line]:
    """Ask for ordered work, one job at a time, and read the order from the ledger."""
    ordered = [name for name, offer in system.offers.items() if offer.ordered]
    for workload in ordered:
        jobs = system.submit(workload, JOBS)
        system.settle({workload: jobs})
        numbers = range(len(system.offers[workload].steps))
        wanted = [(kind, step) for step in numbers for kind in (EventKind.START, EventKind.END)]
        for job in jobs:
            found = [(one.kind, one.step) for one in system.events([job]).get(job, [])]
            if found != wanted:
                told = ", ".join(f"{step} {kind.name.lower()}" for kind, step in found)
                yield fails(
                    f"a job of {workload} had its steps as {told or 'none'}",
                    "chain ordered steps by the library's own means, or do all in one message",
                )
                return
    yield passes(f"{JOBS} jobs of {', '.join(ordered)}, each step after the end of the one before")
