"""A deploy of the API: TERM, a grace that the jobs exceed, KILL; then it is started again."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, GRACE_S, Fault, System


def strike(system: System) -> None:
    """Wait only as long as the variant has a supervisor wait."""
    system.stop(Role.API, system.grace_s(GRACE_S))
    system.pass_time(DOWN_S)
    system.start(Role.API)


FAULT = Fault(hits=Role.API, strike=strike, compose="stop, start")
