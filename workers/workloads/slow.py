"""A job that waits for half a second, as one that calls a slow service: it can be interrupted."""

from workers.workloads.wait import waiting

WORKLOAD = waiting("/slow", 0.5)
