"""The broker hangs for some seconds with its connections open, and then resumes."""

from after202.records.experiment import Role
from loadtests.faults import Fault, System

HANGS_S = 8.0


def strike(system: System) -> None:
    """Freeze it for longer than a careful client waits."""
    system.freeze(Role.BROKER)
    system.pass_time(HANGS_S)
    system.thaw(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="pause, unpause")
