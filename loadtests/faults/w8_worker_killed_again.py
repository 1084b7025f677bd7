"""A worker is killed at random phases, again and again."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, System

KILLS = 5
# After a restart it must have begun to work again; it is then hit at a random phase.
BOOT_S, PHASE_S = 10.0, 1.0


def strike(system: System) -> None:
    """Kill it, start it, and let it work for a time drawn from the seed."""
    for number in range(KILLS):
        if number:
            system.wait_for_work(BOOT_S)
            system.pass_time(system.random.uniform(0, PHASE_S))
        system.kill(Role.WORKER)
        system.pass_time(DOWN_S)
        system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -s SIGKILL, start, again and again")
