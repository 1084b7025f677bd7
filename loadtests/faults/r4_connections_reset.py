"""The broker's clients lose their connections, again and again, but the broker never restarts."""

from after202.records.experiment import Role
from loadtests.faults import Fault, System

RESETS = 5
# Clients have connected again by then; the next reset meets their commands at a random phase.
BETWEEN_S, PHASE_S = 0.3, 0.7


def strike(system: System) -> None:
    """Close all connections at once, as a proxy or a failover in front of the broker does."""
    for number in range(RESETS):
        if number:
            system.pass_time(BETWEEN_S + system.random.uniform(0, PHASE_S))
        system.disconnect(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="CLIENT KILL of each connection, repeated")
