"""The broker's clients lose their connections, again and again, but the broker never restarts."""

from after202.records.experiment import Role
from loadtests.faults import Fault, Seconds, System, Times

RESETS = 5
# Clients have connected again by then; the next reset meets their commands at a random phase.
EVERY_S, PHASE_S = 0.3, 0.7


def strike(
    system: System, times: Times = RESETS, every_s: Seconds = EVERY_S, phase_s: Seconds = PHASE_S
) -> None:
    """Close all connections together, as a proxy or a failover in front of the broker does.

    They are closed again after `every_s`, and up to `phase_s` more that are drawn from the seed.
    """
    for number in range(times):
        if number:
            system.pass_time(every_s + system.random.uniform(0, phase_s))
        system.disconnect(Role.BROKER)


FAULT = Fault(
    hits=Role.BROKER,
    strike=strike,
    compose="CLIENT KILL of each connection, repeated",
    needs="disconnect",
)
