"""The API is deployed: TERM, the grace that its variant asks for, KILL; then it is restarted."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, GRACE_S, Fault, System


def strike(system: System) -> None:
    """Wait for a time that is shorter than the jobs, unless the variant asks for more."""
    system.stop(Role.API, system.grace_s(GRACE_S))
    system.pass_time(DOWN_S)
    system.start(Role.API)


FAULT = Fault(hits=Role.API, strike=strike, compose="stop, start")
