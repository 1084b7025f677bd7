"""A worker is killed at a random phase, and again, and again."""

from bench.model import Role
from loadtests.faults import DOWN_S, Fault, System

KILLS = 5
# It must have begun to work, and is hit at any phase of it.
LEAST_S, MOST_S = 1.5, 3.0


def strike(system: System) -> None:
    """Kill it, start it, and let it work for a while that is drawn from the seed."""
    for number in range(KILLS):
        if number:
            system.pass_time(system.random.uniform(LEAST_S, MOST_S))
        system.kill(Role.WORKER)
        system.pass_time(DOWN_S)
        system.start(Role.WORKER)


FAULT = Fault(hits=Role.WORKER, strike=strike, compose="kill -s SIGKILL, start, again and again")
