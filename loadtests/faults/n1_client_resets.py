"""Clients reset their connections after they have sent a request, before the answer."""

from after202.records.experiment import Role
from loadtests.faults import Fault, System, Times

REQUESTS = 10


def strike(system: System, requests: Times = REQUESTS) -> None:
    """Send requests whose answers nobody waits for."""
    system.reset_requests(requests)


FAULT = Fault(hits=Role.CLIENT, strike=strike, compose="the same")
