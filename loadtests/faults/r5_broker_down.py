"""The broker is down for some seconds while jobs are submitted."""

from after202.records.experiment import Role
from loadtests.faults import PATIENCE_S, Fault, Seconds, System

AWAY_S = 5.0


def strike(system: System, away_s: Seconds = AWAY_S) -> None:
    """Stop it, and start it again late."""
    system.stop(Role.BROKER, PATIENCE_S)
    system.pass_time(away_s)
    system.start(Role.BROKER)


FAULT = Fault(hits=Role.BROKER, strike=strike, compose="stop, start")
