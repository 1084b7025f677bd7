"""A worker stops gracefully: TERM to its main process, and as long as it needs."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, PATIENCE_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Wait for the worker to end by itself."""
    system.stop(Role.WORKER, PATIENCE_S)
    system.pass_time(down_s)
    system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="stop -t 120, start")
