"""The broker restarts gracefully: TERM, and started on the same data."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, PATIENCE_S, Fault, System


def strike(system: System) -> None:
    """Let it write what it writes at its end."""
    system.stop(Role.BROKER, PATIENCE_S)
    system.pass_time(DOWN_S)
    system.start(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="restart")
