"""Jobs outlast the visibility timeout of the hardened queues: nothing else goes wrong."""

from loadtests.faults import Fault, nothing

FAULT = Fault(hits=None, strike=nothing, compose="nothing", workload="long")
