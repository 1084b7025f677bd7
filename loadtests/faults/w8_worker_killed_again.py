"""A worker is killed at random phases, again and again."""

import time

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, Seconds, System, Times

KILLS = 5
# After a restart it must have begun to work again; it is then hit at a random phase.
BOOT_S, PHASE_S = 10.0, 1.0


def strike(
    system: System,
    times: Times = KILLS,
    every_s: Seconds = 0.0,
    phase_s: Seconds = PHASE_S,
    down_s: Seconds = DOWN_S,
) -> None:
    """Kill it, start it, and let it work until the next kill.

    That comes once the worker has begun to work, `every_s` after the last kill at the earliest, and
    then up to `phase_s` later, drawn from the seed.
    """
    killed_s = 0.0
    for number in range(times):
        if number:
            system.wait_for_work(BOOT_S)
            left_s = max(killed_s + every_s - time.monotonic(), 0)
            system.pass_time(left_s + system.random.uniform(0, phase_s))
        killed_s = time.monotonic()
        system.kill(Role.WORKER)
        system.pass_time(down_s)
        system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -s SIGKILL, start, again and again")
