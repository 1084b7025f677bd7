"""The broker's memory is full for some seconds: it refuses writes, and then has room again."""

from after202.records.experiment import Reach, Role
from loadtests.faults import Fault, Seconds, System

FULL_S = 5.0


def strike(system: System, full_s: Seconds = FULL_S) -> None:
    """Fill it as another application's data would, and delete that data again."""
    system.fill(Role.BROKER)
    system.pass_time(full_s)
    system.free(Role.BROKER)


FAULT = Fault(
    hits=Role.BROKER,
    strike=strike,
    compose="CONFIG SET maxmemory, SETRANGE, DEL",
    reach=Reach.OUTAGE,
    needs="fill",
)
