"""One job kills the process that does it, however often it is tried."""

from after202.records.experiment import Role
from loadtests.faults import Fault, nothing

FAULT = Fault(hits=Role.JOB, strike=nothing, compose="the same", workload="poison")
