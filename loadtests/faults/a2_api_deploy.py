"""The API is deployed: TERM, the grace that its variant asks for, KILL; then it is restarted."""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, GRACE_S, Fault, Seconds, System


def strike(system: System, grace_s: Seconds = GRACE_S, down_s: Seconds = DOWN_S) -> None:
    """Wait for `grace_s`, which is shorter than the jobs, unless the variant asks for more."""
    system.stop(Role.API, system.grace_s(grace_s))
    system.pass_time(down_s)
    system.start(Role.API)


FAULT = Fault(hits=Role.API, strike=strike, compose="stop, start")
