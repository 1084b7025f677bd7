"""A process that does a job is killed, its worker is not: what the kernel does out of memory."""

from after202.records.experiment import Role
from loadtests.faults import Fault, System


def strike(system: System) -> None:
    """Kill one of those that are busy."""
    system.kill_busy(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -9 of its process")
