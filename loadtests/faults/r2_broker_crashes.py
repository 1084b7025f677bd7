"""The broker crashes: KILL, and a start on the same data."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Kill it without warning."""
    system.kill(Role.BROKER)
    system.pass_time(down_s)
    system.start(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="kill -s SIGKILL, start")
