"""A worker freezes while jobs are enqueued, and is killed with them in flight."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, Seconds, System

FROZEN_S = 1.5


def strike(system: System, frozen_s: Seconds = FROZEN_S, down_s: Seconds = DOWN_S) -> None:
    """Let the load go on while the worker is frozen."""
    system.freeze(Role.WORKER)
    system.pass_time(frozen_s)
    system.kill(Role.WORKER)
    system.pass_time(down_s)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="pause, kill -s SIGKILL, start")
