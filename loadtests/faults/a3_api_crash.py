"""The API crashes: KILL; its supervisor restarts it."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, System


def strike(system: System) -> None:
    """Kill it without warning."""
    system.kill(Role.API)
    system.pass_time(DOWN_S)
    system.start(Role.API)


FAULT = Fault(hits=Role.API, strike=strike, compose="kill -s SIGKILL, start")
