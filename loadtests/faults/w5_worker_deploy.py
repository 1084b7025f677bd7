"""A deploy of the worker: TERM, a grace shorter than the jobs, KILL; then it is restarted."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, GRACE_S, Fault, System


def strike(system: System) -> None:
    """Wait for too short a time, whatever the variant, as if the grace was misjudged."""
    system.stop(Role.WORKER, GRACE_S)
    system.pass_time(DOWN_S)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="stop, start")
