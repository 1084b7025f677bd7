"""The broker restarts gracefully: it is asked to end, and starts again on the same data."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, PATIENCE_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Give it time to write what it saves when it stops."""
    system.stop(Role.BROKER, PATIENCE_S)
    system.pass_time(down_s)
    system.start(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="restart")
