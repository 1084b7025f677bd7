"""A whole worker is killed, parent and children; its supervisor restarts it."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, System


def strike(system: System) -> None:
    """Kill it without warning."""
    system.kill(Role.WORKER)
    system.pass_time(DOWN_S)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -s SIGKILL, start")
