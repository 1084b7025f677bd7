"""The broker is down, and the API is killed while requests have stored their row but not their job.

A request that stores a row of its own commits it first, and submits its job after that. Between the
two the broker is away: the request fails, or waits for it until the API is killed. Then both are
started again. What is left of such a request is a row without a job.
"""

from after202.records.experiment import Reach, Role
from loadtests.faults import DOWN_S, PATIENCE_S, Fault, Seconds, System

AWAY_S = 2.0


def strike(system: System, away_s: Seconds = AWAY_S, down_s: Seconds = DOWN_S) -> None:
    """Stop the broker, kill the API during its outage, and start both."""
    system.stop(Role.BROKER, PATIENCE_S)
    system.pass_time(away_s)
    system.kill(Role.API)
    system.start(Role.BROKER)
    system.pass_time(down_s)
    system.start(Role.API)


FAULT = Fault(
    hits=Role.BROKER,
    strike=strike,
    compose="stop, kill -s SIGKILL of the API, start",
    workload="order",
    reach=Reach.REQUESTS,
)
