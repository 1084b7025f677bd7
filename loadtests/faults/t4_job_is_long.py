"""Nothing goes wrong, but jobs last longer than the hardened queues' visibility timeout."""

from loadtests.faults import Fault, nothing

FAULT = Fault(hits=None, strike=nothing, compose="nothing", workload="long")
