"""A worker freezes while jobs are enqueued, and is killed with them in flight."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, System

FROZEN_S = 1.5


def strike(system: System) -> None:
    """Let the load go on while the worker is frozen."""
    system.freeze(Role.WORKER)
    system.pass_time(FROZEN_S)
    system.kill(Role.WORKER)
    system.pass_time(DOWN_S)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="pause, kill -s SIGKILL, start")
