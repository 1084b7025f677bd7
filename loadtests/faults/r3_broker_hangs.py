"""The broker hangs for some seconds with its connections open, and then resumes."""

from after202.records.experiment import Role
from loadtests.faults import Fault, Seconds, System

HANGS_S = 8.0


def strike(system: System, hangs_s: Seconds = HANGS_S) -> None:
    """Freeze it for longer than a careful client waits."""
    system.freeze(Role.BROKER)
    system.pass_time(hangs_s)
    system.thaw(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="pause, unpause")
