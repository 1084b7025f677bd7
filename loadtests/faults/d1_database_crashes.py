"""The database that jobs write to crashes: KILL, and a start that recovers from its log."""

from after202.records.experiment import Reach, Role
from loadtests.faults import DOWN_S, Fault, Seconds, System

# PostgreSQL logs this when it finds that it was not shut down.
RECOVERS = "automatic recovery in progress"


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Kill all of its processes; a start without crash recovery would not have been a crash."""
    system.kill(Role.DATABASE)
    system.pass_time(down_s)
    system.start(Role.DATABASE)
    system.await_log(Role.DATABASE, RECOVERS)


FAULT = Fault(
    hits=Role.DATABASE,
    strike=strike,
    compose="kill -s SIGKILL, start",
    workload="slow_insert",
    reach=Reach.OUTAGE,
)
