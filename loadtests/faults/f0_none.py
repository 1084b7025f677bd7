"""None: the control, in which nothing goes wrong."""

from loadtests.faults import Fault, nothing

FAULT = Fault(hits=None, strike=nothing, compose="nothing")
