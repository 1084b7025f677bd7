"""Every job raises twice, and succeeds on the third try."""

from after202.records.experiment import Role
from loadtests.faults import Fault, nothing

FAULT = Fault(hits=Role.JOB, strike=nothing, compose="the same", workload="raises_twice")
