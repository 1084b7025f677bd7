"""A whole worker is killed, parent and children; its supervisor restarts it."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Kill it without warning."""
    system.kill(Role.WORKER)
    system.pass_time(down_s)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -s SIGKILL, start")
