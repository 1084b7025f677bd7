"""A deploy of the worker: TERM, a grace that the jobs exceed, KILL; then it is started again."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, GRACE_S, Fault, System


def strike(system: System) -> None:
    """Wait for too short a time, whatever the variant: the grace was misjudged."""
    system.stop(Role.WORKER, GRACE_S)
    system.pass_time(DOWN_S)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="stop, start")
