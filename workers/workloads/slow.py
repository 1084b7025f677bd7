"""A job that waits for half a second, like a call to a slow service: long enough to interrupt."""

from workers.workloads.wait import waiting

WORKLOAD = waiting("/slow", 0.5)
