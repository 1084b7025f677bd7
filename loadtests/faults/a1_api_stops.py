"""The API stops gracefully: TERM, and as long as it needs; then it is restarted."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, PATIENCE_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = DOWN_S) -> None:
    """Wait for the API to end by itself."""
    system.stop(Role.API, PATIENCE_S)
    system.pass_time(down_s)
    system.start(Role.API)


FAULT = Fault(hits=Role.API, strike=strike, compose="stop -t 60, start")
