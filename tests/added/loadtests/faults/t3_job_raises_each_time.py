"""Every job raises, under another name: a fault in the work itself that was dropped in."""

from after202.records.experiment import Role
from loadtests.faults import Fault, nothing

FAULT = Fault(hits=Role.JOB, strike=nothing, compose="the same", workload="raises")
