"""The API crashes: KILL; its supervisor restarts it."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Kill it without warning."""
    system.kill(Role.API)
    system.pass_time(down_s)
    system.start(Role.API)


FAULT = Fault(hits=Role.API, strike=strike, compose="kill -s SIGKILL, start")
