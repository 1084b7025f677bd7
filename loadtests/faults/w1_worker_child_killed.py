"""A process that does a job is killed, but not its worker, as when the kernel is out of memory."""

from after202.records.experiment import Role
from loadtests.faults import Fault, System


def strike(system: System) -> None:
    """Kill one of the busy processes."""
    system.kill_busy(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -9 of its process")
